import Arrays
import Features
import Records

/// Packs a few bags into a batch, for scoring a stream.
public enum Packing {
  /// A batch of these bags in this order: port `x` on the instances, segments `bag`, weight 0 where there is no label.
  ///
  /// With `swap` the sides of all bags are exchanged. Exchange comes first, `normalize` second, narrowing to float32
  /// last, so that scoring both orders and taking the mean is symmetric whatever the normaliser. Throws `BagsError`
  /// for a missing value, one too large for float32 and for another number of features.
  public static func batch(
    of records: [StreamRecord], width: Int, names: [String]? = nil, swap: ColumnSwap? = nil,
    normalize: RowTransform? = nil
  ) throws -> Batch {
    var segments: [Int32] = [0]
    for record in records {
      guard record.values.count == record.instances.count * width else {
        throw BagsError(.otherWidth(record.width, expected: width), at: record.place)
      }
      segments.append(segments[segments.count - 1] + Int32(record.instances.count))
    }
    var x = Matrix(uninitializedRows: Int(segments[segments.count - 1]), columns: width)
    var rows = RowBuffers(width: width)
    try x.withUnsafeMutableBufferPointer { out throws in
      for (place, record) in records.enumerated() {
        let start = Int(segments[place]) * width
        let end = Int(segments[place + 1]) * width
        try rows.narrow(
          record, into: UnsafeMutableBufferPointer(rebasing: out[start..<end]), names: names, swap: swap,
          normalize: normalize)
      }
    }
    return Batch(
      bags: segments, x: x, label: records.map { Float($0.label ?? 0) },
      weight: records.map { $0.label == nil ? 0 : Float($0.weight ?? 1) })
  }

  /// Normalises a row and narrows it to float32; throws the error of `fault` for the first value that is too large, or
  /// missing unless `gaps`.
  public static func narrow(
    _ row: UnsafeBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Float>,
    scratch: UnsafeMutableBufferPointer<Double>, gaps: Bool = false, normalize: RowTransform?,
    fault: (Int) -> BagsError
  ) throws {
    var from = row
    if let normalize {
      if let start = row.baseAddress { scratch.baseAddress?.update(from: start, count: row.count) }
      try normalize(scratch)
      from = UnsafeBufferPointer(scratch)
    }
    // One pass that the compiler can vectorise; which value is at fault is asked only when one is.
    let exponent: UInt32 = 0x7F80_0000
    var faults: UInt32 = 0
    for feature in from.indices {
      let value = Float(from[feature])
      faults |= value.bitPattern & exponent == exponent ? 1 : 0
      out[feature] = value
    }
    guard faults != 0 else { return }
    for feature in from.indices where !out[feature].isFinite && !(gaps && out[feature].isNaN) { throw fault(feature) }
  }

  /// The error for a value of a bag that float32 cannot hold.
  static func fault(_ record: StreamRecord, row: Int, feature: Int, names: [String]?) -> BagsError {
    let value = record.values[row * record.width + feature]
    let name = names.map { $0[feature] } ?? "feature \(feature + 1)"
    let id = record.instances[row].id
    return BagsError(
      value.isNaN ? .missingValue(feature: name, id: id) : .tooLarge(value, feature: name, id: id), at: record.place)
  }

  /// Buffers for one row, reused for all rows of a batch.
  private struct RowBuffers {
    var raw: [Double]
    var scratch: [Double]

    init(width: Int) {
      raw = [Double](repeating: 0, count: width)
      scratch = raw
    }

    mutating func narrow(
      _ record: StreamRecord, into out: UnsafeMutableBufferPointer<Float>, names: [String]?, swap: ColumnSwap?,
      normalize: RowTransform?
    ) throws {
      let width = raw.count
      for row in record.instances.indices {
        let place = row * width..<(row + 1) * width
        record.values.withUnsafeBufferPointer { values in
          let from = UnsafeBufferPointer(rebasing: values[place])
          raw.withUnsafeMutableBufferPointer { raw in
            if let swap { swap.apply(to: from, into: raw) } else { _ = raw.update(from: from) }
          }
        }
        try raw.withUnsafeBufferPointer { raw in
          try scratch.withUnsafeMutableBufferPointer { scratch in
            do {
              try Packing.narrow(
                raw, into: UnsafeMutableBufferPointer(rebasing: out[place]), scratch: scratch, normalize: normalize
              ) { Packing.fault(record, row: row, feature: swap?.source[$0] ?? $0, names: names) }
            } catch let error as ScalingError { throw error.at(record, row: row) }
          }
        }
      }
    }
  }
}

extension StreamRecord {
  /// The number of features of an instance.
  var width: Int { instances.isEmpty ? 0 : values.count / instances.count }
}
