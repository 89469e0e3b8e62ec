import Bags
import Bytes
import CommandSupport
import Networks
import Records

/// The options of a run, checked before anything is read.
struct NetfeatPlan {
  /// The file of the edges.
  let pairs: String
  let entry: MethodEntry
  let method: any EmbeddingMethod

  /// Throws a usage error, a `NetworkError` or a `SettingError` for options that do not fit together.
  init(_ command: NetfeatCommand) throws {
    guard let text = command.method else {
      throw ToolFailure.usage("no method: --method says how vectors are made", hint: "netfeat --list")
    }
    guard let pairs = command.pairing.pairs else {
      throw ToolFailure.usage("no network: --pairs names its edges", hint: "netfeat --method \(text) --pairs FILE")
    }
    try command.pairing.refuseBags()
    if let file = command.input.input.files.first {
      throw ToolFailure.usage("--pairs and '\(file)': files without an option are rows for --project")
    }
    try ToolFailure.refuse([("--svg", command.svg != nil), ("--groups", command.groups != nil)], without: "--project")
    self.pairs = pairs
    (entry, _, method) = try MethodCatalog.method(text)
    let inputs = [pairs, command.nodes, command.expression, command.validation, try command.pairing.map()?.path]
      .compactMap { $0 }
    if inputs.filter({ $0 == "-" }).count > 1 { throw BagsError(.stdinTwice) }
    try ToolFailure.refuse(
      outputs: [
        ("--output", command.output.output), ("--checkpoint", command.checkpoint), ("--log", command.log),
      ], over: inputs)
    if command.expression != nil, !entry.usesProfiles {
      throw ToolFailure.usage("\(entry.name) does nothing with --expression", hint: "--method gne; netfeat --list")
    }
    if !(method is GNE) {
      try ToolFailure.refuse(
        [
          ("--validation", command.validation != nil), ("--checkpoint", command.checkpoint != nil),
          ("--log", command.log != nil),
        ], without: "--method gne")
    }
    if !command.input.records.keep.isEmpty {
      throw ToolFailure.usage("--keep: the rows are nodes, and have no other columns")
    }
  }
}

/// The network as it is read: edges, nodes without edges, and profiles.
struct NetworkInput {
  let graph: Graph
  let profiles: Profiles?
  let validation: [LabelledPair]

  /// Reads all inputs; throws `NetworkError`, `BagsError`, and what readers throw.
  init(_ plan: NetfeatPlan, _ command: NetfeatCommand, _ context: ToolContext) throws {
    let options = try command.input.readerOptions()
    let table = try command.expression.map { try command.pairing.profiles($0, options: options, context) }
    var builder = try Self.edges(plan.pairs, command, options, context)
    for id in table?.ids ?? [] { builder.node(id) }
    graph = try Self.build(&builder, plan.pairs, context)
    profiles = table.map { PairBlock.profiles(of: builder.nodes, $0) }
    if let path = command.validation {
      validation = try Self.validation(path, of: graph, known: builder, command, options, context)
    } else {
      validation = []
    }
    if let profiles, !profiles.isKnown.contains(true) {
      throw NetworkError(
        .unusable(method: plan.entry.name, reason: "every row of the expression table is constant", hint: nil),
        at: SourceLocation(source: command.expression ?? ""))
    }
  }

  /// The nodes and edges of a file of pairs; throws as `init` does.
  static func edges(
    _ path: String, _ command: NetfeatCommand, _ options: ReaderOptions, _ context: ToolContext
  ) throws -> GraphBuilder {
    var builder = GraphBuilder(isWeighted: command.weightColumn != nil)
    if let list = command.nodes {
      for id in try IdList(reading: Input.open(list)).ids { builder.node(command.pairing.cutting(id)) }
    }
    let (pairs, hasLabels) = try command.pairing.edges(path, weight: command.weightColumn, options: options, context)
    while let pair = try pairs.next() {
      guard try isEdge(pair, hasLabels) else {
        builder.node(pair.geneA)
        builder.node(pair.geneB)
        continue
      }
      let weight = try command.weightColumn.map { try Self.weight(of: pair, column: $0) } ?? 1
      try builder.edge(pair.geneA, pair.geneB, weight: weight, at: pair.place)
    }
    return builder
  }

  /// The network, with what was left out counted; throws `NetworkError` where no edge is left.
  static func build(_ builder: inout GraphBuilder, _ path: String, _ context: ToolContext) throws -> Graph {
    let graph: Graph
    do {
      graph = try builder.build()
    } catch let error as NetworkError {
      throw NetworkError(error.kind, at: error.place ?? SourceLocation(source: path))
    }
    func note(_ count: Int, _ one: String, _ many: String) { context.note(count == 1 ? one : many, count: count) }
    note(builder.loops, "edge from a node to itself left out", "edges from a node to itself left out")
    note(builder.weightless, "edge of weight 0 left out", "edges of weight 0 left out")
    note(builder.repeated, "row that names an edge again", "rows that name an edge again")
    return graph
  }

  /// The pairs of `--validation`; those that are edges of the network are counted, since it knows them.
  private static func validation(
    _ path: String, of graph: Graph, known builder: GraphBuilder, _ command: NetfeatCommand, _ options: ReaderOptions,
    _ context: ToolContext
  ) throws -> [LabelledPair] {
    let (source, hasLabels) = try command.pairing.edges(path, weight: nil, options: options, context)
    var pairs: [LabelledPair] = []
    var leaks = 0
    while let pair = try source.next() {
      let numbers = try [pair.geneA, pair.geneB].map { id in
        guard let number = builder.number(of: id) else {
          throw NetworkError(.unknownNode(id, hint: "--nodes LIST names nodes without edges"), at: pair.place)
        }
        return number
      }
      let isEdge = try isEdge(pair, hasLabels)
      if isEdge, graph.entry(numbers[0], numbers[1]) != nil { leaks += 1 }
      pairs.append(LabelledPair(numbers[0], numbers[1], isEdge: isEdge))
    }
    guard Set(pairs.map(\.isEdge)).count == 2 else {
      throw NetworkError(
        .validation(edges: pairs.count(where: \.isEdge), others: pairs.count { !$0.isEdge }),
        at: SourceLocation(source: path))
    }
    context.note(
      (leaks == 1 ? "pair" : "pairs") + " of --validation in the network: what it has seen does not judge it",
      count: leaks)
    return pairs
  }

  private static func isEdge(_ pair: GenePair, _ hasLabels: Bool) throws -> Bool {
    guard hasLabels || pair.label != nil else { return true }
    guard let label = pair.label, label == 0 || label == 1 else {
      throw NetworkError(.label(pair.label), at: pair.place)
    }
    return label == 1
  }

  private static func weight(of pair: GenePair, column: String) throws -> Double {
    let text: String
    switch pair.kept.first {
    case .number(let number): text = number
    case .text(let other): text = other
    case .missing, nil: text = "NA"
    }
    guard let weight = Array(text.utf8).withUnsafeBufferPointer({ NumberText.double($0) }) else {
      throw NetworkError(.weightText(text, column: column), at: pair.place)
    }
    return weight
  }
}
