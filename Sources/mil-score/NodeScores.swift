import Arrays
import Bags
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

  /// Scores the bags of the model's source; with `labels` only the node pairs that have one.
  init(_ model: StreamModel, _ pairs: NodePairs, _ labels: NodePairLabels?, threads: Int) {
    (self.model, self.pairs, self.labels) = (model, pairs, labels)
    scorer = Scorer(model: model.model, threads: threads)
  }

  /// The next bag with its scores; nil at the end.
  func next() throws -> ScoredBags? {
    while let record = try model.source.next() {
      let graphs = try pairs.graphs(of: model.batch([record]))[0]
      let cells = labels?.labelled(graphs.a, graphs.b) ?? (0..<Int32(pairs.cells(graphs.a, graphs.b))).map { $0 }
      // A pair of graphs whose nodes took no part in the labels has nothing to be judged.
      if cells.isEmpty { continue }
      let details = Details(record: record, pairs: pairs, labels: labels, graphs: graphs, cells: cells)
      return ScoredBags(bags: details, scores: BagScores(scores(graphs, cells), of: model))
    }
    return nil
  }

  /// The scores of node pairs; where the order of the graphs means nothing, the mean of both orders.
  private func scores(_ graphs: (a: Int, b: Int), _ cells: [Int32]) -> Scores {
    let batch = pairs.batch([graphs], cells: [cells])
    let given = scorer.score(batch)
    guard model.isSymmetric else { return given }
    let other = scorer.score(pairs.batch([(a: graphs.b, b: graphs.a)], cells: [pairs.exchanged(graphs, cells)]))
    return scorer.join(.mean(of: [given, other], on: model.model.unit), batch)
  }

  /// The names of the node pairs, made when they are written.
  private struct Details: BagDetails {
    let record: StreamRecord
    let pairs: NodePairs
    let labels: NodePairLabels?
    let graphs: (a: Int, b: Int)
    let cells: [Int32]

    var offsets: [Int32] { [0, Int32(cells.count)] }
    func bag(_ bag: Int) -> StreamRecord { record }

    func instance(_ number: Int, of bag: Int) throws -> (StreamRecord.Instance, kept: [KeptValue]) {
      let cell = Int(cells[number])
      let names = pairs.names(graphs.a, graphs.b, cell: cell)
      let instance = StreamRecord.Instance(
        id: try PairIdentifier.joining(names.a, names.b, at: record.place), isoformA: names.a, isoformB: names.b,
        label: labels?.label(graphs.a, graphs.b, cell: cell))
      return (instance, record.kept)
    }
  }
}
