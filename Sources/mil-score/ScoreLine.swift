import Arrays
import ModelSupport
import Models
import Records

/// The output lines of a bag: the fields they share, and the fields of each line.
struct ScoreLine {
  private let record: StreamRecord
  private let number: Int
  private let scored: ScoredBags
  /// Whether the pair or its genes were trained on, and the score of the genes' positive rates alone.
  let part: Field
  private let baseline: Field
  /// The baselines of either partner alone, where they are asked for.
  private var sides: [Field] = []
  /// The lengths of the partners' sequences, where they are asked for and known.
  private let lengths: SequenceLengths?
  /// The rule that adds what the training labels of the partners say, and what they say.
  private var history: (rule: EnsembleCard.History, value: Double)?

  /// Makes the lines of bag `number`; throws `BagsError` for ids that can't be joined.
  init(
    _ scored: ScoredBags, _ number: Int, _ model: StreamModel, withSides: Bool, lengths: SequenceLengths?
  ) throws {
    let (genes, pairs) = (model.genes, model.pairs)
    (self.scored, self.number, self.lengths) = (scored, number, lengths)
    record = try scored.bags.bag(number)
    if let a = record.geneA, let b = record.geneB, !genes.isEmpty {
      var part = genes.part(of: a, b, isTwoSided: model.isTwoSided)
      if part == .seen, pairs.contains(TrainedPairs.key(a, b)) { part = .trained }
      (self.part, baseline) = (.text(part.rawValue), .double(genes.baseline(of: a, b)))
    } else if record.geneA == nil || record.geneB == nil, pairs.contains(TrainedPairs.key(bag: record.bag)) {
      (part, baseline) = (.text(PairPart.trained.rawValue), .missing)
    } else {
      (part, baseline) = (.missing, .missing)
    }
    if let rule = model.history {
      let value = record.geneA.flatMap { a in record.geneB.map { genes.history(of: a, $0) } } ?? 0
      history = (rule, value)
    }
    if withSides {
      sides = [record.geneA, record.geneB].map { gene in
        genes.isEmpty ? .missing : gene.map { .double(genes.baseline(of: $0)) } ?? .missing
      }
    }
  }

  /// Returns the columns of a level, followed by the kept columns.
  static func columns(_ level: ScoreLevel, _ model: StreamModel, withSides: Bool, withLengths: Bool, keep: [String])
    -> [Column]
  {
    own(level) + (level == .bag && model.history != nil ? [Column("with_history", .double)] : [])
      + (withSides ? [Column("baseline_a", .double), Column("baseline_b", .double)] : [])
      + (withSides && model.singleFeature != nil ? [Column("best_feature", .double)] : [])
      + (withLengths ? [Column("longer_first", .int), Column("total_length", .int)] : [])
      + keep.map { Column($0) }
  }

  private static func own(_ level: ScoreLevel) -> [Column] {
    switch level {
    case .bag:
      [
        Column("bag"), Column("gene_a"), Column("gene_b"), Column("label", .double), Column("score", .double),
        Column("logit", .double), Column("witness"), Column("instances", .int), Column("part"),
        Column("baseline", .double),
      ]
    case .instance:
      [
        Column("bag"), Column("id"), Column("isoform_a"), Column("isoform_b"), Column("label", .double),
        Column("instance_label", .double), Column("score", .double), Column("logit", .double),
        Column("attention", .double), Column("part"), Column("baseline", .double),
      ]
    }
  }

  /// Returns the line of the bag, with the kept columns of its witness.
  func bag() throws -> [Field] {
    let output = scored.scores.bags[number]
    // A score that comes from all instances names none; kept columns are then those of the first.
    let row = scored.scores.witness.map { Int($0[number]) }
    let (first, kept) = try scored.bags.instance(row ?? Int(scored.bags.offsets[number]), of: number)
    let witness: Field = row == nil ? .missing : .text(first.id)
    let count = Int(scored.bags.offsets[number + 1] - scored.bags.offsets[number])
    return try [
      .text(record.bag), text(record.geneA), text(record.geneB), value(record.label), score(output),
      logit(output), witness, .int(count), part, baseline,
    ] + withHistory(output) + sides + singleFeature(ofBag: ()) + lengths(ofBag: ()) + kept.map(field)
  }

