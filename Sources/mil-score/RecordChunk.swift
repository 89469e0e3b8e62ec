import Arrays
import ModelSupport
import Models
import Records
import Scoring

/// Bags of a stream that are scored together.
struct RecordChunk: BagDetails {
  let offsets: [Int32]
  /// The bags; their features are dropped after packing.
  private var records: [StreamRecord]
  private let most: Int
  private var packed: Batch?

  /// The next `bags` bags, or fewer where they have `instances` instances; nil at the end.
  init?(from source: any BagSource, _ model: StreamModel, bags: Int, instances: Int) throws {
    var offsets: [Int32] = [0]
    records = []
    while records.count < bags, offsets[records.count] < instances, let record = try source.next() {
      offsets.append(offsets[records.count] + Int32(record.instances.count))
      records.append(record)
    }
    if records.isEmpty { return nil }
    (self.offsets, most) = (offsets, instances)
    // A large bag is packed and scored in parts later.
    guard offsets[records.count] <= 2 * instances else { return }
    packed = try model.batch(records)
    for place in records.indices { records[place].values = [] }
  }

  /// The size of the features in bytes.
  var weight: Int {
    guard let x = packed?.dense("x") else { return records.reduce(0) { $0 + 8 * $1.values.count } }
    return 4 * x.rows * x.columns
  }

  /// Returns the scores, and with `single` the values of that feature; rethrows the errors of packing.
  mutating func score(_ scorer: Scorer, _ model: StreamModel, _ single: SingleFeature?) throws -> ScoredBags {
    func values(_ batch: Batch) -> [Float]? { single.flatMap { batch.dense("x").map($0.values) } }
    if let packed {
      self.packed = nil
      return ScoredBags(
        bags: self, scores: BagScores(scorer.score(packed), of: model, singleFeature: values(packed)))
    }
    var (units, gates, best): ([Float], [Float]?, [Float]?) = ([], nil, nil)
    try eachPart { part in
      let batch = try model.batch(part)
      let scores = scorer.score(batch)
      if let own = values(batch) { best = (best ?? []) + own }
      units += scores[model.model.unit]
      if let attention = scores.attention { gates = (gates ?? []) + attention }
    }
    for place in records.indices { records[place].values = [] }
    let scores = Scores(unit: model.model.unit, units, notes: gates.map { [Scores.attention: $0] } ?? [:])
    let joined = scorer.join(scores, Batch(grouping: offsets))
    return ScoredBags(bags: self, scores: BagScores(joined, of: model, singleFeature: best))
  }

  /// Calls `body` with the records in parts of at most `most` instances; large bags are cut.
  private func eachPart(_ body: ([StreamRecord]) throws -> Void) rethrows {
    for record in records {
      let count = record.instances.count
      let width = record.values.count / max(1, count)
      for start in stride(from: 0, to: count, by: most) {
        let rows = start..<min(start + most, count)
        var part = record
        part.instances = Array(record.instances[rows])
        part.values = Array(record.values[rows.lowerBound * width..<rows.upperBound * width])
        try body([part])
      }
    }
  }

  func bag(_ bag: Int) -> StreamRecord { records[bag] }

  func instance(_ number: Int, of bag: Int) -> (StreamRecord.Instance, kept: [KeptValue]) {
    let record = records[bag]
    let place = number - Int(offsets[bag])
    let count = record.kept.count / max(1, record.instances.count)
    return (record.instances[place], Array(record.kept[place * count..<(place + 1) * count]))
  }
}
