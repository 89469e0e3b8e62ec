import Bytes
import Features
import Testing

@Suite struct QuantileTests {
  private func quartiles(_ values: [Double], memory: Int) throws -> Normalizer {
    var plan = ScalingPlan(ScalingChain(.robust))
    plan.memory = memory
    return try Scaling.fitted(plan, values, names: nil, width: 1)
  }

  private func orders(_ count: Int) -> [(String, [Double])] {
    var random = RandomStream(seed: 5)
    let drawn = (0..<count).map { _ in random.normal() }
    return [
      ("random", drawn), ("rising", drawn.sorted()), ("falling", drawn.sorted(by: >)),
      ("few values", drawn.map { ($0 * 2).rounded() }),
    ]
  }

  /// The sketch's ranks keep the bound it states, whatever the order of the stream, and the bound is small.
  @Test func sketchesKeepTheirBound() throws {
    let count = 200_000
    for (order, values) in orders(count) {
      let exact = try quartiles(values, memory: 1 << 30)
      let sketched = try quartiles(values, memory: 200_000)
      #expect(exact.fit.rankError == 0)
      #expect(sketched.fit.rankError > 0 && sketched.fit.rankError < 0.01, "\(order): \(sketched.fit.rankError)")
      let sorted = values.sorted()
      let found = try #require(sketched.statistics[0].quartiles)
      for (share, value) in [(0.25, found.lower), (0.5, found.median), (0.75, found.upper)] {
        let below = Double(sorted.count { $0 < value }) / Double(count)
        let notAbove = Double(sorted.count { $0 <= value }) / Double(count)
        let bound = sketched.fit.rankError + 1 / Double(count)
        #expect(below - bound <= share && share <= notAbove + bound, "\(order): \(share) is \(below)…\(notAbove)")
      }
      #expect(try quartiles(values, memory: 200_000).json == sketched.json)
    }
  }

  /// Both sides together, exact or sketched.
  @Test func sidesArePutTogether() throws {
    var plan = ScalingPlan(ScalingChain(.robust))
    plan.exchange = [1, 0]
    let rows: [Double] = [1, 10, 2, 20, 3, 30, 4, 40]
    let normalizer = try Scaling.fitted(plan, rows, names: nil, width: 2)
    // Of 1 2 3 4 10 20 30 40.
    #expect(normalizer.centers == [7, 7] && normalizer.scales == [22.5 - 2.75, 22.5 - 2.75])
    plan.memory = 1
    var many: [Double] = []
    for value in 0..<500 { many += [Double(value), Double(value + 1000)] }
    let sketched = try Scaling.fitted(plan, many, names: nil, width: 2)
    #expect(sketched.centers[0] == sketched.centers[1] && sketched.fit.rankError > 0)
  }
}
