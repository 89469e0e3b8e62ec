import Bytes
import Features
import Testing

@Suite struct ScalingChainTests {
  private func plan(_ text: String) throws -> ScalingPlan { ScalingPlan(try ScalingChain(parsing: text)) }

  private func values(_ count: Int, seed: UInt64) -> [Double] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in (random.normal() * 2).magnitude * 10 - 0.9 }
  }

  @Test func whatAChainMayBe() throws {
    for text in ["zscore", "log1p,zscore", "log1p,robust,unit-max", "unit,log1p", "log1p,quantile", "none"] {
      #expect(try ScalingChain(parsing: text).text == text)
    }
    for text in ["", "zscore,minmax", "quantile,zscore", "unit,quantile", "log", "none,zscore", "zscore,"] {
      #expect(throws: ScalingError.self) { try ScalingChain(parsing: text) }
    }
  }

  /// Tolerance: 4 roundings of the largest of value, center and scale, and of e^y where a logarithm was taken.
  @Test(
    arguments: ["zscore", "minmax", "robust", "log1p", "log1p,zscore", "log1p,robust", "none"], [1, 2, 3] as [UInt64])
  func fitApplyInverseIsTheIdentity(_ chain: String, seed: UInt64) throws {
    let all = values(300, seed: seed)
    for constant in [ConstantRule.zero, .keep] {
      var plan = try plan(chain)
      plan.constant = constant
      var rows = all
      for row in 0..<100 { rows[row * 3 + 1] = 7 }
      let normalizer = try Scaling.fitted(plan, rows, names: nil, width: 3)
      var changed = rows
      changed[5] = .nan
      try normalizer.apply(&changed)
      normalizer.restore(&changed)
      #expect(changed[5].isNaN)
      for place in rows.indices where place != 5 {
        let size = max(1 + rows[place].magnitude, normalizer.centers[place % 3].magnitude, normalizer.scales[place % 3])
        #expect(abs(changed[place] - rows[place]) <= 16 * size * Double.ulpOfOne)
      }
    }
  }

  @Test func whatCantBeUndone() throws {
    for chain in ["unit", "zscore,unit-l1", "unit-max,zscore"] {
      #expect(try Scaling.fitted(plan(chain), values(9, seed: 1), names: nil, width: 3).obstacle != nil)
    }
  }

  @Test func normsOfRows() throws {
    let rows: [Double] = [3, -4, 0, 0, 0, 0, 1e200, 1e200, 0, .nan, 2, 0]
    func scaled(_ chain: String) throws -> [Double] {
      var values = rows
      try Scaling.fitted(plan(chain), rows, names: nil, width: 3).apply(&values)
      return values
    }
    let two = try scaled("unit")
    #expect(abs(two[0] - 0.6) < 1e-15 && abs(two[1] + 0.8) < 1e-15 && two[3] == 0)
    #expect(abs(two[6] - 0.5.squareRoot()) < 1e-15 && two[9].isNaN && two[10] == 1)
    #expect(try scaled("unit-max")[0...1] == [0.75, -1])
    let one = try scaled("unit-l1")
    #expect(abs(one[0] - 3.0 / 7) < 1e-15 && abs(one[6] - 0.5) < 1e-15)
  }

  /// Norms are of the columns of their group, each group has its own chain, and every name carries the suffix.
  @Test func groupsOfColumns() throws {
    let groups = try [
      ScalingGroup(parsing: "r.*=unit-l1"), ScalingGroup(parsing: "*.z?=zscore"), ScalingGroup(parsing: "*=none"),
    ]
    let names = ["r.1", "q.z1", "r.2", "q.zz1"]
    let rows: [Double] = [1, 5, 3, 8, 2, 7, 2, 9]
    let normalizer = try Scaling.fitted(ScalingPlan(groups), rows, names: names, width: 4)
    var values = rows
    try normalizer.apply(&values)
    #expect(values == [0.25, -1, 0.75, 8, 0.5, 1, 0.5, 9])
    #expect(try Normalizer.load(from: normalizer.json) == normalizer)
    func fails(_ texts: [String]) throws -> ScalingError? {
      do {
        _ = try NormalizerFit(ScalingPlan(texts.map { try ScalingGroup(parsing: $0) }), names: names, width: 4)
        return nil
      } catch let error as ScalingError { return error }
    }
    #expect(try fails(["r.*=none"]) == .inNoGroup("q.z1"))
    #expect(try fails(["r.*=none", "*1=none", "*=zscore"]) == .inTwoGroups("r.1", "r.*", "*1"))
    #expect(try fails(["s.*=none", "*=zscore"]) == .emptyGroup("s.*", first: "r.1"))
    #expect(throws: ScalingError.self) { try ScalingGroup(parsing: "r.*") }
    #expect(throws: ScalingError.self) { try ScalingGroup(parsing: "r.*=quantile") }
  }

  @Test func logarithmsNeedValuesAboveMinusOne() throws {
    #expect(throws: ScalingError.belowLogarithm("x2", -1, row: 0, of: nil, at: nil)) {
      try Scaling.fitted(plan("log1p"), [0, -1, 2], names: nil, width: 3)
    }
    let normalizer = try Scaling.fitted(plan("log1p"), [0, 1, 2], names: nil, width: 3)
    var row: [Double] = [-0.5, -1.5, .nan]
    #expect(throws: ScalingError.self) { try normalizer.apply(&row) }
  }

  @Test func columnsWithoutASpread() throws {
    // Column 2 is constant; more than half of column 3 is 0.
    let rows: [Double] = [1, 4, 0, 2, 4, 0, 3, 4, 0, 4, 4, 0, 5, 4, 9]
    var plan = try plan("robust")
    let zero = try Scaling.fitted(plan, rows, names: nil, width: 3)
    #expect(zero.spreadless == (["x2"], ["x3"]) && zero.remarks().count == 2)
    #expect(zero.centers == [3, 4, 0] && zero.scales == [2, 1, 1])
    plan.constant = .keep
    #expect(try Scaling.fitted(plan, rows, names: nil, width: 3).centers == [3, 0, 0])
    plan.constant = .error
    #expect(throws: ScalingError.constant("x2", count: 2)) { try Scaling.fitted(plan, rows, names: nil, width: 3) }
  }

  /// Sides fitted apart show in the names, and can be told from sides fitted alike.
  @Test func sidesInTheNames() throws {
    let names = ["c.a.x", "c.b.x", "r"]
    var plan = try plan("robust")
    plan.exchange = [1, 0, 2]
    let rows = values(60, seed: 4)
    let alike = try Scaling.fitted(plan, rows, names: names, width: 3)
    #expect(alike.unlike([1, 0, 2]) == nil && alike.fit.sides == .alike)
    #expect(alike.normalizedNames.allSatisfy { Normalizer.isNormalized($0) && !Normalizer.isOfSeparateSides($0) })
    plan.sides = .separate
    let apart = try Scaling.fitted(plan, rows, names: names, width: 3)
    #expect(apart.unlike([1, 0, 2]) == 0 && apart.fit.sides == .separate && apart.suffix.hasPrefix("~~"))
    #expect(apart.normalizedNames.allSatisfy { Normalizer.isNormalized($0) && Normalizer.isOfSeparateSides($0) })
    #expect(apart.normalizedNames.map(Normalizer.bareName) == names)
    #expect(try apart.order(restoring: apart.normalizedNames) == nil)
    #expect(try apart.order(restoring: apart.normalizedNames.reversed())?.source == names.indices.reversed())
    #expect(throws: ScalingError.self) { try apart.order(restoring: alike.normalizedNames) }
    #expect(throws: ScalingError.self) { try apart.order(restoring: names) }
    // A norm over one side and a column without a side has no counterpart on the other side.
    plan.sides = .alike
    plan.groups = try [ScalingGroup(parsing: "c.b.*=unit"), ScalingGroup(parsing: "*=unit")]
    #expect(throws: ScalingError.self) { try NormalizerFit(plan, names: names, width: 3) }
  }

  @Test func theFirstVersionIsRead() throws {
    let text = """
      {
        "millrace": "normalizer",
        "version": 1,
        "method": "minmax",
        "rows": 3,
        "source": "none",
        "schema": "a",
        "digest": "DIGEST",
        "features": [
          {"name": "x", "count": 3, "mean": 3, "sd": 1.632993161855452, "min": 1, "max": 5}
        ]
      }\n
      """
    // printf 'millrace-normalizer 1\\nminmax\\nx\\t1\\t4\\n' | sha256sum
    let digest = "3ef8e3089ecfad8d0f5b0b6e83c47571d7dcf90e6d2ab9774741f0a9eaff87b2"
    let state = text.split(separator: "DIGEST").joined(separator: digest)
    let normalizer = try Normalizer.load(from: state)
    #expect(normalizer.suffix == "~" + digest.prefix(6) && normalizer.json == state && normalizer.fit.sides == nil)
    var row: [Double] = [3]
    try normalizer.apply(&row)
    #expect(row == [0.5])
    #expect(throws: ScalingError.self) { try Normalizer.load(from: text) }
  }
}
