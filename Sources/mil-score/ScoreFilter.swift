import Arrays
import Bags
import Bytes
import CommandSupport
import ModelSupport
import Models
import Records
import Scoring
import Tensors

/// Bags in, scores out, in order: reading and packing on one thread, scoring and writing on another.
struct ScoreFilter {
  /// A batch holds this many bags, or fewer where they hold more instances than `mostInstances`.
  static let mostBags = 128
  static let mostInstances = 2048

  private let options: MilScore
  private let context: ToolContext
  private let model: StreamModel
  private let input: BagInput

  init(_ options: MilScore, _ file: ModelFile, _ context: ToolContext) throws {
    self.options = options
    self.context = context
    input = try options.bags.bagInput(context)
    model = try StreamModel(file, path: options.model, source: input.source)
  }

  func run() throws {
    let (output, format) = try options.output.open(default: input.format)
    let writer = TableWriter(
      output.sink, format: format, kind: .score, columns: ScoreLine.columns(options.level, keep: input.columns.keep),
      header: options.output.header, madeBy: MilScore.versionLine)
    let threads = options.threads == 0 ? processorCount : options.threads
    let scorer = Scorer(model: model.model, bothOrders: model.swap != nil, threads: threads)
    let bags = options.output.lineBuffered || context.isStdoutTerminal ? 1 : Self.mostBags
    let chunks = ReadAhead<Chunk>(depth: 4) { [source = input.source, model] in
      try Chunk(from: source, model, bags: bags, instances: Self.mostInstances)
    }
    let meter = context.progress("bags scored")
    var done = 0
    while let chunk = try chunks.next() {
      let scores = scorer.score(chunk.batch, exchanged: chunk.exchanged)
      for (place, record) in chunk.records.enumerated() {
        try ScoreLine(record, place, scores, chunk.batch, model.genes).write(options.level, to: writer)
      }
      done += chunk.records.count
      meter.update(done)
    }
    meter.finish()
    // Nothing in, nothing out: without a schema there was not even a header.
    if done > 0 || input.source.schema != nil { try writer.finish() }
    try output.commit()
  }
}

/// Bags that are scored together, packed in both orders where the model wants both.
struct Chunk: Sendable {
  /// The records without their features.
  let records: [BagRecord]
  let batch: Batch
  let exchanged: Batch?

  init?(from source: any BagSource, _ model: StreamModel, bags: Int, instances: Int) throws {
    var records: [BagRecord] = []
    var count = 0
    while records.count < bags, count < instances, let record = try source.next() {
      count += record.instances.count
      records.append(record)
    }
    if records.isEmpty { return nil }
    batch = try model.batch(records)
    exchanged = try model.swap.map { try model.batch(records, $0) }
    for place in records.indices { records[place].values = [] }
    self.records = records
  }
}
