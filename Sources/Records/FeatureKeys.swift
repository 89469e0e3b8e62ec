import Bytes

/// The names of features as keys of a JSON object, each quoted and followed by a colon, concatenated.
struct FeatureKeys: Sendable {
  private var text: [UInt8] = []
  private var ends: [Int] = []

  init(_ names: [String]) {
    for name in names {
      JSON.append(quoted: name, to: &text)
      text.append(UInt8(ascii: ":"))
      ends.append(text.count)
    }
  }

  /// The byte range of the key of a feature.
  func range(_ feature: Int) -> Range<Int> { (feature == 0 ? 0 : ends[feature - 1])..<ends[feature] }

  /// The bytes of all keys.
  var bytes: [UInt8] { text }
}

extension TextBuffer {
  /// Appends the members of a sparse object: all features but those that are 0. Negative zero is written, as it reads
  /// back as another number; a value that is not finite is null.
  func append(_ values: UnsafeBufferPointer<Double>, keys: FeatureKeys) {
    keys.bytes.withUnsafeBufferPointer { text in
      var isFirst = true
      for (feature, value) in values.enumerated() where value.bitPattern != 0 {
        if !isFirst { append(byte: UInt8(ascii: ",")) }
        isFirst = false
        append(UnsafeBufferPointer(rebasing: text[keys.range(feature)]))
        appendCached(value, missing: "null")
      }
    }
  }
}
