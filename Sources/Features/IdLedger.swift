/// The rule for a record with a duplicate id.
public enum DuplicateRule: String, Sendable, CaseIterable {
  /// The record is kept, with a warning.
  case warn
  /// The record is an error.
  case error
  /// Only the first record of an id is kept.
  case first
  /// The id becomes `id_2`, `id_3` …
  case suffix
}

/// The ids seen so far, as 64-bit hashes with a count: 11 to 23 bytes per id.
///
/// The ids are spread over segments that grow one after the other, so that there are never two copies of all.
public struct IdLedger: Sendable {
  private struct Segment: Sendable {
    var keys = [UInt64](repeating: 0, count: 32)
    var counts = [UInt8](repeating: 0, count: 32)
    var count = 0

    /// The slot of a key, or the free one where it belongs.
    func slot(of key: UInt64) -> Int {
      keys.withUnsafeBufferPointer { keys in
        var slot = Int(truncatingIfNeeded: key) & (keys.count - 1)
        while keys[slot] != 0 && keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
        return slot
      }
    }

    mutating func grow() {
      let old = (keys, counts)
      keys = [UInt64](repeating: 0, count: old.0.count * 2)
      counts = [UInt8](repeating: 0, count: old.0.count * 2)
      for (key, seen) in zip(old.0, old.1) where key != 0 {
        let slot = slot(of: key)
        keys[slot] = key
        counts[slot] = seen
      }
    }
  }

  // A million ids fill segments of 2^15 slots to three quarters.
  private var segments = [Segment](repeating: Segment(), count: 40)
  /// Counts of the ids that came more often than a segment can say.
  private var frequent: [UInt64: Int] = [:]
  /// The number of distinct ids so far.
  public private(set) var count = 0

  /// An empty ledger.
  public init() {}

  /// Enters an id; returns how often it was entered before.
  public mutating func enter(_ id: String) -> Int {
    let key = Self.hash(id)
    let number = Int(truncatingIfNeeded: ((key >> 32) &* UInt64(segments.count)) >> 32)
    let before = Self.enter(key, into: &segments[number])
    if before == 0 { count += 1 }
    if before < UInt8.max { return Int(before) }
    let times = frequent[key] ?? Int(UInt8.max)
    frequent[key] = times + 1
    return times
  }

  /// The number of times the key was there before, or 255 for more.
  private static func enter(_ key: UInt64, into segment: inout Segment) -> UInt8 {
    if segment.count * 5 >= segment.keys.count * 4 { segment.grow() }
    let slot = segment.slot(of: key)
    let before = segment.counts[slot]
    if before == 0 {
      segment.keys[slot] = key
      segment.count += 1
    }
    if before < UInt8.max { segment.counts[slot] = before + 1 }
    return before
  }

  /// Enters an id that came before under a name of its own: `id_2`, or the next number that is free.
  public mutating func enterRenamed(_ id: String, times: Int) -> String {
    var number = times + 1
    while enter("\(id)_\(number)") > 0 { number += 1 }
    return "\(id)_\(number)"
  }

  /// FNV-1a with a last mixing; never 0, which marks an empty slot.
  private static func hash(_ id: String) -> UInt64 {
    var id = id
    var hash: UInt64 = id.withUTF8 { bytes in
      bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
    hash ^= hash >> 32
    return max(hash, 1)
  }
}
