/// Seeded changes of a tensor file: bits, bytes, more, fewer, exchanged, copied; half of them meet its length and
/// header.
public struct Mutations {
  private let bytes: [UInt8]
  private let end: Int
  private var state: UInt64
  private var round = 0

  /// Changes of these bytes.
  public init(of bytes: [UInt8], seed: UInt64) {
    self.bytes = bytes
    end = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    state = seed
  }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ z >> 31) % UInt64(bound))
  }

  private mutating func place() -> Int { below(round % 2 == 0 ? end : bytes.count) }

  /// The next change of the original.
  public mutating func next() -> [UInt8] {
    defer { round += 1 }
    var changed = bytes
    switch round / 2 % 6 {
    case 0: changed[place()] ^= 1 << UInt8(below(8))
    case 1: changed[place()] = UInt8(below(256))
    case 2: changed.insert(UInt8(below(256)), at: place())
    case 3: changed.remove(at: place())
    case 4: changed.swapAt(place(), place())
    default:
      let (from, to) = (place(), place())
      for step in 0..<8 { changed[min(to + step, changed.count - 1)] = bytes[min(from + step, bytes.count - 1)] }
    }
    return changed
  }
}
