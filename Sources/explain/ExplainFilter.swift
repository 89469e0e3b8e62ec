import Attribution
import Bags
import Bytes
import CommandSupport
import ModelSupport
import Models
import Records

/// Reads bags and writes a line per feature of each explained instance, one bag at a time.
struct ExplainFilter {
  private let options: Explain
  private let context: ToolContext
  private let input: BagInput
  private let model: StreamModel
  private let explainer: Explainer
  private let method: AttributionMethod
  /// What has an attribution: each feature, or each block of features.
  private let columns: [(name: String, columns: [Int])]

  init(_ options: Explain, _ file: ModelFile, _ context: ToolContext) throws {
    guard let method = try AttributionMethod(options.method.text) else {
      throw ToolFailure.usage("--method \(options.method.text) is unknown")
    }
    var options = options
    try options.sequences.fill(&options.bags, encoders: file.card.encoders, model: options.model)
    self.options = options
    self.context = context
    input = try options.bags.bagInput(context, takesEntities: file.card.takesEntities)
    model = try StreamModel(file, path: options.model, source: input.source)
    self.method = method
    let names = model.names
    columns = method.isOfGroups ? Self.blocks(names) : names.indices.map { (names[$0], [$0]) }
    explainer = try Explainer(
      model: model.model, method: method, groups: ["x": columns.map(\.columns)], signed: options.signed,
      threads: options.work.count)
  }

  /// The blocks of features, by the first part of their names, in the order of their first features.
  private static func blocks(_ names: [String]) -> [(name: String, columns: [Int])] {
    var index: [Substring: Int] = [:]
    var blocks: [(name: String, columns: [Int])] = []
    for (column, name) in names.enumerated() {
      let block = name.prefix { $0 != "." }
      if let known = index[block] {
        blocks[known].columns.append(column)
      } else {
        index[block] = blocks.count
        blocks.append((String(block), [column]))
      }
    }
    return blocks
  }

  func run() throws {
    let (output, format) = try options.output.open(default: input.format)
    let writer = TableWriter(
      output.sink, format: format, kind: .attribution, columns: fields, header: options.output.header,
      madeBy: Explain.versionLine)
    let meter = context.progress("bags explained")
    var done = 0
    while let record = try model.source.next() {
      let batch = try model.batch([record])
      let all = options.level == .instance
      let explanations = explainer.explain(batch, offsets: batch.segments("bag"), all: all)
      for one in explanations {
        try check(one, record)
        try write(one, record, to: writer)
      }
      if explanations.allSatisfy({ Self.x($0).allSatisfy { $0 == 0 } }) { tellOfZeros(record) }
      done += 1
      meter.update(done)
    }
    meter.finish()
    context.note("missing values took the mean that the model keeps", count: input.gaps)
    // Nothing in, nothing out: without a schema there was not even a header.
    if done > 0 || input.source.schema != nil { try writer.finish() }
    try output.commit()
  }

  /// The attributions of the features.
  private static func x(_ one: Explanation) -> [Float] { one.attribution["x"] ?? [] }

  /// Throws for a logit, attention value or attribution that is not a finite number.
  private func check(_ one: Explanation, _ record: StreamRecord) throws {
    let isFinite = one.score.isFinite && (one.attention ?? 0).isFinite
    guard isFinite && Self.x(one).allSatisfy(\.isFinite) else {
      let what = isFinite ? "an attribution" : "the logit"
      throw NotFinite(what, bag: record.bag, instance: record.instances[one.unit].id, model: options.model)
    }
  }

  private func tellOfZeros(_ record: StreamRecord) {
    context.counted(
      "bags whose attributions are all 0",
      Diagnostic(
        .success, "every attribution of bag \(Diagnostic.quoted(record.bag)) is 0: \(method.limit)",
        hint: method == .guidedBackpropagation ? "--method saliency" : nil))
  }

  private var fields: [Column] {
    let own = [
      Column("bag"), Column("id"), Column("feature"), Column("value", .double), Column("attribution", .double),
      Column("selected", .int),
    ]
    return options.scores
      ? own + [
        Column("score", .double), Column("logit", .double), Column("attention", .double), Column("witness", .int),
      ] : own
  }

  private func write(_ one: Explanation, _ record: StreamRecord, to writer: TableWriter) throws {
    let attribution = Self.x(one)
    let marks = options.select.rule.marks(attribution)
    let start = one.unit * model.names.count
    for (place, (name, columns)) in columns.enumerated() where marks[place] || !options.selectedOnly {
      var fields: [Field] = [
        .text(record.bag), .text(record.instances[one.unit].id), .text(name),
        method.isOfGroups ? .missing : .double(record.values[start + columns[0]]), .float(attribution[place]),
        .int(marks[place] ? 1 : 0),
      ]
      if options.scores {
        fields += [
          .double(model.scale.score(one.score)), logit(one.score), one.attention.map { .float($0) } ?? .missing,
          .int(one.isWitness ? 1 : 0),
        ]
      }
      try writer.write(fields)
    }
  }

  /// The log odds of a score; missing where the model predicts numbers.
  private func logit(_ score: Float) -> Field {
    let scale = model.scale
    return scale == .logit ? .float(score) : scale.logit(score).map { .double($0) } ?? .missing
  }
}
