import Bytes

/// A method of the catalogue: its name, settings and description, and how it is made.
public struct MethodEntry: Sendable {
  /// The name in `--method`, and the prefix of its columns.
  public let name: String
  /// One line for `--list`.
  public let summary: String
  /// The settings in their order.
  public let settings: [Setting]
  /// Formula, source, columns, memory.
  public let description: String
  /// Whether it can use profiles of the nodes.
  public let usesProfiles: Bool
  let make: @Sendable (SettingValues) -> any EmbeddingMethod

  init(
    _ name: String, _ summary: String, settings: [Setting], usesProfiles: Bool = false, description: String,
    make: @escaping @Sendable (SettingValues) -> any EmbeddingMethod
  ) {
    (self.name, self.summary, self.settings) = (name, summary, settings)
    (self.usesProfiles, self.description, self.make) = (usesProfiles, description, make)
  }
}

/// The list of all methods; a new one needs a type with an entry, and a line here.
public enum MethodCatalog {
  /// All methods, in the order of `netfeat --list`.
  public static let entries = [SpectralEmbedding.entry, LINE.entry, Node2Vec.entry, Isomap.entry, GNE.entry]

  /// The entry of a text such as `gne:lambda=0`, and its values.
  /// - Throws: `NetworkError` for an unknown name, `SettingError`.
  public static func method(
    _ text: String
  ) throws -> (entry: MethodEntry, values: SettingValues, method: any EmbeddingMethod) {
    let text = SettingText(text)
    let entry = try entry(text.name)
    let values = try SettingValues(
      text.words, of: entry.settings, subject: entry.name, guide: "netfeat --describe \(entry.name)")
    return (entry, values, entry.make(values))
  }

  /// The entry of a name; throws `NetworkError` for an unknown one.
  public static func entry(_ name: String) throws -> MethodEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw NetworkError(.method(name, known: entries.map(\.name)))
    }
    return entry
  }
}

extension Setting {
  /// The number of columns.
  static func dimension(_ value: Int) -> Setting {
    Setting("dimension", .integer(1...4096, default: value), "number of columns")
  }
}

extension SpectralEmbedding {
  static let entry = MethodEntry(
    "svd", "singular vectors of the adjacency matrix, scaled by degree",
    settings: [
      .dimension(32),
      Setting("shift", .real(0...1e6, default: 1), "mean degrees that are added to each degree before it scales"),
      .flag("restore", default: false, "take the scaling off the rows again"),
    ],
    description: """
      The greatest singular values of W = S A S with S = diag((d + shift · mean d)^-1/2): the columns are \
      sqrt|lambda| v for the eigenvalues of W in falling order of size, the entry of greatest size positive. With \
      restore=yes rows are divided by S. A product of rows is then near the entry of A, up to the signs of the \
      eigenvalues; an edge that was in the network raises its own product. Lanczos' iteration; memory: eight bytes for \
      each node and step, some 2.5 steps a column and more. A node without neighbours has zeros.
      """
  ) { values in
    var method = SpectralEmbedding()
    method.dimension = values.integer("dimension")
    (method.shift, method.isRestored) = (values.real("shift"), values.flag("restore"))
    return method
  }
}

extension Isomap {
  static let entry = MethodEntry(
    "isomap", "points at the distances of shortest paths",
    settings: [
      .dimension(128),
      Setting("landmarks", .integer(2...100_000, default: 1000), "landmarks of a network above `exact` nodes"),
      Setting("exact", .integer(2...65_536, default: 20_000), "most nodes whose distances are all computed"),
    ],
    description: """
      Isomap (Tenenbaum, de Silva and Langford 2000): D has the lengths of shortest paths in edges, the longest one + \
      1 where there is none; the columns are sqrt(lambda) v of the largest eigenvalues of -1/2 J D^2 J, and 0 for \
      those below 0. Memory: two bytes for each pair of nodes. Larger networks: distances to landmarks that the seed \
      draws, and points by these (de Silva and Tenenbaum 2004). Weights don't enter; nodes without neighbours are \
      points too.
      """
  ) { values in
    var method = Isomap()
    method.dimension = values.integer("dimension")
    (method.landmarks, method.exactNodes) = (values.integer("landmarks"), values.integer("exact"))
    return method
  }
}

