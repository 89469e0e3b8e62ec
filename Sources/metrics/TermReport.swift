import ArgumentParser
import Bytes
import CommandSupport
import Evaluation
import Ontologies
import Records

/// Predicted terms of an ontology.
struct TermOptions: ParsableArguments {
  @Option(
    help: .init(
      """
      Judge predicted terms (columns id, term, score) by these annotations: GAF, or two columns, a protein and a term. \
      Needs --ontology.
      """, valueName: "file"), completion: .file())
  var annotations: String?
  @Option(help: .init("The ontology of --annotations, in OBO.", valueName: "file"), completion: .file())
  var ontology: String?
  @Option(
    help: .init("The namespace that is judged: F, P, C, or its name; all if not given.", valueName: "aspect"),
    completion: .list(["F", "P", "C"]))
  var aspect: String?
  @Option(
    help: .init(
      "The annotations that say how much a term tells; those of --annotations if not given.", valueName: "file"),
    completion: .file())
  var background: String?

  func validate() throws {
    if (annotations == nil) != (ontology == nil) {
      throw ValidationError("--annotations and --ontology need each other")
    }
    for (isSet, name) in [(aspect != nil, "--aspect"), (background != nil, "--background")]
    where isSet && annotations == nil { throw ValidationError("\(name) needs --annotations FILE") }
  }

  var paths: [String] { [annotations, ontology, background].compactMap { $0 } }
}

/// The figures of predicted terms.
struct TermReport {
  private let rows: [(name: String, value: Double?, threshold: Double?)]
  private let proteins: Int
  private let terms: Int
  /// Rows of proteins without annotations, and of terms that are obsolete or of other namespaces.
  private(set) var leftOut = (proteins: 0, terms: 0)

  /// Reads ontology, annotations and predictions. Throws `OntologyError`, `MetricsError` and what readers throw.
  init(_ table: TableReader, _ options: TermOptions, scoreColumn: String, threshold: Double) throws {
    let ontology = try Ontology(reading: Input.open(options.ontology ?? ""), aspect: options.aspect)
    let annotations = try Annotations(reading: Input.open(options.annotations ?? ""), ontology)
    let background = try options.background.map { try Annotations(reading: Input.open($0), ontology) } ?? annotations
    let numbers = Dictionary(uniqueKeysWithValues: annotations.proteins.enumerated().map { ($0.element, $0.offset) })
    var scores = [[Int: Double]](repeating: [:], count: numbers.count)
    if !table.isEmpty {
      let columns = (
        id: try table.require("id"), term: try table.require("term"),
        score: try table.require(scoreColumn, hint: "name the column of the scores with --score-column")
      )
      while let row = try table.next() {
        let id = try row.id(columns.term)
        guard let term = ontology.number(of: id) else {
          guard ontology.leavesOut(id) else {
            throw OntologyError(.unknownTerm(id), at: row.place(of: columns.term))
          }
          leftOut.terms += 1
          continue
        }
        let protein = try row.id(columns.id)
        guard let score = try row.number(columns.score) else {
          throw MetricsError.noScore("\(protein) \(id)", column: scoreColumn, row.place(of: columns.score))
        }
        guard let number = numbers[protein] else {
          leftOut.proteins += 1
          continue
        }
        if scores[number].updateValue(score, forKey: term) != nil {
          throw MetricsError.repeatedTerm(protein, id, row.place)
        }
      }
    }
    let all = scores.map(ontology.propagated)
    let terms = annotations.terms.reduce(into: Set<Int>()) { $0.formUnion($1) }.union(all.flatMap(\.keys)).sorted()
    let judged = TermJudgement(
      truth: annotations.terms, scores: all, information: ontology.information(background.terms),
      roots: ontology.roots, terms: terms, threshold: threshold)
    (proteins, self.terms) = (annotations.proteins.count, terms.count)
    rows = [
      ("fmax", judged.fmax?.value, judged.fmax?.threshold), ("smin", judged.smin?.value, judged.smin?.threshold),
      ("auroc", judged.auroc, nil), ("auprc", judged.auprc, nil), ("f1_micro", judged.microF1, threshold),
      ("f1_macro", judged.macroF1, threshold), ("ranking_loss", judged.rankingLoss, nil),
    ]
  }

  /// Writes a line for each figure; throws an `IOFailure`.
  func write(to sink: ByteSink, format: OutputFormat, header: Bool, madeBy: String) throws {
    let columns = [
      Column("metric"), Column("value", .double), Column("threshold", .double), Column("n", .int),
      Column("terms", .int),
    ]
    let writer = TableWriter(sink, format: format, kind: .metric, columns: columns, header: header, madeBy: madeBy)
    for row in rows {
      try writer.write([
        .text(row.name), row.value.map { .double($0) } ?? .missing, row.threshold.map { .double($0) } ?? .missing,
        .int(proteins), .int(terms),
      ])
    }
    try writer.finish()
  }

  /// The figures as an aligned table.
  func pretty() -> String {
    func text(_ value: Double?) -> String { value.map { NumberText.fixed($0, digits: 3) } ?? "NA" }
    return Report.aligned([["metric", "value", "at"]] + rows.map { [$0.name, text($0.value), text($0.threshold)] })
  }
}
