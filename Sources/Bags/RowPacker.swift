import Arrays
import Features
import Records

/// Turns rows of raw features into the rows that a model reads, in training, scoring and explaining alike: fills and
/// scales a row in Double, then narrows it to Float32. An exchange of the sides of a pair comes after that, so every
/// path gives the same bytes.
public final class RowPacker: Sendable {
  /// The change of raw values before they are narrowed.
  public enum Scale: Sendable, Equatable {
    /// Values stay as they are.
    case none
    /// Missing values become these means, one per column; others stay as they are.
    case means([Double])
    /// Values are scaled; with `fillsMeans` missing ones become the mean of their column.
    case normalizer(Normalizer, fillsMeans: Bool)
  }

  /// The number of features of a row.
  public let width: Int
  /// The names of the features for messages; nil where they have none.
  public let names: [String]?
  /// The change of the values.
  public let scale: Scale
  /// Whether a value that is still missing after the change stays NaN; otherwise it is an error.
  public let keepsGaps: Bool
  /// Fills and scales a row in place. A closure, because taking the normaliser out of `scale` for each row would count
  /// the references of all its arrays, which costs as much as the scaling.
  let change: @Sendable (UnsafeMutableBufferPointer<Double>) throws -> Void

  /// A packer of rows of `width` features.
  public init(width: Int, names: [String]? = nil, scale: Scale = .none, keepsGaps: Bool = false) {
    (self.width, self.names, self.scale, self.keepsGaps) = (width, names, scale, keepsGaps)
    switch scale {
    case .none: change = { _ in }
    case .means(let means):
      change = { row in for column in row.indices where row[column].isNaN { row[column] = means[column] } }
    case .normalizer(let normalizer, let fillsMeans):
      change = { row in try normalizer.apply(row, fillsMeans: fillsMeans) }
    }
  }

  /// The packer of rows that hold only these columns; nil where the normaliser does not scale each column by itself.
  public func restricted(to columns: [Int]) -> RowPacker? {
    var part = scale
    switch scale {
    case .none: break
    case .means(let means): part = .means(columns.map { means[$0] })
    case .normalizer(let normalizer, let fillsMeans):
      guard let some = normalizer.restricted(to: columns) else { return nil }
      part = .normalizer(some, fillsMeans: fillsMeans)
    }
    return RowPacker(
      width: columns.count, names: names.map { names in columns.map { names[$0] } }, scale: part, keepsGaps: keepsGaps)
  }

  /// Scales a row in place and narrows it into `out`, both of `width` values.
  ///
  /// Returns the first column whose value is missing or too large for Float32, nil where all fit. Throws `ScalingError`
  /// for a value that the scale can't take.
  public func pack(
    _ row: UnsafeMutableBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Float>
  ) throws -> Int? {
    try change(row)
    return narrow(UnsafeBufferPointer(row), into: out)
  }

  /// Narrows a row; returns the first column whose value does not fit.
  func narrow(_ row: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Float>) -> Int? {
    // One pass that the compiler can vectorise; which value is at fault is asked only when one is.
    let exponent: UInt32 = 0x7F80_0000
    var faults: UInt32 = 0
    for feature in row.indices {
      let value = Float(row[feature])
      faults |= value.bitPattern & exponent == exponent ? 1 : 0
      out[feature] = value
    }
    guard faults != 0 else { return nil }
    return row.indices.first { !out[$0].isFinite && !(keepsGaps && out[$0].isNaN) }
  }

  /// A batch of these bags in this order: port `x` on the instances, segments `bag`, weight 0 where there is no label.
  ///
  /// Throws `BagsError` for a missing value, one too large for Float32 and for another number of features, and a
  /// `ScalingError` for a value that the scale can't take.
  public func batch(of records: [StreamRecord]) throws -> Batch {
    var segments: [Int32] = [0]
    for record in records {
      try check(record)
      segments.append(segments[segments.count - 1] + Int32(record.instances.count))
    }
    var x = Matrix(uninitializedRows: Int(segments[segments.count - 1]), columns: width)
    var scratch = [Double](repeating: 0, count: width)
    try x.withUnsafeMutableBufferPointer { out throws in
      for (place, record) in records.enumerated() {
        let rows = Int(segments[place]) * width..<Int(segments[place + 1]) * width
        try scratch.withUnsafeMutableBufferPointer {
          try pack(record, scratch: $0, change) {
            UnsafeMutableBufferPointer(rebasing: out[rows.lowerBound + $0 * width..<rows.lowerBound + ($0 + 1) * width])
          }
        }
      }
    }
    return Batch(
      bags: segments, x: x, label: records.map { Float($0.label ?? 0) },
      weight: records.map { $0.label == nil ? 0 : Float($0.weight ?? 1) })
  }

  /// Packs all rows of a bag that has been checked, each to where `place` says; `change` acts on each row in Double
  /// before it is narrowed, `take` gets its number once it is packed.
  func pack(
    _ record: StreamRecord, scratch: UnsafeMutableBufferPointer<Double>,
    _ change: (UnsafeMutableBufferPointer<Double>) throws -> Void,
    into place: (Int) -> UnsafeMutableBufferPointer<Float>, take: (Int) throws -> Void = { _ in }
  ) throws {
    try record.values.withUnsafeBufferPointer { values in
      for row in record.instances.indices {
        _ = scratch.update(fromContentsOf: values[row * width..<(row + 1) * width])
        do {
          try change(scratch)
        } catch let error as ScalingError { throw error.at(record, row: row) }
        if let feature = narrow(UnsafeBufferPointer(scratch), into: place(row)) {
          throw fault(record, row: row, feature: feature)
        }
        try take(row)
      }
    }
  }

  /// Throws `BagsError` for a bag with another number of features.
  func check(_ record: StreamRecord) throws {
    guard record.values.count == record.instances.count * width else {
      throw BagsError(.otherWidth(record.width, expected: width), at: record.place)
    }
  }

  /// The error for a value of a bag that does not fit.
  private func fault(_ record: StreamRecord, row: Int, feature: Int) -> BagsError {
    let value = record.values[row * record.width + feature]
    let name = names.map { $0[feature] } ?? "feature \(feature + 1)"
    let id = record.instances[row].id
    return BagsError(
      value.isNaN ? .missingValue(feature: name, id: id) : .tooLarge(value, feature: name, id: id), at: record.place)
  }
}

extension StreamRecord {
  /// The number of features of an instance.
  var width: Int { instances.isEmpty ? 0 : values.count / instances.count }
}
