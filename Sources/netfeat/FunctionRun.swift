import ArgumentParser
import Bags
import Bytes
import CommandSupport
import Features
import Networks
import Ontologies
import Records
import Tensors

/// The rows of predicted functions.
enum FunctionLevel: String, CaseIterable, ExpressibleByArgument { case gene, isoform }

/// The inputs of a prediction of functions besides the network.
struct FunctionOptions: ParsableArguments {
  @Option(
    help: .init(
      """
      In place of features, predict the functions of the nodes, isoforms or genes, from the annotations of genes: \
      imilp, or imilp:alpha=0.8,rounds=10. Needs --annotations and --ontology.
      """, valueName: "spec"), completion: .list(["imilp"]))
  var predict: String?
  @Option(
    help: .init("The known functions of --predict: GAF, or two columns, a gene and a term.", valueName: "file"),
    completion: .file())
  var annotations: String?
  @Option(help: .init("The ontology of --annotations, in OBO.", valueName: "file"), completion: .file())
  var ontology: String?
  @Option(
    help: .init("The namespace that is predicted: F, P, C, or its name; all if not given.", valueName: "aspect"),
    completion: .list(["F", "P", "C"]))
  var aspect: String?
  @Option(help: "Write a row for each gene, or for each isoform; gene if not given.")
  var level: FunctionLevel?
  @Option(help: .init("The least score that is written; 0.01 if not given.", valueName: "number"))
  var minScore: Double?

  var paths: [String] { [annotations, ontology].compactMap { $0 } }

  /// The options that serve --predict alone.
  var others: [(String, Bool)] {
    [
      ("--annotations", annotations != nil), ("--ontology", ontology != nil), ("--aspect", aspect != nil),
      ("--level", level != nil), ("--min-score", minScore != nil),
    ]
  }
}

/// A network of isoforms and the annotations of their genes in; a score for each gene or isoform and term out.
struct FunctionRun {
  private static let settings = [
    Setting("alpha", .real(0.01...0.999, default: 0.8), "share of a score that comes from the neighbours"),
    Setting("rounds", .integer(1...1000, default: 10), "most rounds of choosing witnesses"),
    Setting("least", .integer(1...1_000_000, default: 3), "fewest genes of a term, and fewest without it"),
  ]

  private let values: SettingValues
  private let command: NetfeatCommand
  private let pairs: String

  /// Throws a usage error for options that do not fit together.
  init(_ text: String, _ command: NetfeatCommand) throws {
    let spec = SettingText(text)
    guard spec.name == "imilp" else {
      throw ToolFailure.usage("--predict \(Diagnostic.quoted(spec.name)): there is imilp", hint: "--predict imilp")
    }
    values = try SettingValues(spec.words, of: Self.settings, subject: spec.name, guide: "man netfeat")
    self.command = command
    guard let pairs = command.pairing.pairs else {
      throw ToolFailure.usage("no network: --pairs names its edges", hint: "netfeat --predict imilp --pairs FILE")
    }
    self.pairs = pairs
    let functions = command.functions
    if functions.paths.count < 2 { throw ToolFailure.usage("--predict needs --annotations and --ontology") }
    let embedding = [
      ("--method", command.method != nil), ("--project", command.project != nil),
      ("--expression", command.expression != nil), ("--validation", command.validation != nil),
      ("--checkpoint", command.checkpoint != nil), ("--log", command.log != nil), ("--svg", command.svg != nil),
      ("--groups", command.groups != nil), ("--nodes", command.nodes != nil),
    ]
    if let (name, _) = embedding.first(where: \.1) { throw ToolFailure.usage("\(name) does not go with --predict") }
    if let file = command.input.input.files.first {
      throw ToolFailure.usage("--pairs and '\(file)': files without an option are rows for --project")
    }
    try command.pairing.refuseBags(allowingMembers: true)
    let inputs =
      [pairs, try command.pairing.map()?.path].compactMap { $0 } + functions.paths
      + (try command.pairing.memberFiles().map(\.path))
    if inputs.filter({ $0 == "-" }).count > 1 { throw BagsError(.stdinTwice) }
    try ToolFailure.refuse(outputs: [("--output", command.output.output)], over: inputs)
  }

