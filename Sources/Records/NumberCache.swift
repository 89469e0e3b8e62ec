import Bytes

/// Texts of numbers that were written lately: rows of counts and frequencies have few distinct values.
final class NumberCache {
  /// The most bytes that a look-up moves: a text of up to `longest` bytes, and one that means nothing.
  static let room = 24
  /// The longest text that is kept.
  private static let longest = 23
  private static let slots = 1024
  /// A slot is half a cache line: the number's bits, its text, and the length of that.
  private static let slotSize = 32
  private static let textOffset = 8
  private static let lengthOffset = 31
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = .allocate(byteCount: Self.slots * Self.slotSize, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.slots * Self.slotSize)
    // All slots but that of 0 hold the bits of a number that belongs elsewhere.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NumberText.longest) { text in
      text.initialize(repeating: UInt8(ascii: "0"))
      keep(0, text.baseAddress!, length: 1)
    }
  }

  deinit { memory.deallocate() }

  /// Writes the shortest text of a number that is known at `p`, which has room for 32 bytes; gives its length, or 0 for
  /// a number to be made by `make`. NaN and infinity are never known.
  ///
  /// There is one way through for all values, for whether a cell is 0 is more than a processor can guess.
  @inline(__always)
  func write(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let bits = value.bitPattern
    let slot = UnsafeRawPointer(memory + Self.slot(of: bits))
    guard slot.load(as: UInt64.self) == bits else { return 0 }
    // A fixed count of bytes is two moves; the buffer has room for all of them.
    UnsafeMutableRawPointer(p).copyMemory(from: slot + Self.textOffset, byteCount: Self.room)
    return Int(slot.load(fromByteOffset: Self.lengthOffset, as: UInt8.self))
  }

  /// Writes the shortest text of a finite number at `p`, which has room for 32 bytes, and keeps it; gives its length.
  @inline(never)
  func make(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let count = NumberText.write(value, to: p)
    if count <= Self.longest { keep(value, p, length: count) }
    return count
  }

  private func keep(_ value: Double, _ text: UnsafePointer<UInt8>, length: Int) {
    let slot = memory + Self.slot(of: value.bitPattern)
    slot.storeBytes(of: value.bitPattern, as: UInt64.self)
    (slot + Self.textOffset).copyMemory(from: text, byteCount: Self.room)
    slot.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: Self.lengthOffset, as: UInt8.self)
  }

  @inline(__always)
  private static func slot(of bits: UInt64) -> Int {
    Int(truncatingIfNeeded: (bits &* 0x9e37_79b9_7f4a_7c15) >> 54) &* slotSize
  }
}
