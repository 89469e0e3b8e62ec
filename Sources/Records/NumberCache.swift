import Bytes

/// A cache of the texts of numbers, as rows of counts and frequencies have few distinct values.
final class NumberCache {
  /// The number of bytes that a look-up copies: a text of up to `longest` bytes and one byte without meaning.
  static let room = 24
  /// The maximum length of a cached text.
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
    // Empty slots hold the bits of 0, which belongs to slot 0 only, so that no number matches them.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: NumberText.longest) { text in
      text.initialize(repeating: UInt8(ascii: "0"))
      keep(0, text.baseAddress!, length: 1)
    }
  }

  deinit { memory.deallocate() }

  /// Writes the shortest text of a cached number to `p`, which has room for 32 bytes. Returns its length, or 0 for a
  /// number that is not cached, as NaN and infinity never are; `make` then writes it.
  ///
  /// All values take the same branch-free path, as a processor cannot predict which cells are 0.
  @inline(__always)
  func write(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let bits = value.bitPattern
    let slot = UnsafeRawPointer(memory + Self.slot(of: bits))
    guard slot.load(as: UInt64.self) == bits else { return 0 }
    // A fixed count of bytes is two moves; the buffer has room for all of them.
    UnsafeMutableRawPointer(p).copyMemory(from: slot + Self.textOffset, byteCount: Self.room)
    return Int(slot.load(fromByteOffset: Self.lengthOffset, as: UInt8.self))
  }

  /// Writes the shortest text of a finite number to `p`, which has room for 32 bytes, and caches it; returns its
  /// length.
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
