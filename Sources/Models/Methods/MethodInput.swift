import Arrays

/// One thing that a method reads of each example: which side of a pair it belongs to, and its form.
///
/// The form decides the ports and relations of a batch, where SIDE is `a` or `b`; rows of `Axis.instance` point to the
/// distinct entities of a side by the index `SIDE`:
///
///     dense     port SIDE.x on the axis SIDE
///     tokens    port SIDE.tokens on the axis SIDE
///     graph     port SIDE.nodes on the axis SIDE.node, edges SIDE.edges over it, segments SIDE.graph to the axis SIDE
public struct MethodInput: Sendable, Equatable {
  /// The member of an example that is read.
  public enum Side: String, Sendable, Equatable, CaseIterable {
    /// The first partner.
    case a
    /// The second partner.
    case b
    /// Both partners, of one kind, with weights shared: pairs of their nodes are the instances.
    case both
    /// The pair as a whole: the port `x`, a row of features per instance.
    case pair
  }

  /// The form of an entity.
  public enum Form: Sendable, Equatable {
    /// A row of numbers.
    case dense
    /// A graph whose nodes have rows of numbers.
    case graph
    /// `length` tokens of a named alphabet (`TokenAlphabet`), padded with 0, each below `symbols`.
    case tokens(alphabet: String, symbols: Int, length: Int)
  }

  /// The side.
  public let side: Side
  /// The form.
  public let form: Form

  /// An input of these properties.
  public init(_ side: Side, _ form: Form) { (self.side, self.form) = (side, form) }

  /// The axis of the distinct entities, or of the instances.
  public var axis: Axis { side == .pair ? .instance : Axis(side.rawValue) }

  /// The name of the port that the input is read from.
  public var port: String {
    switch (side, form) {
    case (.pair, _): "x"
    case (.both, _): "nodes"
    case (_, .dense): "\(side.rawValue).x"
    case (_, .graph): "\(side.rawValue).nodes"
    case (_, .tokens): "\(side.rawValue).tokens"
    }
  }

  /// Whether it reads a port of this name: its own, or features of the edges of graphs on both sides.
  public func reads(_ name: String) -> Bool { name == port || side == .both && name == "edge_features" }

  /// The axis of the port's rows.
  public var rows: Axis { side == .both ? Axis("node") : form == .graph ? Axis("\(side.rawValue).node") : axis }

  /// The relation that an instance points to its entity by; nil for the pair itself.
  public var index: String? { side == .pair ? nil : side.rawValue }
  /// The relation that holds the edges of a graph.
  public var edges: String { "\(side.rawValue).edges" }
  /// The relation that holds the nodes of each entity.
  public var graph: String { "\(side.rawValue).graph" }
}

extension MethodInput: CustomStringConvertible {
  /// The input in words, for messages.
  public var description: String {
    switch (side, form) {
    case (.pair, _): "features of the pair"
    case (.both, _): "graphs of one kind on both sides"
    case (_, .dense): "a row of features on side \(side.rawValue)"
    case (_, .graph): "a graph on side \(side.rawValue)"
    case (_, .tokens(let alphabet, _, let length)):
      "a sequence on side \(side.rawValue) (\(length) letters of the alphabet \(alphabet))"
    }
  }
}

extension MethodInput {
  /// The port of these ports that holds the input; throws `ModelError.port` where it is missing or of another form.
  func spec(in ports: [PortSpec], of method: String) throws(ModelError) -> PortSpec {
    guard let found = ports.first(where: { $0.name == port }) else {
      throw .port(method: method, needs: "\(self)", found: ports.map(\.name))
    }
    let fits: Bool
    switch (form, found.kind) {
    case (.tokens(_, let symbols, let length), let kind): fits = kind == .tokens(symbols: symbols, length: length)
    case (_, .dense(let width)): fits = width >= 1
    case (_, .tokens): fits = false
    }
    guard fits, found.axis == rows else {
      throw .port(
        method: method, needs: "\(self)", found: ["\(found.name) with \(found.kind.text) on \(found.axis.name)"])
    }
    return found
  }
}

extension PortSpec.Kind {
  /// The kind in words.
  fileprivate var text: String {
    switch self {
    case .dense(let width): "\(width) numbers"
    case .tokens(let symbols, let length): "\(length) of \(symbols) symbols"
    }
  }
}