extension GNE {
  static let entry = MethodEntry(
    "gne", "neighbours predicted from node and profile",
    settings: [
      .dimension(128),
      Setting("lambda", .real(0...1e3, default: 1), "weight of the profiles (--expression); 0 is topology only"),
      Setting("negatives", .integer(1...10_000, default: 10), "negatives of a batch"),
      Setting(
        "sampler", .choice(NegativeSampler.Kind.allCases.map(\.rawValue)),
        "distribution of negatives: over the number of the node, even, or by degree^0.75"),
      Setting("batch", .integer(1...65_536, default: 256), "samples of a batch"),
      Setting("rate", .real(1e-9...10, default: 0.005), "learning rate"),
      Setting("epochs", .integer(1...10_000, default: 20), "most epochs"),
      Setting("patience", .integer(0...10_000, default: 2), "epochs without a gain by --validation that are let pass"),
      Setting("dropout", .real(0...0.99, default: 0.5), "share that is dropped before the hidden layer"),
    ],
    usesProfiles: true,
    description: """
      GNE (Kishan, Li, Cui and Haake 2019) as its authors' code has it: s = W_id[i] / |.|, \
      a = ELU(x_i W_att) / |.|, c = [s, lambda a] with dropout, h = tanh(c W_h), and the logit of node j as a \
      neighbour V_j · h + b_j; the columns are h + V_i. Rows of --expression are standardised each (mean 0, \
      deviation 1), a missing number is 0, and a node without a row has a = 0. Every edge is a sample in both \
      directions; the loss is a softmax over the true neighbour and negatives that a batch shares, less the logarithm \
      of the expected counts. The choice of the sampler moves the result. `log-uniform`, the default of the library \
      that the authors used, draws nodes that are named early. With --validation the columns are those of the epoch \
      with the best AUROC by products of rows, and training ends when it has not gained for longer than `patience`.
      """
  ) { values in
    var method = GNE()
    (method.dimension, method.lambda) = (values.integer("dimension"), values.real("lambda"))
    method.negatives = values.integer("negatives")
    method.sampler = NegativeSampler.Kind(rawValue: values.text("sampler")) ?? .logUniform
    (method.batch, method.rate) = (values.integer("batch"), values.real("rate"))
    (method.epochs, method.patience) = (values.integer("epochs"), values.integer("patience"))
    method.dropout = values.real("dropout")
    return method
  }
}

extension Node2Vec {
  static let entry = MethodEntry(
    "node2vec", "skip-gram over random walks of second order",
    settings: [
      .dimension(128),
      Setting("p", .real(1e-3...1e3, default: 1), "return parameter: a low one keeps walks near their start"),
      Setting("q", .real(1e-3...1e3, default: 1), "in-out parameter: a low one lets walks go far"),
      Setting("walks", .integer(1...10_000, default: 10), "walks from each node in an epoch"),
      Setting("length", .integer(2...100_000, default: 80), "nodes of a walk"),
      Setting("window", .integer(1...1000, default: 10), "greatest distance of two nodes that make a pair"),
      Setting("negatives", .integer(1...60, default: 5), "negatives of a pair"),
      Setting("rate", .real(1e-9...10, default: 0.025), "learning rate at the start"),
      Setting("epochs", .integer(1...1000, default: 1), "passes over new walks"),
    ],
    description: """
      node2vec (Grover and Leskovec 2016). A walk at node v, having come from t, goes on to x with the weight of the \
      edge times 1/p where x is t, 1 where x and t are neighbours, else 1/q. Steps are drawn on the fly by rejection: \
      memory is that of the edges. Pairs of nodes up to a window apart, drawn anew from 1 to `window` for each centre, \
      are learnt with negatives by degree^0.75; the rate falls linearly to a ten-thousandth. The vector is that of the \
      centre; a node without neighbours has zeros.
      """
  ) { values in
    var method = Node2Vec()
    method.dimension = values.integer("dimension")
    (method.p, method.q) = (values.real("p"), values.real("q"))
    (method.walks, method.length) = (values.integer("walks"), values.integer("length"))
    (method.window, method.negatives) = (values.integer("window"), values.integer("negatives"))
    (method.rate, method.epochs) = (values.real("rate"), values.integer("epochs"))
    return method
  }
}

extension LINE {
  static let entry = MethodEntry(
    "line", "proximity of first order, of second order, or both",
    settings: [
      Setting("order", .choice(Order.allCases.map(\.rawValue)), "what is learnt: neighbours, shared neighbours"),
      Setting("dimension", .integer(2...4096, default: 128), "number of columns; both orders have half of them each"),
      Setting(
        "samples", .integer(0...1_000_000_000_000, default: 0),
        "edges drawn for each order; 0 is \(samplesPerEdge) for each edge of the network. Too many overtrain: choose "
          + "them by validation"),
      Setting("negatives", .integer(1...60, default: 5), "negatives of an edge"),
      Setting("rate", .real(1e-9...10, default: 0.025), "learning rate at the start"),
      .flag("normalize", default: false, "scale the vectors of each order to length 1"),
    ],
    description: """
      LINE (Tang et al. 2015). Order 1: minus the sum over edges of log sigmoid(u_i · u_j); order 2: of \
      log sigmoid(c_j · u_i), with a second vector c for each node as a neighbour. Edges are drawn by weight in either \
      direction, each with negatives by degree^0.75; the rate falls linearly to a ten-thousandth. A node without \
      neighbours has zeros.
      """
  ) { values in
    var method = LINE()
    method.order = Order(rawValue: values.text("order")) ?? .both
    method.dimension = values.integer("dimension")
    method.samples = values.integer("samples")
    (method.negatives, method.rate) = (values.integer("negatives"), values.real("rate"))
    method.isNormalized = values.flag("normalize")
    return method
  }
}
