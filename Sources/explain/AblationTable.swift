import Attribution
import Bags
import Bytes
import CommandSupport
import ModelSupport
import Models
import Records

/// `--ablate`: how many predicted classes change where the selected rows of a side are taken out, beside as many rows
/// drawn at random.
final class AblationTable: ExplanationWriter {
  private struct Side {
    var pairs = 0, selected = 0, changed = 0, changedAtRandom = 0
  }

  private let writer: TableWriter
  private let selection: Selection
  private let method: AttributionMethod
  private let model: StreamModel
  private let entities: EntityPorts
  private let ablation: Ablation
  /// The output above which a pair is positive.
  private let bar: Double
  private var sides: [String: Side] = [:]

  init(
    _ writer: TableWriter, _ options: Explain, _ method: AttributionMethod, _ model: StreamModel,
    _ entities: EntityPorts
  ) throws {
    guard let ablation = Ablation(model.model, threads: options.work.count) else {
      throw ToolFailure.usage("--ablate does not apply to this model")
    }
    if model.scale.scale == .number, options.positiveAbove == nil {
      throw ToolFailure.usage(
        "--ablate counts changed classes, and the model predicts numbers", hint: "--positive-above 7 makes classes")
    }
    if model.scale.scale != .number, options.positiveAbove != nil {
      throw ToolFailure.usage("--positive-above applies to models of numbers; this one predicts classes")
    }
    (self.writer, selection, self.method) = (writer, options.select.rule, method)
    (self.model, self.entities, self.ablation) = (model, entities, ablation)
    bar = options.positiveAbove ?? 0
  }

  /// The columns of the output.
  static let columns = [
    Column("side"), Column("pairs", .int), Column("selected", .double), Column("changed", .int),
    Column("changed_at_random", .int),
  ]

  private func isPositive(_ output: Float) -> Bool { Double(output) > bar }

  /// Takes the selected rows of each side of an instance out, if its class is predicted as its label says.
  func write(_ one: Explanation, _ record: StreamRecord) throws {
    let label = record.label.map { model.scale.scale == .number ? $0 > bar : $0 > 0.5 }
    if let label, label != isPositive(one.score) { return }
    var single = record
    let width = record.values.count / record.instances.count
    single.instances = [record.instances[one.unit]]
    single.values = Array(record.values[one.unit * width..<(one.unit + 1) * width])
    let batch = try model.batch([single])
    let whole = isPositive(one.score)
    for part in entities.parts(of: record, one.unit) {
      guard let attributions = one.attribution[part.port] else { continue }
      let scores = method.rowScore.scores(attributions, width: attributions.count / max(1, part.length))
      let marks = selection.marks(Array(scores.prefix(part.rows.count)))
      let rows = marks.indices.filter { marks[$0] }
      var stream = RandomStream(seed: 1, RandomStream.hash(record.instances[one.unit].id))
      var others = Array(marks.indices)
      stream.shuffle(&others)
      var side = sides[part.side.rawValue] ?? Side()
      side.pairs += 1
      side.selected += rows.count
      let without = ablation.score(batch, without: rows, of: part.port)
      if isPositive(without) != whole { side.changed += 1 }
      let atRandom = ablation.score(batch, without: Array(others.prefix(rows.count)), of: part.port)
      if isPositive(atRandom) != whole { side.changedAtRandom += 1 }
      sides[part.side.rawValue] = side
    }
  }

  /// Writes the line of each side; throws where no pair counts.
  func finish() throws {
    if sides.isEmpty { throw NothingToAblate() }
    for (name, side) in sides.sorted(by: { $0.key < $1.key }) {
      try writer.write([
        .text(name), .int(side.pairs), .double(Double(side.selected) / Double(side.pairs)), .int(side.changed),
        .int(side.changedAtRandom),
      ])
    }
  }
}

/// The error that no pair has the class that its label says.
private struct NothingToAblate: Diagnosable {
  /// Status 65.
  var diagnostic: Diagnostic {
    Diagnostic(.data, "--ablate: no pair is predicted as its label says, so there is nothing to take out")
  }
}
