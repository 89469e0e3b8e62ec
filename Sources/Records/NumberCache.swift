import Bytes

/// Texts of numbers that were written lately: rows of counts and frequencies have few distinct values.
final class NumberCache {
  /// The most bytes of a text.
  static let room = 24
  private static let slots = 1024
  private let keys: UnsafeMutablePointer<UInt64>
  private let lengths: UnsafeMutablePointer<UInt8>
  private let texts: UnsafeMutablePointer<UInt8>

  init() {
    keys = .allocate(capacity: NumberCache.slots)
    keys.initialize(repeating: 0, count: NumberCache.slots)
    lengths = .allocate(capacity: NumberCache.slots)
    lengths.initialize(repeating: 0, count: NumberCache.slots)
    texts = .allocate(capacity: NumberCache.slots * NumberCache.room)
    texts.initialize(repeating: 0, count: NumberCache.slots * NumberCache.room)
  }

  deinit {
    keys.deallocate()
    lengths.deallocate()
    texts.deallocate()
  }

  /// Writes the shortest text of a finite number at `p`, which has room for 32 bytes; gives its length.
  @inline(__always)
  func write(_ value: Double, to p: UnsafeMutablePointer<UInt8>) -> Int {
    let bits = value.bitPattern
    if bits == 0 {
      p[0] = 48
      return 1
    }
    let slot = Int(truncatingIfNeeded: (bits &* 0x9e37_79b9_7f4a_7c15) >> 54)
    let text = texts + slot * NumberCache.room
    if keys[slot] == bits {
      // A fixed count of bytes is two moves; the buffer has room for all of them.
      p.update(from: text, count: NumberCache.room)
      return Int(lengths[slot])
    }
    let count = NumberText.write(value, to: p)
    if count <= NumberCache.room {
      keys[slot] = bits
      lengths[slot] = UInt8(truncatingIfNeeded: count)
      text.update(from: p, count: NumberCache.room)
    }
    return count
  }
}
