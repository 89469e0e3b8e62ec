import Bytes

extension PackedBags {
  /// Changes every row in place, in Double, narrowed to float32 again: a normaliser that was fitted on these bags.
  /// Throws `BagsError` for a value that float32 can't hold.
  public func transform(_ change: RowTransform) throws {
    var row = [Double](repeating: 0, count: width)
    for instance in 0..<instanceCount {
      let values = mutableRow(instance)
      try row.withUnsafeMutableBufferPointer {
        copyRow(instance, into: $0)
        try change($0)
      }
      for column in 0..<width {
        values[column] = Float(row[column])
        if !values[column].isFinite {
          let name = schema?.names[column] ?? "feature \(column + 1)"
          throw BagsError(.tooLarge(row[column], feature: name, id: "instance \(instance + 1)"))
        }
      }
    }
    dropOffsets()
  }

  /// Replaces missing values by the mean of their feature over the instances of these bags, 0 where they have none: the
  /// bags that train, so that nothing of the others comes into them.
  public func fillGaps(from bags: [Int]) {
    precondition(columnOffsets.isEmpty, "a store whose offsets are part of its values")
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
    let means = (0..<width).map { known[$0] > 0 ? Float(sums[$0] / Double(known[$0])) : 0 }
    for instance in 0..<instanceCount {
      let values = mutableRow(instance)
      for feature in 0..<width where values[feature].isNaN { values[feature] = means[feature] }
    }
  }

  /// SHA-256, in hexadecimal, of what is trained on: each bag's key, label, size and weight, all features as float32,
  /// and the offsets of their columns where any has one.
  public var digest: String {
    var hash = SHA256()
    for bag in 0..<count {
      var facts = (
        keys[bag].littleEndian, labels[bag].bitPattern.littleEndian, Int32(size(of: bag)).littleEndian,
        weights[bag].bitPattern.littleEndian
      )
      withUnsafeBytes(of: &facts.0) { hash.update($0) }
      withUnsafeBytes(of: &facts.1) { hash.update($0) }
      withUnsafeBytes(of: &facts.2) { hash.update($0) }
      withUnsafeBytes(of: &facts.3) { hash.update($0) }
    }
    for instance in 0..<instanceCount { hash.update(UnsafeRawBufferPointer(row(instance))) }
    columnOffsets.withUnsafeBytes { hash.update($0) }
    return SHA256.hex(hash.finish())
  }
}
