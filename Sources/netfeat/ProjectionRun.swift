import Bytes
import CommandSupport
import Features
import Figures
import Networks
import Records
import Tensors

/// The ways to show rows in a plane, in the grammar of methods.
enum ProjectionMethod: String, CaseIterable {
  case tsne, pca

  /// The settings of the method.
  var settings: [Setting] {
    switch self {
    case .pca: []
    case .tsne:
      [
        Setting("perplexity", .real(1...1e5, default: 30), "effective number of neighbours"),
        Setting("steps", .integer(50...100_000, default: 1000), "steps of descent"),
        Setting("exact", .integer(1...100_000, default: 5000), "most rows whose pairs all count"),
        Setting("angle", .real(0.05...2, default: 0.5), "size of a cell over its distance to count as one point"),
      ]
    }
  }

  /// The method of a text such as `tsne:perplexity=10`; throws a usage error, or a `SettingError`.
  static func parse(_ text: String) throws -> (method: ProjectionMethod, values: SettingValues) {
    let text = SettingText(text)
    guard let method = ProjectionMethod(rawValue: text.name) else {
      throw ToolFailure.usage(
        "--project \(Diagnostic.quoted(text.name)): there are \(allCases.map(\.rawValue).joined(separator: ", "))",
        hint: "--project tsne:perplexity=30")
    }
    return (
      method,
      try SettingValues(text.words, of: method.settings, subject: text.name, guide: "man netfeat")
    )
  }
}

/// Feature rows in, two coordinates a row out, and a picture of them.
struct ProjectionRun {
  private let method: ProjectionMethod
  private let values: SettingValues
  private let command: NetfeatCommand

  init(_ text: String, _ command: NetfeatCommand) throws {
    (method, values) = try ProjectionMethod.parse(text)
    self.command = command
    let others = [
      ("--method", command.method != nil), ("--pairs", command.pairing.pairs != nil),
      ("--weight-column", command.weightColumn != nil), ("--nodes", command.nodes != nil),
      ("--expression", command.expression != nil), ("--validation", command.validation != nil),
      ("--checkpoint", command.checkpoint != nil), ("--log", command.log != nil),
    ]
    if let (name, _) = others.first(where: \.1) {
      throw ToolFailure.usage("\(name) makes an embedding, and --project reads one")
    }
    try command.pairing.refuseBags()
    try ToolFailure.refuse(
      outputs: [("--output", command.output.output), ("--svg", command.svg)],
      over: command.input.input.paths + [command.groups].compactMap { $0 })
    if command.svg == nil { try ToolFailure.refuse([("--groups", command.groups != nil)], without: "--svg") }
  }

  /// Reads, projects and writes; throws what readers throw, `NetworkError` for too few rows, an `IOFailure`.
  func run(_ context: ToolContext) throws {
    let groups = try command.groups.map { try GroupMap(reading: Input.open($0)) }
    let reader = try command.input.reader(context)
    var (ids, numbers): ([String], [Double]) = ([], [])
    while let record = try reader.next() {
      guard !record.hasBag else {
        throw NetworkError(
          .unusable(method: method.rawValue, reason: "bags are no rows of features", hint: nil), at: record.place)
      }
      ids.append(record.name)
      numbers += record.values
    }
    guard let schema = reader.schema, !ids.isEmpty else {
      throw NetworkError(.unusable(method: method.rawValue, reason: "no rows", hint: nil))
    }
    let table = PointTable(columns: schema.names.count, values: numbers)
    let (points, note) = try points(table, context)
    var svg: FileOutput?
    do {
      svg = try command.svg.map { try OutputFile.open(path: $0) }
      if let svg { try svg.sink.write(picture(ids, points, groups, note).svg()) }
      try write(ids, points)
      try svg?.commit()
    } catch {
      svg?.discard()
      throw error
    }
  }

  private func points(_ table: PointTable, _ context: ToolContext) throws -> (points: [Double], note: String) {
    let pool = ThreadPool(threads: command.work.count)
    switch method {
    case .pca:
      let (points, shares) = table.principalComponents(2, seed: command.seed, pool)
      let texts = shares.map { NumberText.fixed(100 * $0, digits: 1) + " %" }
      return (points, "\(table.count) rows, variance \(texts.joined(separator: " and "))")
    case .tsne:
      var tsne = TSNE()
      (tsne.perplexity, tsne.steps) = (values.real("perplexity"), values.integer("steps"))
      (tsne.exactRows, tsne.angle) = (values.integer("exact"), values.real("angle"))
      let meter = context.progress("steps")
      let (points, divergence) = try tsne.embed(table, seed: command.seed, pool) { done, total in
        meter.update(done, detail: "\(100 * done / total) %")
      }
      meter.finish()
      return (
        points,
        "\(table.count) rows, perplexity \(NumberText.text(tsne.perplexity)), divergence "
          + NumberText.fixed(divergence, digits: 3)
      )
    }
  }

  private func write(_ ids: [String], _ points: [Double]) throws {
    let (file, format) = try command.output.open(default: .tsv)
    do {
      let writer = RecordWriter(
        file.sink, format: format, kind: .feature,
        schema: try Schema(names: ["\(method.rawValue).x", "\(method.rawValue).y"]), columns: .feature,
        header: command.output.header, madeBy: NetfeatCommand.versionLine)
      for (row, id) in ids.enumerated() {
        try writer.write(
          StreamRecord(
            bag: id, hasBag: false, instances: [StreamRecord.Instance(id: id)],
            values: [points[2 * row], points[2 * row + 1]]))
      }
      try writer.finish()
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Groups are numbered by size, so that the largest have colours of their own.
  private func picture(_ ids: [String], _ points: [Double], _ groups: GroupMap?, _ note: String) -> Sheet {
    let names = ids.map { groups?[$0] }
    var counts: [String: Int] = [:]
    for case let name? in names { counts[name, default: 0] += 1 }
    let order = counts.keys.sorted { (-(counts[$0] ?? 0), $0) < (-(counts[$1] ?? 0), $1) }
    let number = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element, $0.offset) })
    let dots = ids.indices.map { row in
      let name = names[row]
      return ScatterChart.Dot(
        Point(points[2 * row], points[2 * row + 1]), name: ids[row] + (name.map { " (\($0))" } ?? ""),
        group: groups == nil ? 0 : name.flatMap { number[$0] })
    }
    let title = method == .tsne ? "t-SNE" : "Principal components"
    return Sheet(
      [
        ScatterChart(
          title: title, subtitle: note, xLabel: "\(method.rawValue).x", yLabel: "\(method.rawValue).y",
          groups: order, dots: dots)
      ], columns: 1)
  }
}
