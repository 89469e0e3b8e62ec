import Arrays
import Models
import Records
import Tensors

/// What is written of one bag: a line, or a line for each of its instances.
struct ScoreLine {
  let record: BagRecord
  /// The place of the bag in the batch, and of its instances.
  let place: Int
  let rows: Range<Int>
  let scores: Output
  /// Whether the genes were seen in training, and what is known from their positive rates alone.
  let part: Field
  let degree: Field

  init(_ record: BagRecord, _ place: Int, _ scores: Output, _ batch: Batch, _ genes: TrainingGenes) {
    let offsets = batch.segments("bag")
    (self.record, self.place, self.scores) = (record, place, scores)
    rows = Int(offsets[place])..<Int(offsets[place + 1])
    if let a = record.geneA, let b = record.geneB, !genes.isEmpty {
      (part, degree) = (.text(genes.part(of: a, b).rawValue), .double(genes.degree(of: a, b)))
    } else {
      (part, degree) = (.missing, .missing)
    }
  }

  /// The columns of a level; those that are kept come last.
  static func columns(_ level: Level, keep: [String]) -> [Column] { own(level) + keep.map { Column($0) } }

  private static func own(_ level: Level) -> [Column] {
    switch level {
    case .bag:
      [
        Column("bag"), Column("gene_a"), Column("gene_b"), Column("label", .double), Column("score", .double),
        Column("logit", .double), Column("witness"), Column("instances", .int), Column("part"),
        Column("degree", .double),
      ]
    case .instance:
      [
        Column("bag"), Column("id"), Column("isoform_a"), Column("isoform_b"), Column("label", .double),
        Column("instance_label", .double), Column("score", .double), Column("logit", .double),
        Column("attention", .double), Column("part"), Column("degree", .double),
      ]
    }
  }

  func write(_ level: Level, to writer: TableWriter) throws {
    switch level {
    case .bag: try writer.write(bag + kept(Int(scores.witness[place])))
    case .instance: for row in rows { try writer.write(instance(row) + kept(row)) }
    }
  }

  /// The kept columns of an instance; a bag has those of its witness.
  private func kept(_ row: Int) -> [Field] {
    let count = record.kept.count / max(1, record.instances.count)
    let start = (row - rows.lowerBound) * count
    return record.kept[start..<start + count].map { value in
      switch value {
      case .missing: .missing
      case .text(let text): .text(text)
      case .number(let text): Double(text).map { .double($0) } ?? .text(text)
      }
    }
  }

  private var bag: [Field] {
    let logit = scores.logit[place]
    let witness = record.instances[Int(scores.witness[place]) - rows.lowerBound]
    return [
      .text(record.bag), text(record.geneA), text(record.geneB), number(record.label), probability(logit),
      .float(logit), .text(witness.id), .int(rows.count), part, degree,
    ]
  }

  private func instance(_ row: Int) -> [Field] {
    let instance = record.instances[row - rows.lowerBound]
    let logit = scores.unitLogit[row]
    let attention = scores.attention.map { Field.float($0[row]) } ?? .missing
    return [
      .text(record.bag), .text(instance.id), text(instance.isoformA), text(instance.isoformB), number(record.label),
      number(instance.label), probability(logit), .float(logit), attention, part, degree,
    ]
  }

  /// In Double from the logit: a Float sigmoid says 1 from a logit of 17 on.
  private func probability(_ logit: Float) -> Field { .double(sigmoid(Double(logit))) }
  private func text(_ value: String?) -> Field { value.map { .text($0) } ?? .missing }
  private func number(_ value: Double?) -> Field { value.map { .double($0) } ?? .missing }
}
