import Bags
import Bytes
import Records
import Testing
import Workbench

/// Correlating blocks beside SciPy: ties, gaps, rows that do not vary, groups and `--min-samples`
/// (Fixtures/make_correlations.py).
@Suite struct CorrelationOracleTests {
  struct Row {
    let measure: String
    let least: Int
    let group: String
    let a: String
    let b: String
    let value: Double?
  }

  static func fixture(_ name: String) throws -> String {
    try #require(Repository.text("Tests/BagsTests/Fixtures/\(name)"))
  }

  static func expected() throws -> [Row] {
    try fixture("correlations.tsv").split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t").map(String.init)
      return Row(
        measure: fields[0], least: Int(fields[1]) ?? 0, group: fields[2], a: fields[3], b: fields[4],
        value: Double(fields[5]))
    }
  }

  /// The features of one pair of rows by name, nil where they are undefined, and how many of them were counted as such.
  private func features(
    _ a: String, _ b: String, kind: String, least: Int, isGrouped: Bool
  ) throws -> (values: [String: Double?], undefined: Int) {
    let block = try Given.block(
      "r=\(kind):x,min-samples=\(least),indicator=yes", Self.fixture("matrix.tsv"),
      groups: isGrouped ? Self.fixture("samples.tsv") : nil)
    let tally = NoticeCounter()
    let bags = try PairBags(
      pairs: PairList([GenePair(a, b)]), members: Members(identifiersOf: [block.table]), blocks: [block], tally: tally)
    let record = try #require(try bags.next())
    var values: [String: Double?] = [:]
    for (place, name) in block.names.enumerated() where !name.hasSuffix(".undefined") {
      #expect(block.names[place + 1] == name + ".undefined")
      let isUndefined = record.values[place + 1] == 1
      if isUndefined { #expect(record.values[place] == 0) }
      values[name] = isUndefined ? .some(nil) : record.values[place]
    }
    return (values, tally[.undefinedCorrelation])
  }

  @Test(arguments: ["pearson", "spearman"], [3, 4, 6]) func scipy(measure: String, least: Int) throws {
    let kind = measure == "pearson" ? "correlate" : "spearman"
    let rows = try Self.expected().filter { $0.measure == measure && $0.least == least }
    var pairs: [[String]] = []
    for row in rows where !pairs.contains([row.a, row.b]) { pairs.append([row.a, row.b]) }
    #expect(pairs.count == 55)
    for pair in pairs {
      for isGrouped in [false, true] {
        let found = try features(pair[0], pair[1], kind: kind, least: least, isGrouped: isGrouped)
        let wanted = rows.filter { $0.a == pair[0] && $0.b == pair[1] && ($0.group != "*") == isGrouped }
        #expect(found.values.count == wanted.count)
        #expect(found.undefined == wanted.count { $0.value == nil })
        for row in wanted {
          let stem = isGrouped ? "r.\(row.group)" : "r"
          let name = isGrouped && measure == "pearson" ? stem : "\(stem).\(measure)"
          let value = try #require(found.values[name], "a feature is called \(name)")
          // SciPy's own error in its centred sums is some units in the last place of values shifted by a million.
          #expect((value == nil) == (row.value == nil), "\(row)")
          if let value, let other = row.value { #expect(abs(value - other) < 1e-12, "\(row)") }
        }
      }
    }
  }
}
