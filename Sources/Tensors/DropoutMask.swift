/// The elements that dropout keeps: a pure function of (seed, epoch, batch, layer, element), at any number of threads.
public struct DropoutMask: Sendable {
  /// The low half of the stream's key; both halves are for engines that draw the mask themselves.
  public let first: UInt32
  /// The high half of the key.
  public let second: UInt32
  /// An element is kept when its draw is at least this: p · 2^32.
  public let threshold: UInt32
  /// The factor of a kept element, 1 / (1 − p).
  public let scale: Float

  /// The mask of one layer in one batch, 0 ≤ p < 1.
  public init(probability: Double, seed: UInt64, epoch: Int, batch: Int, layer: Int) {
    precondition(probability >= 0 && probability < 1, "a probability below 1")
    var key = seed
    for part in [epoch, batch, layer] { key = Self.mix(key ^ Self.mix(UInt64(truncatingIfNeeded: part) &+ 1)) }
    first = UInt32(truncatingIfNeeded: key)
    second = UInt32(truncatingIfNeeded: key >> 32)
    threshold = UInt32(probability * 4_294_967_296)
    scale = Float(1 / (1 - probability))
  }

  /// 0 for a dropped element, `scale` for a kept one. Elements count through the layer's values in row order.
  @inlinable public func factor(_ element: Int) -> Float {
    var draw = (UInt32(truncatingIfNeeded: element) &* 0x9E37_79B1) ^ first
    draw = (draw ^ (draw >> 16)) &* 0x85EB_CA6B
    draw ^= second
    draw = (draw ^ (draw >> 13)) &* 0xC2B2_AE35
    draw ^= draw >> 16
    return draw >= threshold ? scale : 0
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
