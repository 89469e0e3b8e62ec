import ArgumentParser
import Arrays
import Bytes
import CommandSupport
import Networks
import Records
import Tensors

@main struct NetfeatCommand: Tool {
  static let toolName = "netfeat"
  static let example = """
    netfeat --method node2vec --pairs interactions.tsv > emb.tsv
    netfeat --predict imilp --pairs scores.tsv --members tx2gene.tsv --annotations goa.gaf --ontology go.obo > terms.tsv
    netfeat --method gne:lambda=1 --pairs train.tsv --expression expr.tsv --validation val.tsv > emb.tsv
    """
  static let configuration = CommandConfiguration(
    commandName: toolName,
    abstract: "Turn a network into features: interactions in, one row of named numbers a node out.",
    discussion: """
      The rows come in the order in which nodes are first named: by --nodes, by the edges, by --expression. Edges \
      have no order: one that is given twice is one. Rows with label 0 are no edges, but name nodes.
      """,
    version: versionLine)

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Method with settings, such as node2vec:p=0.5,q=2.", valueName: "spec"),
    completion: .list(MethodCatalog.entries.map(\.name)))
  var method: String?

  @Flag(help: "List the methods and end.")
  var list = false

  @Option(
    help: ArgumentHelp("Tell all of one method and end.", valueName: "name"),
    completion: .list(MethodCatalog.entries.map(\.name)))
  var describe: String?

  @Option(
    help: ArgumentHelp(
      "The column of the pairs with the weights of the edges; without it all are 1.", valueName: "name"))
  var weightColumn: String?

  @Option(
    help: ArgumentHelp(
      "Nodes that need no edge, one id on each line; their rows come first, in this order.", valueName: "list"),
    completion: .file())
  var nodes: String?

  @Option(
    help: ArgumentHelp(
      "A table of a row of numbers for each node, for gne; its ids are nodes too.", valueName: "file"),
    completion: .file())
  var expression: String?

  @Option(
    help: ArgumentHelp(
      "Pairs with labels, read as --pairs: gne keeps the epoch that ranks them best, and ends when it gains no more.",
      valueName: "pairs"), completion: .file())
  var validation: String?

  @Option(
    help: ArgumentHelp(
      "Write the state of gne here after every epoch, and go on from it if it is there.", valueName: "file"),
    completion: .file())
  var checkpoint: String?

  @Option(
    help: ArgumentHelp("Write a line of JSON for every epoch of gne: epoch, loss, auroc.", valueName: "file"),
    completion: .file())
  var log: String?

  @Option(
    help: ArgumentHelp(
      "Read rows of features in place of a network, and place them in a plane: tsne, or pca.", valueName: "spec"),
    completion: .list(["tsne", "pca"]))
  var project: String?

  @Option(help: ArgumentHelp("Draw the plane of --project.", valueName: "file"), completion: .file())
  var svg: String?

  @Option(
    help: ArgumentHelp("Colour the picture by groups: columns id, group.", valueName: "file"), completion: .file())
  var groups: String?

  @Option(help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup(title: "Functions") var functions: FunctionOptions
  @OptionGroup(title: "Network") var pairing: PairInputOptions
  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup var work: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run(_ context: ToolContext) throws {
    if list { return try write(MethodGuide.list) }
    if let describe { return try write(MethodGuide.description(of: describe)) }
    if let predict = functions.predict { return try FunctionRun(predict, self).run(context) }
    try ToolFailure.refuse(functions.others, without: "--predict")
    if let project { return try ProjectionRun(project, self).run(context) }
    let plan = try NetfeatPlan(self)
    let network = try NetworkInput(plan, self, context)
    let pool = ThreadPool(threads: work.count)
    let meter = context.progress("steps")
    var task = EmbeddingTask(network.graph, seed: seed, pool: pool) { done, total in
      meter.update(done, detail: "\(100 * done / max(1, total)) %")
    }
    task.profiles = network.profiles
    let embedding: Embedding
    if let method = plan.method as? GNE {
      embedding = try GNERun(method, task, network, self).run()
    } else {
      embedding = try plan.method.embed(task)
    }
    meter.finish()
    try write(embedding, of: network.graph)
  }

  private func write(_ text: String) throws {
    let (file, _) = try output.open(default: .tsv)
    try file.sink.write(text)
    try file.commit()
  }

  /// Writes a row a node; the schema line of NDJSON says which edges the embedding has seen.
  private func write(_ embedding: Embedding, of graph: Graph) throws {
    let (file, format) = try output.open(default: .tsv)
    do {
      let writer = RecordWriter(
        file.sink, format: format, kind: .feature, schema: try Schema(names: embedding.names), columns: .feature,
        header: output.header, madeBy: Self.versionLine, seenEdges: format == .ndjson ? [Self.edges(of: graph)] : [])
      var row = StreamRecord(hasBag: false)
      let width = embedding.dimension
      for (node, id) in graph.nodes.enumerated() {
        row.bag = id
        row.instances = [StreamRecord.Instance(id: id)]
        row.values = embedding.values[node * width..<(node + 1) * width].map(Self.shortest)
        try writer.write(row)
      }
      try writer.finish()
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// The edges of a network as the schema line has them.
  private static func edges(of graph: Graph) -> JSON {
    let keys = (0..<graph.count).lazy.flatMap { node in
      graph.row(node).lazy.map { graph.neighbors[$0] }.filter { $0 > node }
        .map { TrainedPairs.key(graph.nodes[node], graph.nodes[Int($0)]) }
    }
    return .object([JSON.Member("digest", .string(graph.digest))] + TrainedPairs(keys: keys).members)
  }

  /// The number whose shortest text is that of the 32-bit number.
  private static func shortest(_ value: Float) -> Double {
    if Double(value) == Double(value).rounded() { return Double(value) }
    var bytes: [UInt8] = []
    NumberText.append(value, to: &bytes)
    return bytes.withUnsafeBufferPointer { NumberText.double($0) } ?? Double(value)
  }
}

/// The texts of `--list` and `--describe`.
enum MethodGuide {
  /// One line a method: name, whether it uses profiles, settings and summary.
  static var list: String {
    var text = "method\texpression\tsettings\tsummary\n"
    for entry in MethodCatalog.entries {
      text += "\(entry.name)\t\(entry.usesProfiles ? "yes" : "no")\t\(entry.settings.listed)\t\(entry.summary)\n"
    }
    return text
  }

  /// All that the catalogue knows of one method; throws `NetworkError` for an unknown name.
  static func description(of name: String) throws -> String {
    let entry = try MethodCatalog.entry(name)
    var text = "\(entry.name): \(entry.summary)\n\n"
    for setting in entry.settings { text += setting.line }
    return text + "\n" + entry.description + "\n"
  }
}
