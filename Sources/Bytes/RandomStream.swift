#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A counter-based random stream: the n-th number is a pure function of the seed, the keys and n.
///
/// Philox 2×64 with ten rounds (Salmon et al. 2011). Keys name the purpose of the numbers (epoch, bag, layer), so that
/// they do not depend on the distribution of work over threads.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private let stream: UInt64
  private var counter: UInt64 = 0
  private var spare: UInt64?

  /// Starts the stream of a seed and any number of keys.
  public init(seed: UInt64, _ keys: UInt64...) {
    var a = RandomStream.mix(seed &+ 0x9e37_79b9_7f4a_7c15)
    var b = RandomStream.mix(a ^ 0xd1b5_4a32_d192_ed03)
    for key in keys {
      a = RandomStream.mix(a ^ RandomStream.mix(key &+ 0x9e37_79b9_7f4a_7c15))
      b = RandomStream.mix((b &+ a) ^ RandomStream.mix(key &+ 0xd1b5_4a32_d192_ed03))
    }
    key = a
    stream = b
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if let saved = spare {
      spare = nil
      return saved
    }
    let (first, second) = RandomStream.philox(counter: (counter, stream), key: key)
    counter &+= 1
    spare = second
    return first
  }

  /// A number in [0, 1), a multiple of 2^-53.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number from the standard normal distribution (Box and Muller 1958, the cosine half).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// A number in 0..<n, each equally likely (Lemire 2019); n must be positive.
  public mutating func below(_ n: Int) -> Int {
    precondition(n > 0)
    let bound = UInt64(n)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// Shuffles the elements (Fisher and Yates).
  public mutating func shuffle<T>(_ elements: inout [T]) {
    guard elements.count > 1 else { return }
    for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, below(i + 1)) }
  }

  /// A stable 64-bit hash: the first 8 bytes, big-endian, of SHA-256 over the seed (8 bytes, little-endian) and the
  /// UTF-8 of the text.
  public static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
    var digest = SHA256()
    withUnsafeBytes(of: seed.littleEndian) { digest.update($0) }
    digest.update(text)
    return digest.finish().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// One block of Philox 2×64-10: two words from a 128-bit counter and a 64-bit key.
  public static func philox(counter: (UInt64, UInt64), key: UInt64) -> (UInt64, UInt64) {
    var (a, b) = counter
    var k = key
    for _ in 0..<10 {
      let product = a.multipliedFullWidth(by: 0xd2b7_4407_b1ce_6e93)
      (a, b) = (product.high ^ k ^ b, product.low)
      k &+= 0x9e37_79b9_7f4a_7c15
    }
    return (a, b)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
