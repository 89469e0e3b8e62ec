import Arrays
import Bags
import Bytes
import CommandSupport
import ModelSupport
import Models
import Records
import Scoring

/// Reads, scores and writes bags in order, each step on a thread of its own.
struct ScoreFilter {
  /// The limits of a batch of a stream: bags, features, instances.
  private static let mostBags = 128
  private static let mostFeatures = 1 << 16
  private static let mostInstances = 2048
  /// The number of bags in a batch built from pairs.
  private static let mostPairs = 512
  /// The bytes of features that may wait to be scored.
  private static let mostWaiting = 1 << 20

  private let options: MilScore
  private let context: ToolContext
  private let model: StreamModel
  private let input: BagInput
  /// The labels of node pairs, where these are the instances and have labels.
  private let nodeLabels: NodePairLabels?
  private let edges: SeenEdges?
  /// The lengths of the sequences, for `--baselines`.
  private let lengths: SequenceLengths?

  init(_ options: MilScore, _ file: ModelFile, _ context: ToolContext) throws {
    var options = options
    try options.sequences.fill(&options.bags, encoders: file.card.encoders, model: options.model)
    let contacts = file.card.choice.takesNodePairs ? options.bags.pairing.instances : nil
    if contacts != nil { options.bags.pairing.instances = nil }
    self.options = options
    self.context = context
    input = try options.bags.bagInput(
      context, takesEntities: file.card.takesEntities, positiveAbove: file.card.choice.positiveAbove)
    edges = try SeenEdges(of: input.source)
    let fasta = try options.bags.features.blocks.compactMap { text in
      let block = try BlockSpec(parsing: text)
      return block.encode == nil || block.file == "-" ? nil : block.file
    }
    lengths = options.baselines && !fasta.isEmpty ? try SequenceLengths(of: fasta) : nil
    model = try StreamModel(file, path: options.model, source: input.source, tally: NoticeCounter(context))
    if model.entities != nil, let network = model.model as? any Explainable {
      try network.prepare(forAttribution: false, threads: options.work.count)
    }
    guard let contacts, case .nodes(let pairs)? = model.entities, let block = input.pairBags?.blocks.first else {
      nodeLabels = nil
      return
    }
    let tally = NoticeCounter(context)
    nodeLabels = try NodePairLabels(reading: TableReader(Input.open(contacts)), block, pairs, tally)
    tally.close()
  }

  func run() throws {
    let (output, format) = try options.output.open(default: input.format)
    let writer = TableWriter(
      output.sink, format: format, kind: .score,
      columns: options.by == .residue
        ? BestPartners.columns
        : ScoreLine.columns(
          options.level, model, withSides: options.baselines, withLengths: lengths != nil, keep: input.columns.keep),
      header: options.output.header, labels: labelKind, madeBy: MilScore.versionLine)
    let selection = ScoreSelection(writer, least: options.minScore, top: options.top)
    let scored = scored()
    let meter = context.progress("bags scored")
    var (done, known) = (0, 0)
    while let part = try scored.next() {
      try write(part, to: selection)
      known += try countEdges(part)
      done += part.scores.bags.count
      meter.update(done)
    }
    meter.finish()
    if known > 0 { context.warn(SeenEdges.warning(known, of: done, "scored")) }
    try selection.finish(options.by?.rawValue ?? options.level.rawValue, context)
    context.note("missing values took the mean that the model keeps", count: input.gaps)
    // Nothing in, nothing out: without a schema there was not even a header.
    if done > 0 || input.source.schema != nil { try writer.finish() }
    try output.commit()
  }

  /// The kind of the labels that the input says, else that of a model of numbers.
  private var labelKind: LabelKind? { input.source.labels ?? (model.scale.scale == .number ? .number : nil) }

