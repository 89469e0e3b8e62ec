import CDigest

/// An incremental SHA-256 (FIPS 180-4), by the processor's SHA instructions where it has them.
public struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var block: [UInt8] = []
  private var length: UInt64 = 0
  private let isPlain: Bool

  /// Starts a digest; a plain one does not use the processor's SHA instructions.
  public init(plain: Bool = false) {
    isPlain = plain
    block.reserveCapacity(64)
  }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !block.isEmpty {
      let take = min(64 - block.count, bytes.count)
      block.append(contentsOf: bytes[0..<take])
      start = take
      guard block.count == 64 else { return }
      let full = block
      full.withUnsafeBytes { compress($0) }
      block.removeAll(keepingCapacity: true)
    }
    let whole = (bytes.count - start) / 64 * 64
    compress(UnsafeRawBufferPointer(rebasing: bytes[start..<start + whole]))
    block.append(contentsOf: bytes[(start + whole)...])
  }

  /// Adds the UTF-8 bytes of a text.
  public mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the digest of everything added so far.
  public func finish() -> [UInt8] {
    var last = self
    let bits = length &* 8
    var tail: [UInt8] = [0x80]
    tail.append(contentsOf: repeatElement(0, count: (119 - block.count) % 64))
    for shift in stride(from: 56, through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
    last.update(tail)
    return last.state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
  }

  /// Bytes as lower-case hex digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of a schema: the first 12 hex digits of SHA-256 over the names in order, each followed by LF.
  public static func digest12(of names: [String]) -> String {
    var digest = SHA256()
    for name in names {
      digest.update(name)
      digest.update("\n")
    }
    return hex(Array(digest.finish().prefix(6)))
  }

  /// Processes complete blocks.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    guard let start = blocks.baseAddress else { return }
    state.withUnsafeMutableBufferPointer { state in
      (isPlain ? cd_sha256_plain : cd_sha256)(state.baseAddress, start, blocks.count / 64)
    }
  }
}
