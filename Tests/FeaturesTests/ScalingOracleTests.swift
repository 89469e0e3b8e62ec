import Features
import Records
import Testing

/// Scaling beside scikit-learn, and quantile normalisation beside limma (Fixtures/scaling, with the scripts that wrote
/// the numbers).
@Suite struct ScalingOracleTests {
  private static let folder = GoldenFiles.fixtures + "scaling/"
  /// Rows that every scaler was fitted on; all are then scaled.
  private static let fitted = 16

  private struct Table {
    var names: [String]
    var ids: [String]
    var values: [Double]

    init(_ name: String) throws {
      let lines = GoldenFiles.rows(ScalingOracleTests.folder + name + ".tsv")
      names = Array(try #require(lines.first).dropFirst())
      ids = lines.dropFirst().map { $0[0] }
      values = try lines.dropFirst().flatMap { try $0.dropFirst().map(ScalingOracleTests.number) }
    }
  }

  private static func number(_ text: String) throws -> Double {
    text == "NA" ? .nan : try #require(Double(text))
  }

  /// The cases of a file in order: table, methods, and the scaled rows.
  private static func cases(_ name: String) throws -> [(table: String, methods: String, values: [Double])] {
    var cases: [(table: String, methods: String, values: [Double])] = []
    for line in GoldenFiles.rows(folder + name).dropFirst() {
      if cases.last?.table != line[0] || cases.last?.methods != line[1] { cases.append((line[0], line[1], [])) }
      cases[cases.count - 1].values += try line.dropFirst(3).map(number)
    }
    return cases
  }

  /// Within 1e-12 of the value, or of 1 where it is smaller: a scaled value is a difference over a spread, and close to
  /// the center rounding is of the size of what was taken off.
  private func expectSame(_ found: [Double], _ expected: [Double], _ what: String) {
    #expect(found.count == expected.count, "\(what)")
    for (place, (a, b)) in zip(found, expected).enumerated() {
      if a.isNaN && b.isNaN { continue }
      #expect(abs(a - b) <= 1e-12 * max(1, b.magnitude), "\(what), value \(place + 1): \(a), expected \(b)")
    }
  }

  private func groups(_ methods: String) throws -> [ScalingGroup] {
    guard methods.hasPrefix("[") else { return [ScalingGroup(nil, try ScalingChain(parsing: methods))] }
    #expect(methods == "[heavy,offset]=log1p,zscore *=unit-l1")
    return try ["heavy=log1p,zscore", "offset=log1p,zscore", "*=unit-l1"].map { try ScalingGroup(parsing: $0) }
  }

  @Test func columnsAndRowsAsScikitLearnHasThem() throws {
    let cases = try Self.cases("scaled.tsv")
    #expect(cases.count == 18)
    for (name, methods, expected) in cases {
      let table = try Table(name)
      let normalizer = try Scaling.fitted(
        ScalingPlan(try groups(methods)), Array(table.values.prefix(Self.fitted * table.names.count)),
        names: table.names, width: table.names.count)
      var values = table.values
      try normalizer.apply(&values)
      expectSame(values, expected, "\(name), \(methods)")
    }
  }

  /// All columns are fitted, or the first three and the fifth, whose state is then applied to all.
  @Test func samplesAsLimmaHasThem() throws {
    let cases = try Self.cases("quantiles.tsv")
    #expect(cases.count == 6)
    for (name, methods, expected) in cases {
      let table = try Table(name)
      let isOfFour = methods == "quantile of four"
      let samples = isOfFour ? [0, 1, 2, 4] : Array(table.names.indices)
      func rows(_ columns: [Int]) -> [StreamRecord] {
        table.ids.enumerated().map { row, id in
          StreamRecord(
            bag: id, hasBag: false, instances: [StreamRecord.Instance(id: id)],
            values: columns.map { table.values[row * table.names.count + $0] })
        }
      }
      let quantiles = try SampleQuantiles.fit(
        rows(samples), names: samples.map { table.names[$0] },
        try ScalingChain(parsing: isOfFour ? "quantile" : methods))
      var all = rows(Array(table.names.indices))
      try quantiles.apply(&all, names: table.names)
      expectSame(all.flatMap(\.values), expected, "\(name), \(methods)")
    }
  }
}
