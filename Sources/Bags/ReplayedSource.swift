import Bytes

/// A block source whose first block can be inspected before it is read.
final class ReplayedSource: BlockSource {
  private let source: BlockSource
  private var block: [UInt8]
  private var position = 0

  init(_ source: BlockSource) throws {
    self.source = source
    var filled = 0
    block = [UInt8](repeating: 0, count: 1 << 16)
    // Blanks may come before the first byte that decides the form, or the first line decides it.
    repeat {
      let count = try block.withUnsafeMutableBytes {
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
      }
      filled += count
      if count == 0 { break }
    } while filled < block.count && !Self.hasLine(block[..<filled])
    block.removeLast(block.count - filled)
  }

  var name: String { source.name }

  /// The first bytes.
  var first: ArraySlice<UInt8> { block.prefix(16) }

  /// The first byte that is not a blank or part of a byte order mark; 0 where there is none.
  var firstByte: UInt8 { block.first { !Self.isBlank($0) } ?? 0 }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let left = block.count - position
    if left == 0 { return try source.read(into: buffer) }
    let count = min(left, buffer.count)
    buffer.copyBytes(from: block[position..<position + count])
    position += count
    if position == block.count {
      block = []
      position = 0
    }
    return count
  }

  /// The first line that is not blank, cut at the length of a block.
  var firstLine: String {
    let line = block.drop(while: Self.isBlank).prefix { $0 != 0x0A }
    return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }

  private static func hasLine(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.drop(while: isBlank).contains(0x0A) }

  private static func isBlank(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains(byte)
  }
}
