import Bytes
import Features
import Records
import Testing

@Suite struct GroupMeansTests {
  /// The rows of a run by id, as text.
  private static func rows(_ run: Run) -> [String: String] {
    var rows: [String: String] = [:]
    for line in run.lines.dropFirst() { rows[String(line.prefix { $0 != "\t" })] = line }
    return rows
  }

  /// Proteins of several lengths, with unknown letters, some too short for an encoder.
  private static func proteins(_ count: Int, groups: Int, _ random: inout RandomStream) -> [String] {
    (0..<count).map { number in
      let length = Int.random(in: 1...90, using: &random)
      let letters = (0..<length).map { _ in "ACDEFGHIKLMNPQRSTVWYX".randomElement(using: &random) ?? "A" }
      return ">g\(Int.random(in: 0..<groups, using: &random)).\(number)\n\(String(letters))\n"
    }
  }

  private static let encoders = ["aac", "dpc", "paac:lambda=6", "moran:lag=3", "apaac:lambda=3"]

  private static func means(_ fasta: String, _ grouping: Grouping) -> Run {
    Run.features(of: fasta, encoders) { $0.grouping = grouping }
  }

  @Test func meanOfOneRecordIsItsRow() {
    var random = RandomStream(seed: 3)
    let fasta = Self.proteins(40, groups: 40, &random).joined()
    let plain = Run.features(of: fasta, Self.encoders)
    #expect(plain.error == nil && plain.text.contains("NA"))
    #expect(Self.means(fasta, Grouping(prefix: "|")).text == plain.text)
  }

  @Test func orderOfRecordsDoesNotShow() {
    var random = RandomStream(seed: 4)
    var records = Self.proteins(200, groups: 5, &random)
    let first = Self.means(records.joined(), Grouping(prefix: "."))
    #expect(first.error == nil && first.lines.count == 6)
    for _ in 0..<10 {
      records.shuffle(using: &random)
      let again = Self.means(records.joined(), Grouping(prefix: "."))
      #expect(Self.rows(again) == Self.rows(first))
    }
  }

  @Test func meansAreTheNearestNumbers() throws {
    var random = RandomStream(seed: 5)
    let fasta = Self.proteins(150, groups: 4, &random).joined()
    let plain = Run.features(of: fasta, Self.encoders).lines.dropFirst().map { $0.split(separator: "\t") }
    for line in Self.means(fasta, Grouping(prefix: ".")).lines.dropFirst() {
      let mean = line.split(separator: "\t")
      let rows = plain.filter { $0[0].hasPrefix(mean[0] + ".") }
      #expect(rows.count > 20)
      for column in 1...2 {
        #expect(mean[column] == String(rows.map { Int($0[column]) ?? 0 }.reduce(0, +)))
      }
      for column in 3..<mean.count {
        let values = rows.compactMap { Double($0[column]) }
        if mean[column] == "NA" {
          #expect(values.isEmpty)
          continue
        }
        let value = try #require(Double(mean[column]))
        let distance = { (guess: Double) in abs(ExactSum(values).without(guess, times: values.count)) }
        #expect(distance(value) <= distance(value.nextUp) && distance(value) <= distance(value.nextDown))
      }
    }
  }