  /// Reads, predicts and writes; throws `NetworkError`, `OntologyError`, and what readers throw.
  func run(_ context: ToolContext) throws {
    let options = try command.input.readerOptions()
    var builder = try NetworkInput.edges(pairs, command, options, context)
    let graph = try NetworkInput.build(&builder, pairs, context)
    let ontology = try Ontology(
      reading: Input.open(command.functions.ontology ?? ""), aspect: command.functions.aspect)
    let annotations = try Annotations(reading: Input.open(command.functions.annotations ?? ""), ontology)
    let (bags, genes) = try genes(of: graph, options, context)
    let terms = try self.terms(annotations, ontology, genes, context)
    let propagation = LabelPropagation(graph, bags: bags)
    let (file, format) = try command.output.open(default: .tsv)
    do {
      let isBag = command.functions.level != .isoform
      let columns =
        [Column("id")] + (isBag ? [] : [Column("gene")])
        + [Column("term"), Column("score", .double), Column("label", .int)] + (isBag ? [Column("witness")] : [])
      let writer = TableWriter(
        file.sink, format: format, kind: .score, columns: columns, header: command.output.header,
        madeBy: NetfeatCommand.versionLine)
      try predict(propagation, terms, context) { term, labels, result in
        try write(term, labels, result, graph, bags, genes, to: writer)
      }
      try writer.finish()
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// The gene of each node by number, and the genes' ids; without members a node is its own gene.
  private func genes(
    of graph: Graph, _ options: ReaderOptions, _ context: ToolContext
  ) throws -> (bags: [Int], genes: [String]) {
    guard let members = try command.pairing.memberTable(options, context) else {
      return (Array(graph.nodes.indices), graph.nodes)
    }
    var owner: [String: Int] = [:]
    for gene in members.genes.indices {
      for isoform in members.isoforms(of: gene) {
        let id = members.isoforms[Int(isoform)]
        if let other = owner.updateValue(gene, forKey: id), other != gene {
          throw NetworkError(
            .unusable(
              method: "imilp", reason: "isoform \(Diagnostic.quoted(id)) is of two genes", hint: "it can have one label"
            ))
        }
      }
    }
    var (numbers, bags, genes) = ([Int: Int](), [Int](), [String]())
    for id in graph.nodes {
      guard let gene = owner[id] else {
        throw NetworkError(
          .unusable(
            method: "imilp", reason: "\(Diagnostic.quoted(id)) of the network has no gene in --members",
            hint: "--pair-columns isoform_a,isoform_b reads the scores of mil-score --level instance"))
      }
      if numbers[gene] == nil {
        numbers[gene] = genes.count
        genes.append(members.genes[gene])
      }
      bags.append(numbers[gene] ?? 0)
    }
    return (bags, genes)
  }

  /// The terms that enough genes of the network have and lack, with the label of each gene: nil where the gene has no
  /// annotation.
  private func terms(
    _ annotations: Annotations, _ ontology: Ontology, _ genes: [String], _ context: ToolContext
  ) throws -> [(id: String, labels: [Bool?])] {
    let rows = Dictionary(uniqueKeysWithValues: annotations.proteins.enumerated().map { ($0.element, $0.offset) })
    let known = genes.map { rows[$0].map { annotations.terms[$0] } }
    let annotated = known.count { $0 != nil }
    if annotated == 0 {
      throw NetworkError(
        .unusable(
          method: "imilp", reason: "no gene of the network has an annotation",
          hint: "a GAF file has the ids of its second column; --map-ids translates those of the network"))
    }
    var counts: [Int: Int] = [:]
    for case let terms? in known { for term in terms { counts[term, default: 0] += 1 } }
    let least = values.integer("least")
    let kept = counts.filter { $0.value >= least && annotated - $0.value >= least }.keys
      .sorted { ontology.terms[$0] < ontology.terms[$1] }
    if kept.isEmpty {
      throw NetworkError(
        .unusable(
          method: "imilp", reason: "no term is of \(least) genes of the network and not of \(least) others",
          hint: "--predict imilp:least=1"))
    }
    note(
      counts.count - kept.count, "term", "that fewer than \(least) genes of the network have or lack, left out", context
    )
    note(genes.count - annotated, "gene", "of the network without annotation", context)
    return kept.map { term in (ontology.terms[term], known.map { $0?.contains(term) }) }
  }

  /// Calls `body` for each term in order; a few terms are predicted at once, one a thread.
  private func predict(
    _ propagation: LabelPropagation, _ terms: [(id: String, labels: [Bool?])], _ context: ToolContext,
    _ body: (_ term: String, _ labels: [Bool?], LabelPropagation.Result) throws -> Void
  ) throws {
    let pool = ThreadPool(threads: command.work.count)
    let (alpha, rounds) = (values.real("alpha"), values.integer("rounds"))
    let meter = context.progress("terms")
    var unsettled = 0
    for start in stride(from: 0, to: terms.count, by: 4 * pool.threads) {
      let block = start..<min(start + 4 * pool.threads, terms.count)
      let results = UnsafeMutableBufferPointer<LabelPropagation.Result?>.allocate(capacity: block.count)
      results.initialize(repeating: nil)
      defer { results.deinitialize().deallocate() }
      nonisolated(unsafe) let slots = results
      pool.forEachBlock(block.count, size: 1) { number, _, _ in
        slots[number] = propagation.scores(labels: terms[start + number].labels, alpha: alpha, rounds: rounds)
      }
      for (number, result) in zip(block, results) {
        guard let result else { continue }
        if !result.isSettled { unsettled += 1 }
        try body(terms[number].id, terms[number].labels, result)
      }
      meter.update(block.upperBound, detail: "of \(terms.count)")
    }
    meter.finish()
    note(unsettled, "term", "whose witnesses still changed in the last round", context)
  }

  private func note(_ count: Int, _ word: String, _ text: String, _ context: ToolContext) {
    context.note("\(word)\(count == 1 ? "" : "s") \(text)", count: count)
  }

  private func write(
    _ term: String, _ labels: [Bool?], _ result: LabelPropagation.Result, _ graph: Graph, _ bags: [Int],
    _ genes: [String], to writer: TableWriter
  ) throws {
    let least = command.functions.minScore ?? 0.01
    func label(_ bag: Int) -> Field { labels[bag].map { .int($0 ? 1 : 0) } ?? .missing }
    if command.functions.level == .isoform {
      for (node, score) in result.scores.enumerated() where score >= least {
        try writer.write([
          .text(graph.nodes[node]), .text(genes[bags[node]]), .text(term), .double(score), label(bags[node]),
        ])
      }
      return
    }
    var best = [Int](repeating: -1, count: genes.count)
    for (node, score) in result.scores.enumerated() {
      let bag = bags[node]
      if best[bag] < 0 || score > result.scores[best[bag]] { best[bag] = node }
    }
    for (bag, node) in best.enumerated() where result.scores[node] >= least {
      try writer.write([
        .text(genes[bag]), .text(term), .double(result.scores[node]), label(bag), .text(graph.nodes[node]),
      ])
    }
  }
}
