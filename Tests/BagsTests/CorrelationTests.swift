import Bags
import Testing

@Suite struct CorrelationTests {
  /// Numbers of a linear congruential generator, so that numpy can make the same ones.
  static func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = (state &* 1_103_515_245 &+ 12345) % 2_147_483_648
      return Double(state) / 2_147_483_648
    }
  }

  static func pearson(_ a: [Double], _ b: [Double], least: Int = 2) -> Double? {
    a.withUnsafeBufferPointer { left in b.withUnsafeBufferPointer { Correlation.pearson(left, $0, least: least) } }
  }

  static func spearman(_ a: [Double], _ b: [Double], least: Int = 2) -> Double? {
    a.withUnsafeBufferPointer { left in b.withUnsafeBufferPointer { Correlation.spearman(left, $0, least: least) } }
  }

  @Test func handValues() {
    #expect(Self.pearson([1, 2, 3], [2, 4, 6]) == 1)
    #expect(Self.pearson([1, 2, 3], [3, 2, 1]) == -1)
    #expect(Self.pearson([1, -1, 1, -1], [1, 1, -1, -1]) == 0)
  }

  // numpy 2.4.6: np.corrcoef(a, b)[0, 1] over the numbers above, second the same with a * 1e-3 + 1e6.
  @Test(arguments: [
    (4, 1, 2, -0.737025595654001, -0.7370255519900899), (6, 3, 4, -0.28983209091697076, -0.28983205018999214),
    (24, 5, 6, -0.04180339391000459, -0.041803374055514014), (40, 7, 8, 0.12619672096264847, 0.1261967153316616),
  ])
  func numpy(count: Int, seedA: UInt64, seedB: UInt64, plain: Double, shifted: Double) throws {
    let a = Self.numbers(count, seed: seedA)
    let b = Self.numbers(count, seed: seedB)
    #expect(abs(try #require(Self.pearson(a, b)) - plain) < 1e-14)
    #expect(abs(try #require(Self.pearson(a.map { $0 * 1e-3 + 1e6 }, b)) - shifted) < 1e-9)
    #expect(Self.pearson(a, b) == Self.pearson(b, a))
  }

  // scipy 1.x and numpy 2.4.6: corrcoef of the (mean) ranks.
  @Test func spearmanOfRanks() throws {
    let rho = try #require(Self.spearman(Self.numbers(40, seed: 7), Self.numbers(40, seed: 8)))
    #expect(abs(rho - 0.1056285178236398) < 1e-14)
    let tied = try #require(Self.spearman([1, 2, 2, 3, 5], [2, 1, 1, 4, 4]))
    #expect(abs(tied - 0.6488856845230502) < 1e-14)
    #expect(Correlation.ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
  }

  @Test func undefined() {
    #expect(Self.pearson([0.1, 0.1, 0.1], [1, 2, 3]) == nil)
    #expect(Self.pearson([1, 2, 3], [1, 2, 3], least: 4) == nil)
    #expect(Self.pearson([], []) == nil)
    #expect(Self.spearman([5, 5, 5, 5], [1, 2, 3, 4]) == nil)
  }

  /// Squares of values beyond 1e±154 over- or underflow, sums of values near the largest number too.
  @Test(arguments: [1000, 900, 530, 500, -500, -530, -900, -1000], [1000, -530, -900, 0])
  func anyScale(exponentA: Int, exponentB: Int) throws {
    func scaled(_ numbers: [Double], _ exponent: Int) -> [Double] {
      numbers.map { Double(sign: .plus, exponent: exponent, significand: $0) }
    }
    let a = Self.numbers(24, seed: 5)
    let b = Self.numbers(24, seed: 6)
    // A power of two changes no digit of the values, so none of their correlation.
    #expect(Self.pearson(scaled(a, exponentA), scaled(b, exponentB)) == Self.pearson(a, b))
    #expect(Self.pearson(scaled(a, exponentA), a) == 1)
  }

  @Test func extremes() {
    func isNear(_ r: Double?, _ wanted: Double) -> Bool { r.map { abs($0 - wanted) < 1e-15 } ?? false }
    #expect(isNear(Self.pearson([1e160, 2e160, 3e160, 4e160], [1, 2, 3, 4]), 1))
    #expect(isNear(Self.pearson([1e-162, 2e-162, 3e-162, 5e-162], [1, 2, 3, 5]), 1))
    let top = Double.greatestFiniteMagnitude
    #expect(Self.pearson([top, -top, top, -top], [1, -1, 1, -1]) == 1)
    #expect(Self.pearson([top, top, top, 0], [top, top, top, 0]) == 1)
    let least = Double.leastNonzeroMagnitude
    #expect(Self.pearson([least, 0, 2 * least, 0], [1, 0, 2, 0]) == 1)
    #expect(isNear(Self.pearson([0, least, 0, 0], [1e300, 0, 1e300, 1e300]), -1))
    // A place that is left out has no say in the scale.
    #expect(isNear(Self.pearson([1e-300, 2e-300, 3e-300, 1e300], [1, 2, 3, .nan]), 1))
    #expect(Self.pearson([.infinity, 1, 2], [1, 2, 3]) == nil)
    #expect(Self.pearson([1e200, 1e200, 1e200], [1, 2, 3]) == nil)
  }

  @Test func gapsAreLeftOut() {
    let nan = Double.nan
    #expect(Self.pearson([1, nan, 2, 3, 9], [2, 7, 4, 6, nan]) == 1)
    #expect(Self.pearson([1, nan, 2, 3, 9], [2, 7, 4, 6, nan], least: 4) == nil)
    let dot = [1, nan, 2].withUnsafeBufferPointer { a in [4, 5, 6].withUnsafeBufferPointer { Correlation.dot(a, $0) } }
    #expect(dot == 16)
  }
}
