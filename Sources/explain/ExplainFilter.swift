import Arrays
import Attribution
import Bags
import Bytes
import CommandSupport
import ModelSupport
import Models
import Records

/// Writes the lines of an explanation.
protocol ExplanationWriter {
  /// Writes those of an instance of `record`.
  func write(_ one: Explanation, _ record: StreamRecord) throws
}

/// Reads bags and writes a line per feature of each explained instance.
struct ExplainFilter {
  /// The limits of the bags that are explained together: bags, features, instances.
  private static let mostBags = 128
  private static let mostFeatures = 1 << 16
  private static let mostInstances = 2048
  private static let mostEntities = 32

  private let options: Explain
  private let context: ToolContext
  private let input: BagInput
  private let model: StreamModel
  private let explainer: Explainer
  private let method: AttributionMethod
  /// The features that have an attribution, each by itself or in blocks.
  private let columns: [(name: String, columns: [Int])]

  init(_ options: Explain, _ file: ModelFile, _ context: ToolContext) throws {
    guard let method = try AttributionMethod(options.method.text) else {
      throw ToolFailure.usage("--method \(options.method.text) is unknown")
    }
    var options = options
    try options.sequences.fill(&options.bags, encoders: file.card.encoders, model: options.model)
    self.options = options
    self.context = context
    input = try options.bags.bagInput(
      context, takesEntities: file.card.takesEntities, positiveAbove: file.card.choice.positiveAbove)
    model = try StreamModel(file, path: options.model, source: input.source, tally: NoticeCounter(context))
    if case .nodes? = model.entities { try NodeExplanations.check(options, method) }
    if model.entities != nil, method.isOfGroups {
      throw ToolFailure.usage(
        "--method \(options.method.text): a model of graphs and sequences has no blocks of features")
    }
    if options.ablate, model.entities == nil {
      throw ToolFailure.usage(
        "--ablate: the model reads rows of features; --method occlusion leaves them out one by one")
    }
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
    if case .nodes(let pairs)? = model.entities {
      let writer = TableWriter(
        output.sink, format: format, kind: .attribution, columns: NodeExplanations.columns(options.by),
        header: options.output.header, madeBy: Explain.versionLine)
      try NodeExplanations(writer, options, method, model, pairs, explainer).run(context.progress("bags explained"))
      try writer.finish()
      return try output.commit()
    }
    var entities: EntityPorts?
    if case .sides(let sides)? = model.entities { entities = sides }
    let (scores, shares) = (options.scores, method.sharesScore)
    let columns =
      options.ablate
      ? AblationTable.columns
      : entities == nil
        ? ExplanationLines.columns(scores: scores, sharesScore: shares)
        : EntityLines.columns(scores: scores, sharesScore: shares)
    let writer = TableWriter(
      output.sink, format: format, kind: .attribution, columns: columns, header: options.output.header,
      madeBy: Explain.versionLine)
    let table = try entities.flatMap {
      try options.ablate ? AblationTable(writer, options, method, model, $0) : nil
    }
    let lines: any ExplanationWriter =
      try table ?? entities.map { EntityLines(writer, options, method, $0, model.scale) }
      ?? ExplanationLines(
        writer, options, self.columns.map { (name: $0.name, column: method.isOfGroups ? nil : $0.columns[0]) },
        width: model.names.count, scale: model.scale, sharesScore: shares)
    let meter = context.progress("bags explained")
    var done = 0
    while let (records, failure) = try next() {
      try explain(records, to: lines) {
        done += 1
        meter.update(done)
      }
      if let failure { throw failure }
    }
    meter.finish()
    try table?.finish()
    context.note("missing values took the mean that the model keeps", count: input.gaps)
    // Nothing in, nothing out: without a schema there was not even a header.
    if done > 0 || input.source.schema != nil { try writer.finish() }
    try output.commit()
  }

  /// The next bags, and the error that keeps the one after them from being read; nil at the end. Where somebody watches
  /// the output they are one bag.
  private func next() throws -> (records: [StreamRecord], failure: (any Error)?)? {
    let isLive = options.output.lineBuffered || context.isStdoutTerminal
    let (bags, instances) = (
      isLive ? 1 : Self.mostBags,
      // The rows of a graph or sequence are many more numbers than the two that name its entities.
      model.entities != nil
        ? Self.mostEntities : max(1, min(Self.mostInstances, Self.mostFeatures / max(1, model.names.count)))
    )
    var (records, count) = ([StreamRecord](), 0)
    do {
      while records.count < bags, count < instances, let record = try model.source.next() {
        count += record.instances.count
        records.append(record)
      }
    } catch {
      if records.isEmpty { throw error }
      return (records, error)
    }
    return records.isEmpty ? nil : (records, nil)
  }

  /// Writes the explanations of some bags, and calls `done` after each.
  private func explain(_ records: [StreamRecord], to lines: any ExplanationWriter, _ done: () -> Void) throws {
    let batch: Batch
    do { batch = try model.batch(records) } catch  where records.count > 1 {
      // The bags before the one that can't be packed are explained first.
      for record in records { try explain([record], to: lines, done) }
      return
    }
    let explanations = explainer.explain(batch, offsets: batch.segments("bag"), all: options.level == .instance)
    var rest = explanations[...]
    for (target, record) in records.enumerated() {
      let own = rest.prefix { $0.target == target }
      rest = rest.dropFirst(own.count)
      for one in own {
        try check(one, record)
        try lines.write(one, record)
      }
      if own.allSatisfy({ $0.attribution.values.joined().allSatisfy { $0 == 0 } }) { tellOfZeros(record) }
      done()
    }
  }

  /// Throws for a logit, attention value or attribution that is not a finite number.
  private func check(_ one: Explanation, _ record: StreamRecord) throws {
    let isFinite = one.score.isFinite && (one.attention ?? 0).isFinite
    guard isFinite && one.attribution.values.joined().allSatisfy(\.isFinite) else {
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
}
