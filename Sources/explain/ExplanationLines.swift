import Attribution
import Models
import Records

/// Writes the lines of explanations, one per feature or block of features.
final class ExplanationLines: ExplanationWriter {
  private let writer: TableWriter
  private let selection: Selection
  private let selectedOnly, scores, sharesScore: Bool
  /// The names of the lines of an instance, and the columns of their values; nil for a block of features.
  private let lineNames: [String]
  private let columns: [Int?]
  /// The number of features of an instance in a record.
  private let width: Int
  private let scale: CalibratedScale
  /// The texts of the names, made with the first line, and of the two marks.
  private var names: TableWriter.SharedTexts?
  private let marked: TableWriter.SharedTexts

  init(
    _ writer: TableWriter, _ options: Explain, _ columns: [(name: String, column: Int?)], width: Int,
    scale: CalibratedScale,
    sharesScore: Bool
  ) throws {
    (self.writer, self.width, self.scale) = (writer, width, scale)
    self.sharesScore = sharesScore
    (lineNames, self.columns) = (columns.map(\.name), columns.map(\.column))
    marked = try writer.texts([[.int(0)], [.int(1)]], column: 5)
    (selection, selectedOnly, scores) = (options.select.rule, options.selectedOnly, options.scores)
  }

  /// The columns of the output; `sharesScore` adds what biases took to the scores.
  static func columns(scores: Bool, sharesScore: Bool) -> [Column] {
    let own = [
      Column("bag"), Column("id"), Column("feature"), Column("value", .double), Column("attribution", .double),
      Column("selected", .int),
    ]
    return own + (scores ? scoreColumns(sharesScore) : [])
  }

  /// The columns of `--scores`.
  static func scoreColumns(_ sharesScore: Bool) -> [Column] {
    [Column("score", .double), Column("logit", .double), Column("attention", .double), Column("witness", .int)]
      + (sharesScore ? [Column("absorbed", .double)] : [])
  }

  /// The attributions of the features.
  static func x(_ one: Explanation) -> [Float] { one.attribution["x"] ?? [] }

  /// Writes the lines of an explanation of an instance of `record`.
  func write(_ one: Explanation, _ record: StreamRecord) throws {
    let names = try self.names ?? writer.texts(lineNames.map { [.text($0)] }, column: 2)
    self.names = names
    let attribution = Self.x(one)
    let marks = selection.marks(attribution)
    let ids = try writer.texts([[.text(record.bag), .text(record.instances[one.unit].id)]], column: 0)
    let end = try scores ? writer.texts([Self.scoreFields(one, scale, sharesScore)], column: 6) : nil
    let start = one.unit * width
    try writer.writeRows { rows in
      for (place, value) in attribution.enumerated() where marks[place] || !selectedOnly {
        rows.append(ids)
        rows.append(names, place)
        if let column = columns[place] {
          rows.append(repeated: record.values[start + column])
        } else {
          try rows.append(.missing)
        }
        rows.append(value)
        rows.append(marked, marks[place] ? 1 : 0)
        if let end { rows.append(end) }
        rows.end()
      }
    }
  }

  /// The fields of `--scores`.
  static func scoreFields(_ one: Explanation, _ scale: CalibratedScale, _ sharesScore: Bool) -> [Field] {
    // The log odds of a score; missing where the model predicts numbers.
    let logit: Field =
      scale.scale == .logit ? .float(one.score) : scale.logit(one.score).map { .double($0) } ?? .missing
    let fields: [Field] = [
      .double(scale.score(one.score)), logit, one.attention.map { .float($0) } ?? .missing,
      .int(one.isWitness ? 1 : 0),
    ]
    return fields + (sharesScore ? [one.absorbed.map { .float($0) } ?? .missing] : [])
  }
}
