import ArgumentParser
import Arrays
import Attribution
import Bags
import CommandSupport
import ModelSupport
import Models
import Records
import Scoring

/// Explains the best-scored node pair of each bag: which nodes of both graphs counted, or which of their features.
struct NodeExplanations {
  /// The lines: one per node, or per feature of the nodes of a side.
  enum Unit: String, CaseIterable, ExpressibleByArgument { case residue, column }

  private let writer: TableWriter
  private let options: Explain
  private let method: AttributionMethod
  private let model: StreamModel
  private let pairs: NodePairs
  private let explainer: Explainer
  private let scorer: Scorer

  init(
    _ writer: TableWriter, _ options: Explain, _ method: AttributionMethod, _ model: StreamModel, _ pairs: NodePairs,
    _ explainer: Explainer
  ) {
    (self.writer, self.options, self.method) = (writer, options, method)
    (self.model, self.pairs, self.explainer) = (model, pairs, explainer)
    scorer = Scorer(model: model.model, threads: options.work.count)
  }

  /// Throws a usage error for options that node pairs do not have.
  static func check(_ options: Explain, _ method: AttributionMethod) throws {
    if options.ablate || options.scores || options.level == .instance || method.name == "occlusion" {
      let option =
        options.ablate
        ? "--ablate" : options.scores ? "--scores" : options.level == .instance ? "--level instance" : "occlusion"
      throw ToolFailure.usage(
        "\(option) does not apply to models of node pairs: a derivative of the best pair of each bag is explained")
    }
  }

  /// The columns of the output.
  static func columns(_ unit: Unit) -> [Column] {
    [Column("bag"), Column("id"), Column("side"), Column("entity")]
      + (unit == .residue ? [Column("number"), Column("symbol")] : [Column("feature")])
      + [Column("attribution", .double), Column("selected", .int)]
  }

  /// Explains all bags.
  func run(_ meter: ProgressMeter) throws {
    var done = 0
    while let record = try model.source.next() {
      let graphs = try pairs.graphs(of: model.batch([record]))[0]
      let best = try self.best(graphs, record.bag)
      let (a, b) = attributions(graphs, best)
      let names = pairs.names(graphs.a, graphs.b, cell: Int(best))
      let id = (try? PairIdentifier.joining(names.a, names.b)) ?? "\(names.a)/\(names.b)"
      for (side, graph, entity, values) in [
        ("a", graphs.a, record.geneA ?? "", a), ("b", graphs.b, record.geneB ?? "", b),
      ] {
        try write([record.bag, id, side, entity].map { .text($0) }, graph, values)
      }
      done += 1
      meter.update(done)
    }
    meter.finish()
  }

  /// The node pair with the highest score.
  private func best(_ graphs: (a: Int, b: Int), _ bag: String) throws -> Int32 {
    let cells = (0..<Int32(try pairs.cells(graphs.a, graphs.b))).map { $0 }
    var scores = scorer.score(pairs.batch([graphs], cells: [cells]))[model.model.unit]
    if model.isSymmetric {
      let other = scorer.score(pairs.batch([(a: graphs.b, b: graphs.a)], cells: [pairs.exchanged(graphs, cells)]))
      scores = zip(scores, other[model.model.unit]).map { $0 + $1 }
    }
    if let wrong = scores.firstIndex(where: { !$0.isFinite }) {
      let names = pairs.names(graphs.a, graphs.b, cell: wrong)
      throw NotFinite("the logit", bag: bag, instance: "\(names.a)/\(names.b)", model: options.model)
    }
    return Int32(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
  }

  /// The attributions of the nodes of both graphs, row by row; where the order of the graphs means nothing, of the mean
  /// of both orders.
  private func attributions(_ graphs: (a: Int, b: Int), _ cell: Int32) -> (a: [Float], b: [Float]) {
    func nodes(_ graphs: (a: Int, b: Int), _ cell: Int32) -> [Float] {
      let batch = pairs.batch([graphs], cells: [[cell]])
      return explainer.explain(batch, offsets: [0, 1], all: true)[0].attribution["nodes"] ?? []
    }
    let given = nodes(graphs, cell)
    let width = pairs.features.nodes.count
    let (first, second) = (pairs.size(of: graphs.a) * width, pairs.size(of: graphs.b) * width)
    guard model.isSymmetric else { return (Array(given[..<first]), Array(given[first...])) }
    let other = nodes((a: graphs.b, b: graphs.a), pairs.exchanged(graphs, [cell])[0])
    func mean(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> [Float] { zip(a, b).map { ($0 + $1) / 2 } }
    return (mean(given[..<first], other[second...]), mean(given[first...], other[..<second]))
  }

  /// Writes the lines of one side: the nodes that counted, or all columns.
  private func write(_ start: [Field], _ graph: Int, _ values: [Float]) throws {
    let width = pairs.features.nodes.count
    func line(_ names: [Field], _ value: Float, _ isSelected: Bool) throws {
      guard isSelected || !options.selectedOnly else { return }
      try writer.write(start + names + [.float(value), .int(isSelected ? 1 : 0)])
    }
    switch options.by {
    case .residue:
      let scores = method.rowScore.scores(values, width: width)
      let marks = options.select.rule.marks(scores)
      let names = pairs.nodeNames(of: graph)
      for (node, score) in scores.enumerated() where score != 0 {
        let symbol = names[node].split(separator: ":").last.map(String.init)
        try line([.text(names[node]), symbol.map { .text($0) } ?? .missing], score, marks[node])
      }
    case .column:
      var sums = [Float](repeating: 0, count: width)
      for (place, value) in values.enumerated() { sums[place % width] += value }
      let marks = options.select.rule.marks(sums)
      for (column, name) in pairs.features.nodes.enumerated() { try line([.text(name)], sums[column], marks[column]) }
    }
  }
}
