import Bytes
import Ontologies
import Records
import Testing
import Workbench

@Suite struct OntologyTests {
  /// The fixture: terms with parents, the terms of proteins for training and for the test, and scores.
  private struct Case {
    let json: JSON
    let ontology: Ontology
    let truth: [Set<Int>]
    let scores: [[Int: Double]]

    init() throws {
      let text = try #require(Repository.text("Tests/OntologiesTests/Fixtures/ontology.json"))
      json = try JSON.parse(text)
      let names = try #require(json["terms"]?.array).map { try #require($0.string) }
      ontology = try Ontology(
        names.map { [json] name in
          (name, try #require(json["parents"]?[name]?.array).map { try #require($0.string) })
        })
      truth = try Self.sets(json["true"], ontology)
      scores = try #require(json["scores"]?.array).map { row in
        let values = try #require(row.array).map { try #require($0.double) }
        return Dictionary(
          uniqueKeysWithValues: values.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) })
      }
    }

    static func sets(_ json: JSON?, _ ontology: Ontology) throws -> [Set<Int>] {
      try #require(json?.array).map { row in
        Set(try #require(row.array).map { try #require($0.string.flatMap(ontology.number)) })
      }
    }

    func judged(_ scores: [[Int: Double]]) throws -> TermJudgement {
      TermJudgement(
        truth: truth, scores: scores, information: ontology.information(try Self.sets(json["training"], ontology)),
        roots: ontology.roots, terms: Array(ontology.terms.indices))
    }
  }

  private func near(_ value: Double?, _ expected: Double?) -> Bool {
    guard let value, let expected else { return value == nil && expected == nil }
    return abs(value - expected) <= 1e-12
  }

  @Test func figuresAsDefined() throws {
    let fixture = try Case()
    let information = fixture.ontology.information(try Case.sets(fixture.json["training"], fixture.ontology))
    for (term, name) in fixture.ontology.terms.enumerated() {
      #expect(near(information[term], fixture.json["ic"]?[name]?.double), "\(name)")
    }
    let judged = try fixture.judged(fixture.scores)
    let cafa = fixture.json["cafa"]
    #expect(near(judged.fmax?.value, cafa?["fmax"]?.double) && judged.fmax?.threshold == cafa?["fmax_t"]?.double)
    #expect(near(judged.smin?.value, cafa?["smin"]?.double) && judged.smin?.threshold == cafa?["smin_t"]?.double)
    #expect(near(judged.rankingLoss, fixture.json["ranking_loss"]?.double))
    #expect(near(judged.microF1, fixture.json["f1"]?["micro"]?.double))
    #expect(near(judged.macroF1, fixture.json["f1"]?["macro_present"]?.double))
    let auroc = try #require(judged.auroc)
    // The root is in all proteins but one, and scores the same in all.
    #expect(auroc > 0.5 && auroc < 1 && judged.rankedTerms == 8)
    let perfect = try fixture.judged(fixture.truth.map { Dictionary(uniqueKeysWithValues: $0.map { ($0, 1) }) })
    #expect(perfect.fmax?.value == 1 && near(perfect.smin?.value, 0) && perfect.auroc == 1 && perfect.auprc == 1)
    let none = try fixture.judged(fixture.truth.map { _ in [:] })
    #expect(none.fmax == nil && none.smin == nil && none.microF1 == 0)
  }

  @Test func scoresAndTermsRise() throws {
    let ontology = try Case().ontology
    let ids = try ["root", "a", "b", "a1", "a2", "ab", "a1x"].map { try #require(ontology.number(of: $0)) }
    let (root, a, b, a1, a2, ab, a1x) = (ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6])
    let scores = ontology.propagated([a1x: 0.4, ab: 0.7, a1: 0.2])
    #expect(scores[a1] == 0.4 && scores[a] == 0.7 && scores[b] == 0.7 && scores[root] == 0.7 && scores[a2] == nil)
    #expect(ontology.propagated([ab]).count == 4 && ontology.roots == [root])
  }

  private static let obo = """
    format-version: 1.2

    [Term]
    id: T:1
    name: root
    namespace: one

    [Term]
    id: T:2
    alt_id: T:9
    namespace: one
    is_a: T:1 ! root
    relationship: part_of T:5 ! other

    [Term]
    id: T:3
    namespace: one
    is_a: T:2
    relationship: regulates T:1

    [Term]
    id: T:4
    namespace: one
    is_obsolete: true

    [Term]
    id: T:5
    namespace: two

    [Typedef]
    id: part_of
    """

  private func ontology(_ text: String, _ namespace: String? = nil) throws -> Ontology {
    try Ontology(reading: MemoryText(text), aspect: namespace)
  }

  @Test func readsFiles() throws {
    let one = try ontology(Self.obo, "one")
    #expect(one.terms == ["T:1", "T:2", "T:3"] && one.parents == [[], [0], [1]])
    #expect(one.number(of: "T:9") == 1 && one.leavesOut("T:4") && one.leavesOut("T:5") && !one.leavesOut("T:6"))
    #expect(try ontology(Self.obo).parents == [[], [0, 3], [1], []])
    let gaf = """
      !gaf-version: 2.2
      DB\tP1\tS1\tenables\tT:3\tR\tIDA\t\tF\t\t\tprotein\ttaxon:1\t2020\tDB
      DB\tP1\tS1\tNOT|enables\tT:2\tR\tIDA\t\tF\t\t\tprotein\ttaxon:1\t2020\tDB
      DB\tP2\tS2\t\tT:9\tR\tIDA\t\tF\t\t\tprotein\ttaxon:1\t2020\tDB
      DB\tP2\tS2\t\tT:5\tR\tIDA\t\tF\t\t\tprotein\ttaxon:1\t2020\tDB
      """
    let annotations = try Annotations(reading: MemoryText(gaf), one)
    #expect(
      annotations.proteins == ["P1", "P2"] && annotations.terms == [[0, 1, 2], [0, 1]] && annotations.leftOut == 1)
    #expect(try Annotations(reading: MemoryText("P\tT:2\n"), one).terms == [[0, 1]])
  }

  @Test func faultsAreNamed() throws {
    func kind(_ body: () throws -> Void) -> OntologyError.Kind? {
      do { try body() } catch { return (error as? OntologyError)?.kind }
      return nil
    }
    let one = try ontology(Self.obo, "one")
    #expect(kind { _ = try ontology("x") } == .noTerm(nil))
    #expect(kind { _ = try ontology(Self.obo, "three") } == .noTerm("three"))
    #expect(kind { _ = try Ontology([("a", ["b"])]) } == .unknownParent("b", of: "a"))
    #expect(kind { _ = try Ontology([("a", ["b"]), ("b", ["a"]), ("c", [])]) } == .cycle("a"))
    #expect(kind { _ = try Annotations(reading: MemoryText("P\tT:7"), one) } == .unknownTerm("T:7"))
    #expect(kind { _ = try Annotations(reading: MemoryText("P T:2"), one) } == .badLine("P T:2"))
    #expect(kind { _ = try Annotations(reading: MemoryText("P\tT:4"), one) } == .noAnnotation)
  }
}

/// A source of a text.
private final class MemoryText: BlockSource {
  let name = "text"
  private var bytes: ArraySlice<UInt8>

  init(_ text: String) { bytes = Array(text.utf8)[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = bytes.prefix(buffer.count)
    buffer.copyBytes(from: part)
    bytes = bytes.dropFirst(part.count)
    return part.count
  }
}
