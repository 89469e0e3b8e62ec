import Arrays
import Bags
import Bytes
import ModelSupport
import Models
import Records
import Scoring

/// Scores the node pairs of two graphs, a bag at a time: all of them, or those that have a label.
final class NodeScores {
  private let model: StreamModel
  private let pairs: NodePairs
  private let labels: NodePairLabels?
  private let scorer: Scorer
  /// The scorer that keeps what becomes of a graph's nodes; nil where nothing is kept.
  private let kept: GraphPairs?
  private let baseline: NodeBaseline?
  private var scored = 0
  /// The pairs of graphs that were left out because none of their node pairs has a label.
  private(set) var unlabelled = 0

  /// Scores the bags of the model's source; with `labels` only the node pairs that have one. What becomes of a graph's
  /// nodes is kept for its further pairs, in at most `memory` bytes.
  init(_ model: StreamModel, _ pairs: NodePairs, _ labels: NodePairLabels?, threads: Int, memory: Int) {
    (self.model, self.pairs, self.labels) = (model, pairs, labels)
    kept = GraphPairs(model.model, pairs, threads: threads, memory: memory)
    scorer = Scorer(model: model.model, threads: threads)
    baseline = model.odds.map { NodeBaseline(pairs, $0) }
  }

  /// The next bag with its scores; nil at the end.
  func next() throws -> ScoredBags? {
    while let record = try model.source.next() {
      let graphs = try pairs.graphs(of: model.batch([record]))[0]
      let count = try pairs.cells(graphs.a, graphs.b)
      let labelled = labels?.labelled(graphs.a, graphs.b)
      let cells = labelled?.cells ?? (0..<Int32(count)).map { $0 }
      // A pair of graphs whose nodes took no part in the labels has nothing to be judged.
      if cells.isEmpty {
        unlabelled += 1
        continue
      }
      let details = Details(
        record: record, pairs: pairs, labels: labelled?.labels, graphs: graphs, cells: cells,
        baselines: baseline?.values(graphs))
      scored += 1
      return ScoredBags(bags: details, scores: BagScores(scores(graphs, cells), of: model))
    }
    if scored == 0, unlabelled > 0 { throw NothingLabelled(pairs: unlabelled) }
    return nil
  }

  /// The scores of node pairs; where the order of the graphs means nothing, the mean of both orders.
  private func scores(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> Scores {
    let given = ordered(graphs, cells)
    guard model.isSymmetric else { return given }
    let other = ordered((a: graphs.b, b: graphs.a), pairs.exchanged(graphs, cells))
    let grouping = pairs.batch([graphs], cells: [cells], withGraphs: false)
    return scorer.join(.mean(of: [given, other], on: model.model.unit), grouping)
  }

  private func ordered(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> Scores {
    kept?.score(graphs, cells) ?? scorer.score(pairs.batch([graphs], cells: [cells]))
  }

  /// The names of the node pairs, made when they are written.
  private struct Details: BagDetails {
    let record: StreamRecord
    let pairs: NodePairs
    /// The label of each node pair that is scored; nil without labels.
    let labels: [UInt8]?
    let graphs: (a: Int, b: Int)
    let cells: [Int32]
    /// The baseline of every node pair of the graphs.
    let baselines: [Double]?

    var offsets: [Int32] { [0, Int32(cells.count)] }
    func bag(_ bag: Int) -> StreamRecord { record }

    func baseline(_ number: Int) -> Double? { baselines?[Int(cells[number])] }

    func instance(_ number: Int, of bag: Int) -> (StreamRecord.Instance, kept: [KeptValue]) {
      let cell = Int(cells[number])
      let names = pairs.names(graphs.a, graphs.b, cell: cell)
      // Residues of a chain without a name begin with a colon, which colons can't join.
      let instance = StreamRecord.Instance(
        id: (try? PairIdentifier.joining(names.a, names.b)) ?? "\(names.a)/\(names.b)", isoformA: names.a,
        isoformB: names.b,
        label: labels.map { Double($0[number]) })
      return (instance, record.kept)
    }
  }
}

/// The error that no node pair that is scored has a label.
private struct NothingLabelled: Diagnosable {
  let pairs: Int

  /// Status 65.
  var diagnostic: Diagnostic {
    Diagnostic(
      .data, "no node pair of the \(pairs) \(pairs == 1 ? "pair" : "pairs") of graphs has a label in --instances",
      hint: "its columns gene_a and gene_b must hold the ids of the graphs; without --instances all are scored")
  }
}
