/// Makes BGZF of a text with blocks of any size, stored without compression (the SAM specification, section 4.1).
enum BGZFText {
  /// The text in blocks of these sizes, the last of them for all that is left; with the block that marks the end.
  static func archive(_ text: [UInt8], blocks: [Int]) -> [UInt8] {
    var archive: [UInt8] = []
    var start = 0
    for size in blocks + Array(repeating: 60_000, count: text.count / 60_000 + 1) where start < text.count {
      let end = min(text.count, start + size)
      archive += block(Array(text[start..<end]))
      start = end
    }
    return archive + end
  }

  private static let end: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x04, 0, 0, 0, 0, 0, 0xFF, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1B, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ]

  private static func block(_ text: [UInt8]) -> [UInt8] {
    func bytes(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let head: [UInt8] = [0x1F, 0x8B, 0x08, 0x04, 0, 0, 0, 0, 0, 0xFF, 0x06, 0, 0x42, 0x43, 0x02, 0]
    let stored = [1] + bytes(text.count, 2) + bytes(~text.count, 2) + text
    let size = head.count + 2 + stored.count + 8
    return head + bytes(size - 1, 2) + stored + bytes(Int(checksum(text)), 4) + bytes(text.count, 4)
  }

  /// CRC-32 as in RFC 1952, section 8.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~sum
  }
}
