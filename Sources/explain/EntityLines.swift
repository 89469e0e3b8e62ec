import Attribution
import Bags
import Bytes
import Models
import Records

/// Writes the lines of explanations of a model that reads graphs and sequences, one per node or letter.
///
/// The number of a row is the sum of its attributions, or of those above 0, as the method says; rows are selected among
/// those of one side of an instance.
struct EntityLines: ExplanationWriter {
  private let writer: TableWriter
  private let options: Explain
  private let method: AttributionMethod
  private let entities: EntityPorts
  private let scale: CalibratedScale

  init(
    _ writer: TableWriter, _ options: Explain, _ method: AttributionMethod, _ entities: EntityPorts,
    _ scale: CalibratedScale
  ) {
    (self.writer, self.options, self.method) = (writer, options, method)
    (self.entities, self.scale) = (entities, scale)
  }

  /// The columns of the output.
  static func columns(scores: Bool, sharesScore: Bool) -> [Column] {
    [
      Column("bag"), Column("id"), Column("side"), Column("entity"), Column("number"), Column("symbol"),
      Column("attribution", .double), Column("selected", .int),
    ] + (scores ? ExplanationLines.scoreColumns(sharesScore) : [])
  }

  /// Writes the lines of an explanation of an instance of `record`.
  func write(_ one: Explanation, _ record: StreamRecord) throws {
    let instance = record.instances[one.unit]
    let parts = entities.parts(of: record, one.unit).compactMap { part in
      one.attribution[part.port].map { attributions in
        let scores = method.rowScore.scores(attributions, width: attributions.count / max(1, part.length))
        return (part: part, scores: Array(scores.prefix(part.rows.count)))
      }
    }
    var one = one
    // Padding has no line: what it took is absorbed, too.
    if method.sharesScore { one.absorbed = one.explained - parts.reduce(0) { $0 + $1.scores.reduce(0, +) } }
    let end = options.scores ? ExplanationLines.scoreFields(one, scale, method.sharesScore) : []
    for (part, scores) in parts {
      let marks = options.select.rule.marks(scores)
      let partner = part.side == .a ? instance.isoformA : instance.isoformB
      for (number, row) in part.rows.enumerated() where marks[number] || !options.selectedOnly {
        try writer.write(
          [
            .text(record.bag), .text(instance.id), .text(part.side.rawValue), partner.map { .text($0) } ?? .missing,
            .text(row.number), row.symbol.map { .text($0) } ?? .missing, .float(scores[number]),
            .int(marks[number] ? 1 : 0),
          ] + end)
      }
    }
  }
}
