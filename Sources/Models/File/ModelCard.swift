import Bytes

/// The description of a model in its file: everything but the tensors.
public struct ModelCard: Sendable, Equatable {
  /// The meaning of the order of a pair's two partners.
  public enum Order: String, Sendable, CaseIterable {
    /// The order has no meaning: both orders are scored and their logits averaged.
    case symmetric
    /// Partners are scored in the order given, as in the paper.
    case ordered
    /// The sides differ in kind.
    case roles
  }

  /// An input of the model: the names of its features in their order.
  public struct Port: Sendable, Equatable {
    /// The name of the port in a batch.
    public var name: String
    /// The names of its columns.
    public var features: [String]
    /// The digest of the schema.
    public var digest: String { SHA256.digest12(of: features) }
    /// A port of these features.
    public init(_ name: String, features: [String]) { (self.name, self.features) = (name, features) }
  }

  /// A name that `Architectures` knows.
  public var architecture: String
  /// The options of the architecture.
  public var options: ArchitectureOptions
  /// Its inputs.
  public var ports: [Port]
  /// The meaning of the order of partners.
  public var order: Order
  /// The seed of its training.
  public var seed: UInt64
  /// The measures taken against collapsed training runs, in words.
  public var remedy: String
  /// A digest of the bags it was trained on.
  public var trainingData: String
  /// The tool that made it, with its version.
  public var toolVersion: String
  /// The least probability of a bag that is called positive.
  public var threshold: Double
  /// The JSON text of the normaliser that is applied to raw features; nil if there is none.
  public var normalizer: String?
  /// Further facts for people: loss, epochs, validation figures.
  public var notes: [String: String]

  /// Makes a card; the digests of the ports are computed from their features.
  public init(
    architecture: String, options: ArchitectureOptions, ports: [Port], order: Order, seed: UInt64, remedy: String,
    trainingData: String, toolVersion: String, threshold: Double = 0.5, normalizer: String? = nil,
    notes: [String: String] = [:]
  ) {
    (self.architecture, self.options, self.ports, self.order) = (architecture, options, ports, order)
    (self.seed, self.remedy, self.trainingData) = (seed, remedy, trainingData)
    (self.toolVersion, self.threshold, self.normalizer) = (toolVersion, threshold, normalizer)
    self.notes = notes
  }

  /// The feature names of the port `x`.
  public var features: [String] { ports.first { $0.name == "x" }?.features ?? [] }

  /// The options that the architecture reads, by name, as text; empty for an unknown architecture.
  public var describedOptions: [(String, String)] {
    guard let known = try? Architectures.find(architecture) else { return [] }
    return options.members(known.optionNames).map { ($0.0, $0.1.text) }
  }

  private static let format = "millrace-model"
  private static let version = "1"
  private static let notePrefix = "note."

  /// The card as the strings of a tensor file. Throws `ModelError` for an unknown architecture.
  func metadata() throws -> [String: String] {
    let members = options.members(try Architectures.find(architecture).optionNames)
    var result = [
      "format": Self.format, "format_version": Self.version, "tool_version": toolVersion,
      "architecture": architecture, "options": JSON.object(members.map { JSON.Member($0.0, $0.1) }).text,
      "ports": JSON.object(ports.sorted { $0.name < $1.name }.map { JSON.Member($0.name, Self.described($0)) }).text,
      "labels": "0,1", "order": order.rawValue, "seed": String(seed), "remedy": remedy,
      "training_data": trainingData, "threshold": NumberText.text(threshold),
    ]
    if let normalizer { result["normalizer"] = normalizer }
    for (key, value) in notes { result[Self.notePrefix + key] = value }
    return result
  }

  private static func described(_ port: Port) -> JSON {
    .object(["digest": .string(port.digest), "features": .array(port.features.map(JSON.string))])
  }

  /// The card of a tensor file; `refuse` makes the error for a reason.
  init(_ metadata: [String: String], _ refuse: (String) -> ModelError) throws {
    func fact(_ key: String) throws -> String {
      guard let value = metadata[key] else { throw refuse("its metadata lacks \(key)") }
      return value
    }
    func check<Value>(_ key: String, _ read: (String) -> Value?) throws -> Value {
      guard let value = read(try fact(key)) else { throw refuse("its metadata has a bad \(key)") }
      return value
    }
    guard try fact("format") == Self.format else { throw refuse("its format is not \(Self.format)") }
    guard try fact("format_version") == Self.version else {
      throw refuse("its format version is \(Diagnostic.quoted(try fact("format_version"))), known is \(Self.version)")
    }
    let name = try fact("architecture")
    guard let known = try? Architectures.find(name) else {
      throw refuse("its architecture \(Diagnostic.quoted(name)) is unknown")
    }
    architecture = name
    options = try check("options") { text in
      guard let json = Self.parsed(text, depth: 2, values: 64) else { return nil }
      return ArchitectureOptions(json, names: known.optionNames)
    }
    ports = try check("ports", Self.ports)
    order = try check("order", Order.init)
    seed = try check("seed") { text in UInt64(text).flatMap { String($0) == text ? $0 : nil } }
    threshold = try check("threshold") { text in
      Double(text).flatMap { $0 >= 0 && $0 <= 1 && NumberText.text($0) == text ? $0 : nil }
    }
    _ = try check("labels") { $0 == "0,1" ? $0 : nil }
    (remedy, trainingData, toolVersion) = (try fact("remedy"), try fact("training_data"), try fact("tool_version"))
    normalizer = metadata["normalizer"]
    if let normalizer, TensorFile.valueBound(of: normalizer.utf8) > Self.mostValues {
      throw refuse("its normaliser holds too many values")
    }
    notes = [:]
    for (key, value) in metadata where key.hasPrefix(Self.notePrefix) {
      notes[String(key.dropFirst(Self.notePrefix.count))] = value
    }
  }

  /// The most JSON values in the text of the ports, and in that of the normaliser.
  private static let mostValues = 1 << 19

  /// JSON text inside a string of the card; nil where it is not JSON, too deep, or of more values than allowed, which
  /// are counted before any is made.
  private static func parsed(_ text: String, depth: Int, values: Int) -> JSON? {
    TensorFile.valueBound(of: text.utf8) <= values ? try? JSON.parse(text, maxDepth: depth) : nil
  }

  private static func ports(_ text: String) -> [Port]? {
    guard let members = parsed(text, depth: 3, values: mostValues)?.members, !members.isEmpty else { return nil }
    var result: [Port] = []
    for (name, json) in members {
      guard let list = json["features"]?.array else { return nil }
      let port = Port(name, features: list.compactMap(\.string))
      guard port.features.count == list.count, port.digest == json["digest"]?.string else { return nil }
      result.append(port)
    }
    return result
  }
}