  /// Returns the queue of scored bags, filled on another thread.
  private func scored() -> ReadAhead<ScoredBags> {
    let threads = options.work.count
    if case .nodes(let pairs)? = model.entities {
      let scores = NodeScores(model, pairs, nodeLabels, threads: threads, memory: options.reuse.bytes)
      return ReadAhead(depth: 1) { [context] in
        let next = try scores.next()
        if next == nil {
          context.note("pairs of graphs without a labelled node pair left out", count: scores.unlabelled)
        }
        return next
      }
    }
    let isLive = options.output.lineBuffered || context.isStdoutTerminal
    // The best single feature is one of a row, which models that reuse what is of one partner do not make.
    let single = options.baselines ? model.singleFeature : nil
    if let bags = input.pairBags, options.reuse.bytes > 0, single == nil,
      let pairs = PairScores(
        bags, model, most: isLive ? 1 : Self.mostPairs, threads: threads, memory: options.reuse.bytes)
    {
      return ReadAhead(depth: 2) { try pairs.next() }
    }
    let instances = max(1, min(Self.mostInstances, Self.mostFeatures / max(1, model.names.count)))
    let chunks = ReadAhead<RecordChunk>(depth: 2, most: Self.mostWaiting, weight: \.weight) {
      [source = model.source, model] in
      try RecordChunk(from: source, model, bags: isLive ? 1 : Self.mostBags, instances: instances)
    }
    let scorer = Scorer(model: model.model, threads: threads)
    return ReadAhead(depth: 2) { [model] in
      guard var chunk = try chunks.next() else { return nil }
      return try chunk.score(scorer, model, single)
    }
  }

  /// Throws for the first bag with a logit or an attention value that is not a finite number.
  private func check(_ part: ScoredBags) throws {
    let scores = part.scores
    let isFinite = scores.bags.allSatisfy(\.isFinite) && scores.instances.allSatisfy(\.isFinite)
    if isFinite && scores.attention?.allSatisfy(\.isFinite) != false { return }
    for bag in scores.bags.indices {
      let rows = Int(part.bags.offsets[bag])..<Int(part.bags.offsets[bag + 1])
      let wrong = rows.first { !scores.instances[$0].isFinite || scores.attention?[$0].isFinite == false }
      guard let row = wrong ?? (scores.bags[bag].isFinite ? nil : rows.lowerBound) else { continue }
      let (instance, _) = try part.bags.instance(row, of: bag)
      throw NotFinite("the logit", bag: try part.bags.bag(bag).bag, instance: instance.id, model: options.model)
    }
  }

  /// The number of bags that were edges of an embedding of their features, and not trained on: those are a part.
  private func countEdges(_ part: ScoredBags) throws -> Int {
    guard let edges else { return 0 }
    return try part.scores.bags.indices.count { bag in
      let record = try part.bags.bag(bag)
      let rows = Int(part.bags.offsets[bag])..<Int(part.bags.offsets[bag + 1])
      let isEdge = try edges.contains(record) || rows.contains { edges.contains(try part.bags.instance($0, of: bag).0) }
      guard isEdge, let a = record.geneA, let b = record.geneB else { return isEdge }
      return !model.pairs.contains(TrainedPairs.key(a, b))
    }
  }

  private func write(_ part: ScoredBags, to selection: ScoreSelection) throws {
    try check(part)
    for bag in part.scores.bags.indices {
      var made: ScoreLine?
      func line() throws -> ScoreLine {
        let line = try made ?? ScoreLine(part, bag, model, withSides: options.baselines, lengths: lengths)
        made = line
        return line
      }
      if options.by == .residue {
        for (output, fields) in try BestPartners(part, bag, line()).lines {
          try selection.take(output, model.scale, fields)
        }
        continue
      }
      switch options.level {
      case .bag: try selection.take(part.scores.bags[bag], model.scale, line().bag())
      case .instance:
        for row in Int(part.bags.offsets[bag])..<Int(part.bags.offsets[bag + 1]) {
          try selection.take(part.scores.instances[row], model.scale, line().instance(row))
        }
      }
    }
  }
}
