/// What happens to a record whose id was there before.
public enum DuplicateRule: String, Sendable, CaseIterable {
  /// It stays, and is told.
  case warn
  /// It is an error.
  case error
  /// Only the first record of an id stays.
  case first
  /// It becomes `id_2`, `id_3` …
  case suffix
}

/// Ids seen so far, as 64-bit hashes with a count: 16 to 32 bytes an id.
public struct IdLedger: Sendable {
  private var keys: [UInt64]
  private var counts: [UInt32]
  /// Different ids so far.
  public private(set) var count = 0

  public init() {
    keys = [UInt64](repeating: 0, count: 1024)
    counts = [UInt32](repeating: 0, count: 1024)
  }

  /// Enters an id; returns how often it was entered before.
  public mutating func enter(_ id: String) -> Int {
    if count * 2 >= keys.count { grow() }
    let key = Self.hash(id)
    let slot = Self.slot(of: key, in: keys)
    let before = counts[slot]
    keys[slot] = key
    counts[slot] = before &+ 1
    if before == 0 { count += 1 }
    return Int(before)
  }

  /// Enters an id that came before under a name of its own: `id_2`, or the next number that is free.
  public mutating func enterRenamed(_ id: String, times: Int) -> String {
    var number = times + 1
    while enter("\(id)_\(number)") > 0 { number += 1 }
    return "\(id)_\(number)"
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: keys.count * 2)
    var moved = [UInt32](repeating: 0, count: keys.count * 2)
    for (key, seen) in zip(keys, counts) where key != 0 {
      let slot = Self.slot(of: key, in: larger)
      larger[slot] = key
      moved[slot] = seen
    }
    keys = larger
    counts = moved
  }

  private static func slot(of key: UInt64, in keys: [UInt64]) -> Int {
    var slot = Int(truncatingIfNeeded: key) & (keys.count - 1)
    while keys[slot] != 0 && keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    return slot
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
