import Arrays
import Bags
import ModelSupport
import Models
import Records
import Scoring

/// Scores bags built from pairs, isoform by isoform, without assembling rows of features.
final class PairScores {
  /// A chunk of bags with its batch for the scorer.
  private struct PackedChunk: Sendable {
    let chunk: PairChunk
    let batch: PairBatch
  }

  private let bags: PairBags
  private let model: StreamModel
  private let rows: PairRows
  private let scorer: PairScorer
  private let parts: ReadAhead<PackedChunk>

  /// Scores chunks of `most` bags; nil if the model's normaliser does not scale each column independently.
  init?(_ bags: PairBags, _ model: StreamModel, most: Int, threads: Int, memory: Int) {
    guard let rows = PairRows(model, bags) else { return nil }
    let pairs = EntityPairs(model, threads: threads)
    if model.entities != nil, pairs == nil { return nil }
    (self.bags, self.model, self.rows) = (bags, model, rows)
    scorer = PairScorer(
      model: model.model, pairs: pairs, columns: rows.columns, threads: threads, memory: memory
    ) { try rows.write($0, to: $1) }
    parts = ReadAhead(depth: 4) {
      guard let chunk = try bags.nextChunk(bags: most, instances: 16 * most) else { return nil }
      return try Self.naming(chunk, bags, model) { PackedChunk(chunk: chunk, batch: try rows.batch(chunk)) }
    }
  }

  /// The next bags with their scores; nil at the end.
  func next() throws -> ScoredBags? {
    guard let part = try parts.next() else { return nil }
    let scores = try Self.naming(part.chunk, bags, model) { try scorer.score(part.batch) }
    return ScoredBags(bags: Details(chunk: part.chunk, bags: bags), scores: BagScores(scores, of: model))
  }

  /// Runs `body`; if it throws for a value, packs the whole bags again to name the value's instance and feature.
  private static func naming<Value>(
    _ chunk: PairChunk, _ bags: PairBags, _ model: StreamModel, _ body: () throws -> Value
  ) throws -> Value {
    do { return try body() } catch let error as BagsError {
      let records = try chunk.pairs.indices.map { model.reordered(try bags.wholeRecord(of: chunk, $0)) }
      _ = try model.batch(records)
      throw error
    }
  }

  /// The ids and kept columns of the bags, read from tables that do not change.
  private struct Details: BagDetails, @unchecked Sendable {
    let chunk: PairChunk
    let bags: PairBags

    var offsets: [Int32] { chunk.offsets }
    func bag(_ bag: Int) throws -> StreamRecord { try bags.record(of: chunk, bag) }
    func instance(_ number: Int, of bag: Int) throws -> (StreamRecord.Instance, kept: [KeptValue]) {
      (try bags.instance(number, of: chunk, bag: bag), chunk.pairs[bag].kept)
    }
  }
}
