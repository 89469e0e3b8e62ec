import Bytes

/// Texts of numbers that were written lately: rows of counts and frequencies have few distinct values.
struct NumberCache {
  private static let slots = 1024
  private static let room = 24
  private var keys = [UInt64](repeating: 0, count: slots)
  private var lengths = [UInt8](repeating: 0, count: slots)
  private var texts = [UInt8](repeating: 0, count: slots * room)
  private var scratch: [UInt8] = []

  init() {}

  /// Appends the shortest text of a finite number.
  mutating func append(_ value: Double, to line: inout [UInt8]) {
    let bits = value.bitPattern
    if bits == 0 { return line.append(48) }
    let slot = Int(truncatingIfNeeded: (bits &* 0x9e37_79b9_7f4a_7c15) >> 54)
    if keys[slot] == bits {
      let start = slot * NumberCache.room
      texts.withUnsafeBufferPointer { all in
        line.append(contentsOf: UnsafeBufferPointer(rebasing: all[start..<start + Int(lengths[slot])]))
      }
      return
    }
    let before = line.count
    NumberText.append(value, to: &line)
    let count = line.count - before
    guard count <= NumberCache.room else { return }
    keys[slot] = bits
    lengths[slot] = UInt8(count)
    for i in 0..<count { texts[slot * NumberCache.room + i] = line[before + i] }
  }
}
