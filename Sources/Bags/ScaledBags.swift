import Arrays
import Features

/// Packed bags as a model reads them: a view that scales. The bags stay raw, so that another fold can have another
/// scale. Memory: the features of the partners once more; what is of both partners is scaled while a batch is made.
public struct ScaledBags: BatchStore {
  /// The raw bags.
  public let bags: PackedBags
  let view: RowView

  /// The number of bags.
  public var count: Int { bags.count }
  /// The features of the instances, as the port `x`.
  public var ports: [PortSpec] { bags.ports }
  /// The number of instances of a bag.
  public func size(of unit: Int) -> Int { bags.size(of: unit) }
  /// The labels of bags, weight 0 where one has none.
  public func targets(of units: [Int]) -> Targets { bags.targets(of: units) }
  /// A batch of these bags in this order, scaled; then sides are exchanged where `draw` says so.
  public func batch(_ units: [Int], _ draw: Draw?) -> Batch { bags.batch(units, draw, view) }
}

/// The change of rows when a batch is made: the values of partners are at hand, those of both partners change then;
/// or whole rows do, where a scale looks at several columns of a row.
struct RowView: Sendable {
  /// The change of a whole row.
  let packer: RowPacker
  /// The changed values of the partners; nil where whole rows are changed.
  var partners: ScaledPartners?
  /// The change of the columns of both partners; nil where there is none.
  var shared: RowPacker?
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
  /// Every value is scaled once to see that it can be. Throws `BagsError` for one that Float32 can't hold, and
  /// `ScalingError` for one that a method can't take.
  public func scaled(by normalizer: Normalizer, fillsMeans: Bool = false) throws -> ScaledBags {
    let scale = RowPacker.Scale.normalizer(normalizer, fillsMeans: fillsMeans)
    return ScaledBags(bags: self, view: try view(RowPacker(width: width, names: schema?.names, scale: scale)))
  }

  /// The bags with missing values replaced by the mean of their feature over the instances of some of them, 0 where
  /// these have none: of the bags that train, so that nothing of the others comes into them.
  public func filled(from bags: [Int]) throws -> ScaledBags {
    var sums = [Double](repeating: 0, count: width)
    var known = [Int](repeating: 0, count: width)
    for bag in bags {
      eachRow(of: bag) { row in
        for (feature, value) in row.enumerated() where !value.isNaN {
          sums[feature] += Double(value)
          known[feature] += 1
        }
      }
    }
    let means = (0..<width).map { known[$0] > 0 ? columnOffset($0) + sums[$0] / Double(known[$0]) : 0 }
    return ScaledBags(bags: self, view: try view(RowPacker(width: width, names: schema?.names, scale: .means(means))))
  }
}

// MARK: Rows after a change

extension PackedBags {
  /// Changes the columns of both partners in a row in place; returns the first that does not fit.
  func pack(
    _ row: UnsafeMutableBufferPointer<Float>, _ packer: RowPacker, _ narrowed: UnsafeMutableBufferPointer<Float>,
    _ scratch: UnsafeMutableBufferPointer<Double>
  ) throws -> Int? {
    let columns = rows.parts.both.columns
    for (place, column) in columns.enumerated() { scratch[place] = Double(row[column]) + columnOffset(column) }
    let values = UnsafeMutableBufferPointer(rebasing: scratch[..<columns.count])
    let fault = try packer.pack(values, into: UnsafeMutableBufferPointer(rebasing: narrowed[..<columns.count]))
    for (place, column) in columns.enumerated() { row[column] = narrowed[place] }
    return fault
  }

  /// The rows after a change.
  func view(_ packer: RowPacker) throws -> RowView {
    func fault(_ instance: Int, _ column: Int, _ value: Double) -> BagsError {
      let name = schema?.names[column] ?? "feature \(column + 1)"
      return BagsError(.tooLarge(value, feature: name, id: "instance \(instance + 1)"))
    }
    let parts = rows.parts
    guard let a = packer.restricted(to: parts.first.columns), let b = packer.restricted(to: parts.second.columns),
      let both = packer.restricted(to: parts.both.columns)
    else {
      try eachScratch { narrowed, scratch in
        for instance in 0..<instanceCount {
          copyRow(instance, into: scratch)
          if let column = try packer.pack(scratch, into: UnsafeMutableBufferPointer(rebasing: narrowed[..<width])) {
            throw fault(instance, column, scratch[column])
          }
        }
      }
      return RowView(packer: packer)
    }
    let partners = try rows.scaled(a, b, offsets: columnOffsets, fault: fault)
    if parts.both.columns.isEmpty { return RowView(packer: packer, partners: partners) }
    try eachScratch { narrowed, scratch in
      let row = UnsafeMutableBufferPointer(rebasing: narrowed[..<width])
      for instance in 0..<instanceCount {
        rows.copy(instance, into: row)
        if let place = try pack(row, both, UnsafeMutableBufferPointer(rebasing: narrowed[width...]), scratch) {
          throw fault(instance, parts.both.columns[place], scratch[place])
        }
      }
    }
    return RowView(packer: packer, partners: partners, shared: both)
  }

  private func eachScratch(
    _ body: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Double>) throws -> Void
  ) rethrows {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { narrowed in
      try withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { try body(narrowed, $0) }
    }
  }
}
