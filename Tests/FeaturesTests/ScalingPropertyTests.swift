import Bytes
import Features
import Testing

/// Properties of every scaling of columns with two sides, in groups, with gaps and columns without a spread.
@Suite struct ScalingPropertyTests {
  private static let names = ["c.a.x", "c.a.y", "c.b.x", "c.b.y", "flat", "r.1", "r.2"]
  private static let exchange = [2, 3, 0, 1, 4, 5, 6]
  private static let width = names.count
  private static let plans = [
    ["*=zscore"], ["*=robust"], ["c.?.*=log1p,zscore", "*=minmax"], ["c.?.x=minmax", "c.?.y=none", "*=log1p"],
    ["r.*=log1p,robust", "*=zscore"],
  ]

  /// Values above −1 of very different size, a constant column, and gaps.
  private static func rows(_ count: Int, seed: UInt64) -> [Double] {
    var random = RandomStream(seed: seed)
    return (0..<count * width).map { place in
      let column = place % width
      let value = (random.normal() * 2).magnitude * [1, 1e3, 1e-3, 10, 1, 50, 1e6][column]
      return random.uniform() < 0.05 ? .nan : column == 4 ? 7 : value
    }
  }

  private static func fitted(
    _ groups: [String], _ sides: Normalizer.Sides, _ constant: ConstantRule, _ rows: [Double]
  ) throws -> Normalizer {
    var plan = ScalingPlan(try groups.map { try ScalingGroup(parsing: $0) })
    (plan.sides, plan.constant, plan.exchange, plan.missing) = (sides, constant, exchange, .mean)
    return try Scaling.fitted(plan, rows, names: names, width: width)
  }

  /// Tolerance: 16 roundings of the largest of value, center and scale, also after a state was written and read.
  @Test(arguments: plans) func whatIsAppliedIsUndone(_ groups: [String]) throws {
    for (seed, sides) in [(1, Normalizer.Sides.alike), (2, .separate)] {
      for constant in [ConstantRule.zero, .keep] {
        let rows = Self.rows(200, seed: UInt64(seed))
        let normalizer = try Self.fitted(groups, sides, constant, rows)
        var changed = rows
        try normalizer.apply(&changed)
        try Normalizer.load(from: normalizer.json).restore(&changed)
        for (place, (found, value)) in zip(changed, rows).enumerated() {
          let column = place % Self.width
          let size = max(1 + value.magnitude, normalizer.centers[column].magnitude, normalizer.scales[column])
          #expect(found.isNaN == value.isNaN)
          #expect(value.isNaN || abs(found - value) <= 16 * size * Double.ulpOfOne, "\(Self.names[column]): \(value)")
        }
      }
    }
  }

  /// Values beyond 5 deviations become 5, on either side; others stay, missing ones too; and it can't be undone.
  @Test func clippedAfterAScale() throws {
    let rows = Self.rows(200, seed: 9).map { $0 * $0 * $0 }
    let plain = try Self.fitted(["*=zscore"], .alike, .zero, rows)
    let clipped = try Self.fitted(["*=zscore,clip"], .alike, .zero, rows)
    var (free, bound) = (rows + [1e9, -1e9] + [Double](repeating: .nan, count: Self.width - 2), [Double]())
    bound = free
    try plain.apply(&free)
    try clipped.apply(&bound)
    #expect(free.contains { $0 > 5 })
    for (a, b) in zip(free, bound) { #expect(a.isNaN ? b.isNaN : b == min(max(a, -5), 5)) }
    #expect(clipped.obstacle?.method == .clip)
    #expect(try Normalizer.load(from: clipped.json) == clipped)
  }

  /// To the bit, norms of rows and filled gaps included, in whatever order the rows came.
  @Test(arguments: plans + [["c.?.*=zscore,unit", "*=unit-l1"], ["*=unit-max,minmax"]])
  func alikeSidesAreExchangedBeforeOrAfter(_ groups: [String]) throws {
    let rows = Self.rows(100, seed: 3)
    let normalizer = try Self.fitted(groups, .alike, .zero, rows)
    #expect(normalizer.fit.sides == .alike)
    func exchanged(_ rows: [Double]) -> [Double] {
      rows.indices.map { rows[$0 / Self.width * Self.width + Self.exchange[$0 % Self.width]] }
    }
    var (before, after) = (exchanged(rows), rows)
    try normalizer.apply(&before, fillsMeans: true)
    try normalizer.apply(&after, fillsMeans: true)
    after = exchanged(after)
    // A norm adds the columns of its group in their order, and the exchange changes that order.
    let isOfRow = groups.contains { $0.contains("unit") && !$0.contains("unit-max") }
    for (a, b) in zip(before, after) { #expect(isOfRow ? abs(a - b) <= 1e-15 * max(1, abs(b)) : a == b) }
  }

  /// A row's new values depend on the state and the row, and on no other row.
  @Test func rowsDoNotSeeEachOther() throws {
    let rows = Self.rows(50, seed: 5)
    let normalizer = try Self.fitted(["c.?.*=zscore,unit", "*=log1p,robust"], .alike, .zero, rows)
    var all = rows
    try normalizer.apply(&all, fillsMeans: true)
    for start in stride(from: 0, to: rows.count, by: Self.width) {
      var row = Array(rows[start..<start + Self.width])
      try normalizer.apply(&row, fillsMeans: true)
      #expect(row.map(\.bitPattern) == all[start..<start + Self.width].map(\.bitPattern))
      #expect(row.allSatisfy { $0.isFinite })
    }
  }
}