  /// Returns the line of an instance, by its number among all instances.
  func instance(_ row: Int) throws -> [Field] {
    let (instance, kept) = try scored.bags.instance(row, of: number)
    let output = scored.scores.instances[row]
    let attention = scored.scores.attention.map { Field.float($0[row]) } ?? .missing
    return [
      .text(record.bag), .text(instance.id), text(instance.isoformA), text(instance.isoformB), value(record.label),
      value(instance.label), score(output), logit(output), attention, part,
      scored.bags.baseline(row).map { .double($0) } ?? baseline,
    ] + sides + (scored.scores.singleFeature.map { [.float($0[row])] } ?? []) + lengths(of: [instance])
      + kept.map(field)
  }

  /// The greatest value of the best single feature among the instances of the bag, where it is asked for.
  private func singleFeature(ofBag: Void) -> [Field] {
    guard let values = scored.scores.singleFeature else { return [] }
    let rows = Int(scored.bags.offsets[number])..<Int(scored.bags.offsets[number + 1])
    return [values[rows].max().map { .float($0) } ?? .missing]
  }

  /// The greatest lengths of the instances of the bag.
  private func lengths(ofBag: Void) throws -> [Field] {
    if lengths == nil { return [] }
    let rows = Int(scored.bags.offsets[number])..<Int(scored.bags.offsets[number + 1])
    return lengths(of: try rows.map { try scored.bags.instance($0, of: number).0 })
  }

  /// The greatest length of a longer partner, and of both, among some instances; missing where none is known.
  private func lengths(of instances: [StreamRecord.Instance]) -> [Field] {
    guard let lengths else { return [] }
    let known = instances.compactMap { instance -> (Int, Int)? in
      guard let a = lengths[instance.isoformA ?? ""], let b = lengths[instance.isoformB ?? ""] else { return nil }
      return (max(a, b), a + b)
    }
    guard let longer = known.map(\.0).max(), let total = known.map(\.1).max() else { return [.missing, .missing] }
    return [.int(longer), .int(total)]
  }

  /// The probability that counts what the training labels of the partners say, where the model has a rule for it.
  private func withHistory(_ output: Float) -> [Field] {
    guard let history else { return [] }
    let odds = history.rule.logOdds(Double(output), history: history.value)
    return [.double(ScoreScale.logit.score(Float(odds)))]
  }

  /// The score and the logit of an output.
  func values(_ output: Float) -> [Field] { [score(output), logit(output)] }

  private func field(_ kept: KeptValue) -> Field {
    switch kept {
    case .missing: .missing
    case .text(let text): .text(text)
    case .number(let text): Double(text).map { .double($0) } ?? .text(text)
    }
  }

  private func score(_ value: Float) -> Field {
    let scale = scored.scores.scale
    return scale.scale == .logit || scale.calibration != nil ? .double(scale.score(value)) : .float(value)
  }
  private func logit(_ value: Float) -> Field {
    let scale = scored.scores.scale
    return scale.scale == .logit ? .float(value) : scale.logit(value).map { .double($0) } ?? .missing
  }
  private func text(_ value: String?) -> Field { value.map { .text($0) } ?? .missing }
  private func value(_ value: Double?) -> Field { value.map { .double($0) } ?? .missing }
}

/// The ids and kept columns of scored bags.
protocol BagDetails: Sendable {
  /// Bag i holds the instances `offsets[i]..<offsets[i + 1]`.
  var offsets: [Int32] { get }
  /// A bag; throws `BagsError` for ids that can't be joined. Its instances and features may be left out.
  func bag(_ bag: Int) throws -> StreamRecord
  /// An instance of a bag, by its number among all instances, and its kept columns.
  func instance(_ number: Int, of bag: Int) throws -> (StreamRecord.Instance, kept: [KeptValue])
  /// The baseline of an instance by itself; nil where only its bag has one.
  func baseline(_ number: Int) -> Double?
}

extension BagDetails {
  /// None.
  func baseline(_ number: Int) -> Double? { nil }
}

/// Bags with their scores.
struct ScoredBags: Sendable {
  let bags: any BagDetails
  let scores: BagScores
}

/// The scores of bags and their instances as they are written.
struct BagScores: Sendable {
  /// One score per bag.
  let bags: [Float]
  /// One score per instance.
  let instances: [Float]
  /// For each bag the number of its witness; nil where a bag's score comes from no single instance.
  let witness: [Int32]?
  /// The attention of each instance, where the model has one.
  let attention: [Float]?
  /// The best single feature of each instance, where it is asked for.
  let singleFeature: [Float]?

  /// The scale of the scores.
  let scale: CalibratedScale

  init(_ scores: Scores, of model: StreamModel, singleFeature: [Float]? = nil) {
    self.singleFeature = singleFeature
    (bags, instances) = (scores[model.model.target], scores[model.model.unit])
    scale = model.scale
    (witness, attention) = (scores.witness, scores.attention)
  }
}
