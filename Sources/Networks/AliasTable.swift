import Bytes

/// Draws numbers in proportion to weights in constant time (Walker 1977, tables by Vose 1991).
public struct AliasTable: Sendable {
  /// The probability to take a number that was drawn evenly, and not its alias.
  public let probabilities: [Float]
  /// The element that is taken in its stead.
  public let aliases: [Int32]

  /// A table of weights from 0 up, with a positive sum.
  public init(_ weights: [Double]) {
    var probabilities = [Float](repeating: 1, count: weights.count)
    var aliases = [Int32](repeating: 0, count: weights.count)
    probabilities.withUnsafeMutableBufferPointer { probabilities in
      aliases.withUnsafeMutableBufferPointer { Self.fill(weights, probabilities, $0) }
    }
    (self.probabilities, self.aliases) = (probabilities, aliases)
  }

  /// Fills the table of weights with a positive sum. Numbers below and above the mean wait on two stacks.
  static func fill(
    _ weights: [Double], _ probabilities: UnsafeMutableBufferPointer<Float>,
    _ aliases: UnsafeMutableBufferPointer<Int32>
  ) {
    let scale = Double(weights.count) / weights.reduce(0, +)
    var share = weights.map { $0 * scale }
    var low = weights.indices.filter { share[$0] < 1 }
    var high = weights.indices.filter { share[$0] >= 1 }
    for index in weights.indices { (probabilities[index], aliases[index]) = (1, Int32(index)) }
    while let small = low.popLast(), let great = high.last {
      probabilities[small] = Float(share[small])
      aliases[small] = Int32(great)
      share[great] -= 1 - share[small]
      if share[great] < 1 {
        high.removeLast()
        low.append(great)
      }
    }
  }

  /// A number in proportion to its weight.
  @inline(__always) public func draw(_ random: inout RandomStream) -> Int {
    Self.draw(random.next(), probabilities.count, probabilities, aliases)
  }

  /// The number that 64 random bits stand for: the high 32 choose it, the low 24 choose between it and its alias.
  @inline(__always)
  static func draw(_ bits: UInt64, _ count: Int, _ probabilities: [Float], _ aliases: [Int32]) -> Int {
    let number = Int(((bits >> 32) &* UInt64(count)) >> 32)
    return Float(bits & 0xff_ffff) * 0x1p-24 < probabilities[number] ? number : Int(aliases[number])
  }
}