  @Test func groupsComeInTheirOrder() {
    let fasta = ">b|1\nMK\n>a|1\nM\n>b|2\nKK\n>a\nMM\n>c\nMMM\n"
    let run = Run.features(of: fasta, ["aac"]) { $0.grouping = Grouping(prefix: "|") }
    #expect(
      run.lines.dropFirst().map { $0.split(separator: "\t").prefix(3) } == [
        ["b", "4", "4"], ["a", "3", "3"], ["c", "3", "3"],
      ])
    let long = Run.features(of: ">x::1::2\nMK\n>x:1\nM\n", ["aac"]) { $0.grouping = Grouping(prefix: "::") }
    #expect(long.lines.dropFirst().map { $0.prefix { $0 != "\t" } } == ["x", "x:1"])
  }

  @Test func missingFeaturesAreLeftOutOneByOne() {
    let run = Run.features(of: ">a.1\nMA\n>a.2\nA\n>b.1\nA\n", ["aac", "dpc"]) { $0.grouping = Grouping(prefix: ".") }
    let rows = run.lines.map { $0.split(separator: "\t") }
    let (single, pair) = (rows[0].firstIndex(of: "aac.A"), rows[0].firstIndex(of: "dpc.MA"))
    #expect(single.map { rows[1][$0] } == "0.75" && pair.map { rows[1][$0] } == "1")
    #expect(single.map { rows[2][$0] } == "1" && pair.map { rows[2][$0] } == "NA")
  }

  @Test func idsWithoutAGroup() throws {
    let map = try GroupMap(reading: MemorySource("a\tx\nb\tx\n"))
    let fasta = ">a\nMK\n>c\nM\n>b\nK\n"
    let stop = Run.features(of: fasta, ["aac"]) { $0.grouping = Grouping(map) }
    #expect(stop.error?.message == "'c' belongs to no group: it is not in test" && stop.error?.place?.line == 3)
    let drop = Run.features(of: fasta, ["aac"]) { $0.grouping = Grouping(map, unmapped: .drop) }
    #expect(drop.lines.count == 2 && drop.counts.records == 3 && drop.counts.written == 2)
    let keep = Run.features(of: fasta, ["aac"]) { $0.grouping = Grouping(map, unmapped: .keep) }
    #expect(keep.lines.count == 3 && keep.lines[2].hasPrefix("c\t1\t1"))
    let taken = Run.features(of: fasta + ">x\nM\n", ["aac"]) { $0.grouping = Grouping(map, unmapped: .keep) }
    #expect(taken.error?.message == "'x' belongs to no group, and test has a group of that name")
  }

  @Test func mapsOfSeveralSpellings() throws {
    let fasta = ">a\nMK\n>b\nM\n>c\nK\n"
    var texts: Set<String> = []
    for map in [
      "a\tx\nb\ty\nc\tx\n", "a\tx\r\n\r\nb\ty\r\na\tx\r\nc\tx", "id\tgroup\na\tx\nb\ty\nc\tx\n",
      "n\tgene\tisoform\n1\tx\ta\n2\ty\tb\n3\tx\tc\n",
    ] {
      let groups = try GroupMap(reading: MemorySource(map))
      texts.insert(Run.features(of: fasta, ["aac"]) { $0.grouping = Grouping(groups) }.text)
    }
    #expect(texts.count == 1 && texts.first?.split(separator: "\n").count == 3)
    for faulty in ["a\n", "a\tx\ty\n", "a\t\n", "\tx\n", "a\tx\na\ty\n", "a\tx\u{1B}\n", "id\tgroup\na\n"] {
      #expect(throws: RecordError.self, "\(faulty)") { try GroupMap(reading: MemorySource(faulty)) }
    }
  }
}

/// A sum of doubles without any rounding, as numbers that do not overlap (Shewchuk 1997, grow-expansion).
private struct ExactSum {
  private var parts: [Double] = []

  init(_ values: [Double]) { for value in values { add(value) } }

  private mutating func add(_ value: Double) {
    var value = value
    var kept: [Double] = []
    for part in parts {
      let (large, small) = abs(value) < abs(part) ? (part, value) : (value, part)
      let sum = large + small
      let rest = small - (sum - large)
      if rest != 0 { kept.append(rest) }
      value = sum
    }
    parts = kept + [value]
  }

  /// The sum less a product, rounded once.
  func without(_ factor: Double, times count: Int) -> Double {
    var copy = self
    let product = factor * Double(count)
    copy.add(-product)
    copy.add(-(-product).addingProduct(factor, Double(count)))
    return copy.parts.reversed().reduce(0, +)
  }
}
