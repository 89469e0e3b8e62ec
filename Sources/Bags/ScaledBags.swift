import Arrays
import Features

/// Packed bags as a model reads them: a view that scales rows while it makes a batch. The bags stay raw, so that
/// another fold can have another scale; memory: none beside the bags.
public struct ScaledBags: BatchStore {
  /// The raw bags.
  public let bags: PackedBags
  let packer: RowPacker

  /// The number of bags.
  public var count: Int { bags.count }
  /// The features of the instances, as the port `x`.
  public var ports: [PortSpec] { bags.ports }
  /// The number of instances of a bag.
  public func size(of unit: Int) -> Int { bags.size(of: unit) }
  /// The labels of bags, weight 0 where one has none.
  public func targets(of units: [Int]) -> Targets { bags.targets(of: units) }
  /// A batch of these bags in this order, scaled; then sides are exchanged where `draw` says so.
  public func batch(_ units: [Int], _ draw: Draw?) -> Batch { bags.batch(units, draw, packer) }
}

extension PackedBags {
  /// Fits a scale on the instances of some bags: those that train, so that nothing of the others comes into it.
  ///
  /// - Parameter source: the digest of the data, which the state of the scale records.
  /// - Throws: `ScalingError` for values that a method can't take.
  public func fit(_ plan: ScalingPlan, on bags: [Int], source: String) throws -> Normalizer {
    var fit = try NormalizerFit(plan, names: schema?.names, width: width)
    var row = [Double](repeating: 0, count: width)
    try row.withUnsafeMutableBufferPointer { row in
      for bag in bags {
        for instance in instances(of: bag) {
          copyRow(instance, into: row)
          try fit.add(UnsafeBufferPointer(row))
        }
      }
    }
    return try fit.normalizer(source: source)
  }

  /// The bags scaled by a normaliser; with `fillsMeans` missing values become the mean of their column.
  ///
  /// Every row is scaled once to see that it can be. Throws `BagsError` for a value that Float32 can't hold, and
  /// `ScalingError` for one that a method can't take.
  public func scaled(by normalizer: Normalizer, fillsMeans: Bool = false) throws -> ScaledBags {
    let packer = RowPacker(
      width: width, names: schema?.names, scale: .normalizer(normalizer, fillsMeans: fillsMeans))
    var row = [Double](repeating: 0, count: width)
    var narrowed = [Float](repeating: 0, count: width)
    try row.withUnsafeMutableBufferPointer { row in
      try narrowed.withUnsafeMutableBufferPointer { narrowed in
        for instance in 0..<instanceCount {
          copyRow(instance, into: row)
          guard let column = try packer.pack(row, into: narrowed) else { continue }
          let name = schema?.names[column] ?? "feature \(column + 1)"
          throw BagsError(.tooLarge(row[column], feature: name, id: "instance \(instance + 1)"))
        }
      }
    }
    return ScaledBags(bags: self, packer: packer)
  }

  /// The bags with missing values replaced by the mean of their feature over the instances of some of them, 0 where
  /// these have none: of the bags that train, so that nothing of the others comes into them.
  public func filled(from bags: [Int]) -> ScaledBags {
    var sums = [Double](repeating: 0, count: width)
    var known = [Int](repeating: 0, count: width)
    for bag in bags {
      for instance in instances(of: bag) {
        for (feature, value) in row(instance).enumerated() where !value.isNaN {
          sums[feature] += Double(value)
          known[feature] += 1
        }
      }
    }
    let means = (0..<width).map { known[$0] > 0 ? columnOffset($0) + sums[$0] / Double(known[$0]) : 0 }
    return ScaledBags(bags: self, packer: RowPacker(width: width, names: schema?.names, scale: .means(means)))
  }
}
