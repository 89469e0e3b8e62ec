import Bytes

extension PackedBags {
  /// Changes every row in place, in Double, narrowed to float32 again: a normaliser that was fitted on these bags.
  /// Throws `BagsError` for a value that float32 can't hold.
  public func transform(_ change: RowTransform) throws {
    var row = [Double](repeating: 0, count: width)
    for instance in 0..<instanceCount {
      let values = mutableRow(instance)
      for column in 0..<width { row[column] = Double(values[column]) }
      try row.withUnsafeMutableBufferPointer { try change($0) }
      for column in 0..<width {
        values[column] = Float(row[column])
        if !values[column].isFinite {
          let name = schema?.names[column] ?? "feature \(column + 1)"
          throw BagsError(.tooLarge(row[column], feature: name, id: "instance \(instance + 1)"))
        }
      }
    }
  }

  /// SHA-256, in hexadecimal, of what is trained on: each bag's key, label, size and weight, and all features as
  /// float32.
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
    return SHA256.hex(hash.finish())
  }
}
