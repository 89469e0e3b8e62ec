import Bytes
import Features
import Testing

@Suite struct ScalingTests {
  private func rows(_ count: Int, columns: Int, offset: Double, seed: UInt64) -> [Double] {
    var random = RandomStream(seed: seed)
    return (0..<count * columns).map { _ in offset + random.normal() }
  }

  private func moments(_ values: [Double], columns: Int, exchange: [Int]? = nil) -> Moments {
    var moments = Moments(columns: columns, exchange: exchange)
    values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: columns) {
        moments.add(UnsafeBufferPointer(rebasing: values[start..<start + columns]))
      }
    }
    return moments
  }

  /// Both sides get the figures of both orders of every row, to the bit; a column without a side those of its own.
  @Test func anExchangeIsBothOrders() {
    let values = rows(40, columns: 5, offset: 3, seed: 4)
    let exchange = [2, 1, 0, 4, 3]
    let alike = moments(values, columns: 5, exchange: exchange)
    var both: [Double] = []
    for start in stride(from: 0, to: values.count, by: 5) {
      both += values[start..<start + 5]
      both += exchange.map { values[start + $0] }
    }
    let expected = moments(both, columns: 5)
    let apart = moments(values, columns: 5)
    #expect(alike.rows == 40 && alike.statistics(1) == apart.statistics(1))
    for column in [0, 2, 3, 4] {
      let found = alike.statistics(column)
      #expect(found == alike.statistics(exchange[column]) && found.count == 80)
      #expect(difference(found.mean, expected.statistics(column).mean) < 1e-12)
      #expect(difference(found.deviation, expected.statistics(column).deviation) < 1e-12)
      #expect(found.minimum == expected.statistics(column).minimum)
      #expect(found != apart.statistics(column))
    }
  }

  @Test(arguments: [0.0, 1e6, 1e9]) func onePassEqualsTwoPasses(_ offset: Double) {
    let (count, columns) = (1000, 7)
    let values = rows(count, columns: columns, offset: offset, seed: 3)
    let moments = moments(values, columns: columns)
    for column in 0..<columns {
      let seen = stride(from: column, to: values.count, by: columns).map { values[$0] }
      let mean = seen.reduce(0) { $0 + ($1 - offset) } / Double(count) + offset
      let square = seen.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let found = moments.statistics(column)
      #expect(difference(found.mean, mean) < 1e-12 || abs(found.mean - mean) < 1e-12)
      #expect(difference(found.deviation, (square / Double(count)).squareRoot()) < 1e-6)
      #expect(found.minimum == seen.min() && found.maximum == seen.max() && found.count == count)
    }
  }

  private func fitted(
    _ method: String, _ values: [Double], names: [String]?, _ change: (inout ScalingPlan) -> Void = { _ in }
  ) throws -> Normalizer {
    var plan = ScalingPlan(try ScalingChain(parsing: method))
    change(&plan)
    return try Scaling.fitted(plan, values, names: names, width: 3)
  }

  @Test func scaledColumns() throws {
    let values: [Double] = [1, 5, 0.1, 2, 5, 0.2, 6, 5, 0.6]
    var standard = values
    let zscore = try fitted("zscore", values, names: ["a", "b", "c"])
    try zscore.apply(&standard)
    #expect(zscore.spreadless.constant == ["b"])
    for row in 0..<3 { #expect(standard[row * 3 + 1] == 0) }
    let column = [standard[0], standard[3], standard[6]]
    #expect(abs(column.reduce(0, +)) < 1e-12)
    #expect(abs(column.reduce(0) { $0 + $1 * $1 } / 3 - 1) < 1e-12)
    var shares = values
    try fitted("minmax", values, names: ["a", "b", "c"]).apply(&shares)
    #expect([shares[0], shares[3], shares[6]] == [0, 0.2, 1])
    #expect([shares[1], shares[4], shares[7]] == [0, 0, 0])
  }

  @Test func missingValuesCountForNothing() throws {
    let normalizer = try fitted("zscore", [1, .nan, 1, 3, .nan, .nan, 5, .nan, 3], names: ["a", "b", "c"])
    #expect(normalizer.statistics.map(\.count) == [3, 0, 2])
    #expect(normalizer.centers == [3, 0, 2])
    var row: [Double] = [.nan, 4, .nan]
    try normalizer.apply(&row)
    #expect(row[0].isNaN && row[1] == 4 && row[2].isNaN)
    row = [.nan, 4, .nan]
    try normalizer.apply(&row, fillsMeans: true)
    #expect(row == [0, 4, 0])
  }

  @Test(arguments: ["zscore", "minmax", "robust", "log1p", "unit-l1", "log1p,robust,unit", "none"])
  func stateIsReadBackToTheBit(_ method: String) throws {
    let values = rows(50, columns: 3, offset: 9, seed: 9)
    for names in [["ct64.freq.AAA", "b\"\t", "ü"], nil] {
      let normalizer = try fitted(method, values, names: names)
      let again = try Normalizer.load(from: normalizer.json)
      #expect(again == normalizer)
      #expect(again.json == normalizer.json)
    }
  }

  @Test func changedStatesAreRefused() throws {
    let text = try fitted("zscore", [1, 5, 0.1, 2, 5, 0.2], names: ["a", "b", "c"]).json
    func outcome(_ changed: String) -> String {
      do {
        _ = try Normalizer.load(from: changed)
        return "accepted"
      } catch let error as any Diagnosable { return error.diagnostic.message } catch { return "another error" }
    }
    #expect(outcome(text) == "accepted")
    #expect(outcome(text.replacing("\"mean\": 1.5", with: "\"mean\": 1.25")).contains("digest does not fit"))
    #expect(outcome(text.replacing("\"name\": \"a\"", with: "\"name\": \"d\"")).contains("digest does not fit"))
    #expect(outcome(text.replacing("zscore", with: "zzz")).contains("zscore, minmax"))
    #expect(outcome(text.replacing("\"version\": 2", with: "\"version\": 3")).contains("version"))
    #expect(outcome(text.replacing("\"count\": 2", with: "\"count\": -2")).contains("feature 1"))
    #expect(outcome("{}").contains("no normaliser state"))
    #expect(outcome("") != "accepted")
    #expect(outcome(String(text.dropLast(3))) != "accepted")
  }

  @Test func namesCarryTheDigest() throws {
    let normalizer = try fitted("zscore", [1, 5, 0.1, 2, 5, 0.2], names: ["a", "b", "c"])
    #expect(try normalizer.order(of: ["a", "b", "c"]) == nil)
    let names = normalizer.normalizedNames
    #expect(names == ["a", "b", "c"].map { $0 + "~" + normalizer.digest.prefix(6) })
    #expect(names.allSatisfy(Normalizer.isNormalized))
    #expect(!Normalizer.isNormalized("ct64.freq.AAA") && !Normalizer.isNormalized("~12345"))
    #expect(throws: ScalingError.alreadyNormalized(names[0])) { try normalizer.order(of: names) }
    #expect(try normalizer.order(of: ["c", "a", "b"])?.source == [1, 2, 0])
    #expect(throws: ScalingError.otherSchema("'c' is missing")) { try normalizer.order(of: ["a", "b"]) }
    #expect(throws: ScalingError.otherSchema("'d' is not expected")) { try normalizer.order(of: ["d", "a", "b", "c"]) }
    #expect(throws: ScalingError.otherSchema("'b' and 1 more are missing, 'd' is not expected")) {
      try normalizer.order(of: ["d", "a"])
    }
  }

  @Test func aRangeThatNoDoubleHolds() {
    #expect(throws: ScalingError.self) { try fitted("minmax", [1e308, 0, 0, -1e308, 0, 0], names: ["a", "b", "c"]) }
    #expect(throws: ScalingError.self) { try fitted("zscore", [1e308, 0, 0, -1e308, 0, 0], names: ["a", "b", "c"]) }
  }
}
