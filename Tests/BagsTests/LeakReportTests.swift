import Bags
import Bytes
import Testing

@Suite struct LeakReportTests {
  private let base = "MKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNMPQRSTWYACDEFGHIKL"

  private func report(_ training: [(String, String, Double)], _ test: [(String, String, Double)]) throws -> [String:
    Double]
  {
    var sequences = PartnerSequences()
    let letters = [
      "A": base, "B": String(base.reversed()), "C": base.lowercased(), "D": String(base.dropFirst(20)),
      "E": "GGGGGGGGGGGGWWWWWWWWWW", "F": "PPPPPPPPPPPPP", "G": "MKT",
      "H": String(base.prefix(9)) + String(repeating: "N", count: 30),
    ]
    for (id, text) in letters { sequences.append(Array(text.utf8), of: id) }
    func pairs(_ rows: [(String, String, Double)]) -> [GenePair] { rows.map { GenePair($0.0, $0.1, label: $0.2) } }
    let report = try LeakReport(SplitPairs(training: pairs(training), test: pairs(test)), sequences)
    #expect(report.text.hasPrefix("figure\tvalue\ntraining_pairs\t"))
    #expect(report.figures.last?.name == "leak" && report.figures.last?.value == report.leak)
    return Dictionary(uniqueKeysWithValues: report.figures.map { ($0.name, $0.value) })
  }

  /// C is A in lower case, D its second half, H shares 4 of its 10 words, E and F share nothing.
  @Test func findsIdsAndSequences() throws {
    let figures = try report(
      [("A", "B", 1)], [("C", "E", 1), ("D", "F", 0), ("E", "F", 1), ("H", "F", 0), ("A", "E", 1), ("X", "F", 1)])
    #expect(figures["shared_ids"] == 1 && figures["identical_ids"] == 1 && figures["near_ids"] == 1)
    #expect(figures["ids_without_sequence"] == 1 && figures["test_ids"] == 7 && figures["training_ids"] == 2)
    #expect(figures["leak"] == 0.5 && figures["test_pairs_one_known"] == 3 && figures["test_pairs_both_known"] == 0)
    // Five ids that training lacks have a sequence: C and D at 1, E and F at 0, H between.
    #expect(figures["nearest_max"] == 1 && figures["nearest_from_0.0"] == 2 && figures["nearest_from_0.9"] == 2)
    #expect(figures["nearest_from_0.4"] == 1)
  }

  @Test func countsPairsInBothParts() throws {
    let figures = try report(
      [("A", "B", 1), ("B", "A", 0), ("A", "E", 1)], [("B", "A", 0), ("E", "A", 0), ("E", "F", 1), ("F", "E", 1)])
    #expect(figures["shared_pairs"] == 2 && figures["repeated_pairs"] == 2)
    #expect(figures["repeated_pairs_contrary"] == 1 && figures["shared_pairs_contrary"] == 2)
    #expect(figures["leak"] == 1 && figures["test_pairs_both_known"] == 2)
  }

  /// The index finds what a comparison of all sets of words finds.
  @Test func nearestAsByAllPairs() throws {
    var random = RandomStream(seed: 4)
    let letters = Array("ACDE")
    let texts = (0..<30).map { _ in String((0..<60 + random.below(60)).map { _ in letters[random.below(4)] }) }
    func words(_ text: String) -> Set<String> {
      let letters = Array(text)
      return Set((0...letters.count - 6).map { String(letters[$0..<$0 + 6]) })
    }
    var sequences = PartnerSequences()
    for (number, text) in texts.enumerated() { sequences.append(Array(text.utf8), of: "\(number)") }
    for test in 20..<30 {
      let pairs = SplitPairs(
        training: (0..<10).map { GenePair("\(2 * $0)", "\(2 * $0 + 1)") }, test: [GenePair("\(test)", "\(test)")])
      let figures = try LeakReport(pairs, sequences).figures
      let expected = (0..<20).map { other in
        let (a, b) = (words(texts[test]), words(texts[other]))
        return Double(a.intersection(b).count) / Double(min(a.count, b.count))
      }.max()
      #expect(figures.first { $0.name == "nearest_max" }?.value == expected && expected != 0)
    }
  }

  @Test func emptyPartsAreErrors() {
    #expect(throws: BagsError(.emptyPart("test"))) { try report([("A", "B", 1)], []) }
    #expect(throws: BagsError(.emptyPart("training"))) { try report([], [("A", "B", 1)]) }
    #expect(throws: BagsError(.noSequenceOfPartners)) { try report([("X", "Y", 1)], [("Z", "X", 1)]) }
  }
}
