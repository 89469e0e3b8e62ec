import Arrays
import Bytes
import Evaluation

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

  /// An input of the model: the names of its features in their order, or the form of its symbols.
  public struct Port: Sendable, Equatable {
    /// The name of the port in a batch.
    public var name: String
    /// The axis of its rows.
    public var axis: Axis
    /// The names of its columns; empty for symbols.
    public var features: [String]
    /// The form of its symbols; nil for numbers.
    public var tokens: (symbols: Int, length: Int)?
    /// The digest of the schema.
    public var digest: String { SHA256.digest12(of: features) }
    /// A port of these features.
    public init(_ name: String, _ axis: Axis = .instance, features: [String]) {
      (self.name, self.axis, self.features) = (name, axis, features)
    }
    /// A port of symbols, `length` per row, each from 0 to below `symbols`.
    public init(_ name: String, _ axis: Axis, symbols: Int, length: Int) {
      (self.name, self.axis, features, tokens) = (name, axis, [], (symbols, length))
    }
    /// The form that a batch must have.
    public var spec: PortSpec {
      PortSpec(
        name, axis,
        tokens.map { .tokens(symbols: $0.symbols, length: $0.length) } ?? .dense(width: features.count), names: features
      )
    }
    /// Whether both have the same name, axis and form.
    public static func == (one: Port, other: Port) -> Bool {
      one.spec == other.spec && one.features == other.features
    }
  }

  /// The method and its settings; of an ensemble of several kinds, those of the first.
  public var choice: MethodChoice
  /// The kinds of member, where members differ in method or columns; nil where all are of `choice` on all columns.
  public var ensemble: EnsembleCard?
  /// The kind of label it predicts.
  public var goal: Goal
  /// Its inputs.
  public var ports: [Port]
  /// The number of models whose mean is the model: 1, or more for an ensemble.
  public var members: Int
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
  /// The rule that makes probabilities of the model's outputs; nil where the scale alone does.
  public var calibration: Calibration?
  /// The JSON text of the normaliser that is applied to raw features; nil if there is none.
  public var normalizer: String?
  /// The blocks whose features were made of sequences, as `NAME=KIND:ENCODER[+ENCODER]`, where all of them were; empty
  /// otherwise.
  public var encoders: [String] = []
  /// The one feature that is best by itself, where the inputs are rows of features and the labels classes.
  public var singleFeature: SingleFeature?
  /// Further facts for people: loss, epochs, validation figures.
  public var notes: [String: String]

  /// Makes a card; the digests of the ports are computed from their features.
  public init(
    _ choice: MethodChoice, goal: Goal = .binary, ports: [Port], members: Int = 1, order: Order, seed: UInt64,
    remedy: String, trainingData: String, toolVersion: String, threshold: Double = 0.5, normalizer: String? = nil,
    notes: [String: String] = [:]
  ) {
    (self.choice, self.goal, self.ports, self.members, self.order) = (choice, goal, ports, members, order)
    (self.seed, self.remedy, self.trainingData) = (seed, remedy, trainingData)
    (self.toolVersion, self.threshold, self.normalizer) = (toolVersion, threshold, normalizer)
    self.notes = notes
  }

  /// The feature names of the port `x`.
  public var features: [String] { ports.first { $0.name == "x" }?.features ?? [] }
  /// Whether its inputs are graphs or sequences, not rows of features.
  public var takesEntities: Bool { !ports.contains { $0.name == "x" } }
  /// The scale of the model's scores; of an ensemble of several kinds logits.
  public var scale: ScoreScale { ensemble == nil ? choice.method.scale(goal) : .logit }

  private static let format = "millrace-model"
  /// The versions: 2; 3 with a calibration, whose scores an older tool would take for others; 4 with several kinds of
  /// member.
  private static let (version, calibratedVersion, ensembleVersion) = ("2", "3", "4")
  private static let notePrefix = "note."
  /// The most models of an ensemble.
  public static let maximumMembers = 1000

  /// The card as the strings of a tensor file.
  func metadata() -> [String: String] {
    let values = choice.values.members.map { JSON.Member($0.name, .string($0.value)) }
    var result = [
      "format": Self.format,
      "format_version": ensemble != nil
        ? Self.ensembleVersion : calibration == nil ? Self.version : Self.calibratedVersion,
      "tool_version": toolVersion,
      "architecture": choice.method.name, "options": JSON.object(values).text, "goal": goal.rawValue,
      "members": String(members), "order": order.rawValue, "seed": String(seed), "remedy": remedy,
      "ports": JSON.object(ports.sorted { $0.name < $1.name }.map { JSON.Member($0.name, Self.described($0)) }).text,
      "training_data": trainingData, "threshold": NumberText.text(threshold),
    ]
    if let normalizer { result["normalizer"] = normalizer }
    if !encoders.isEmpty { result["encoders"] = JSON.array(encoders.map(JSON.string)).text }
    if let singleFeature { result["best_feature"] = singleFeature.json.text }
    if let ensemble { result["ensemble"] = ensemble.json.text }
    if let calibration { result["calibration"] = calibration.json.text }
    for (key, value) in notes { result[Self.notePrefix + key] = value }
    return result
  }

  private static func described(_ port: Port) -> JSON {
    var members = [JSON.Member("axis", .string(port.axis.name))]
    if let tokens = port.tokens {
      members += [
        JSON.Member("kind", .string("tokens")), JSON.Member("symbols", .integer(tokens.symbols)),
        JSON.Member("length", .integer(tokens.length)),
      ]
    } else {
      members += [
        JSON.Member("kind", .string("dense")), JSON.Member("digest", .string(port.digest)),
        JSON.Member("features", .array(port.features.map(JSON.string))),
      ]
    }
    return .object(members)
  }

  /// The card of a tensor file, of this version or of version 1; `refuse` makes the error for a reason.
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
    let version = try fact("format_version")
    guard ["1", Self.version, Self.calibratedVersion, Self.ensembleVersion].contains(version) else {
      throw refuse(
        "its format version is \(Diagnostic.quoted(version)), known are 1, \(Self.version), "
          + "\(Self.calibratedVersion) and \(Self.ensembleVersion)")
    }
    let isFirst = version == "1"
    let name = try fact("architecture")
    guard let method = try? Methods.find(name) else {
      throw refuse("its architecture \(Diagnostic.quoted(name)) is unknown")
    }
    let values = try check("options") { text in
      Self.parsed(text, depth: 2, values: 64).flatMap { Self.values($0, of: method, isFirst: isFirst) }
    }
    choice = MethodChoice(method, values)
    ports = try check("ports") { Self.ports($0, isFirst: isFirst) }
    if isFirst {
      _ = try check("labels") { $0 == "0,1" ? $0 : nil }
      (goal, members) = (.binary, 1)
    } else {
      goal = try check("goal", Goal.init)
      members = try check("members") { text in
        Int(text).flatMap { String($0) == text && (1...Self.maximumMembers).contains($0) ? $0 : nil }
      }
    }
    guard method.goals.contains(goal) else { throw refuse("its architecture \(name) can't predict a \(goal) label") }
    order = try check("order", Order.init)
    seed = try check("seed") { text in UInt64(text).flatMap { String($0) == text ? $0 : nil } }
    threshold = try check("threshold") { text in
      Double(text).flatMap { $0 >= 0 && $0 <= 1 && NumberText.text($0) == text ? $0 : nil }
    }
    (remedy, trainingData, toolVersion) = (try fact("remedy"), try fact("training_data"), try fact("tool_version"))
    guard (version == Self.calibratedVersion) == (metadata["calibration"] != nil) else {
      throw refuse("its calibration does not go with format version \(version)")
    }
    if metadata["calibration"] != nil {
      guard goal == .binary else { throw refuse("its calibration is not for \(goal.rawValue) labels") }
      calibration = try check("calibration") { text in
        Self.parsed(text, depth: 2, values: Self.mostValues).flatMap { Calibration($0) }
      }
    }
    guard (version == Self.ensembleVersion) == (metadata["ensemble"] != nil) else {
      throw refuse("its ensemble does not go with format version \(version)")
    }
    if metadata["ensemble"] != nil {
      guard goal == .binary, let width = ports.first(where: { $0.name == "x" })?.features.count, ports.count == 1 else {
        throw refuse("its ensemble is not for its labels and ports")
      }
      let found = try check("ensemble") { text in
        Self.parsed(text, depth: 5, values: 1 << 16).flatMap { json in
          EnsembleCard(json, width: width) { Self.values($0, of: $1, isFirst: false) }
        }
      }
      guard found.members == members, found.kinds[0].choice == choice else {
        throw refuse("its ensemble is not that of its models")
      }
      ensemble = found
    }
    normalizer = metadata["normalizer"]
    if let normalizer, TensorFile.valueBound(of: normalizer.utf8) > Self.mostValues {
      throw refuse("its normaliser holds too many values")
    }
    if let text = metadata["encoders"] {
      guard let list = Self.parsed(text, depth: 2, values: 64)?.array, !list.isEmpty,
        case let texts = list.compactMap(\.string), texts.count == list.count
      else { throw refuse("its encoders are no list of blocks") }
      encoders = texts
    }
    if metadata["best_feature"] != nil {
      let width = ports.count == 1 ? ports[0].features.count : 0
      singleFeature = try check("best_feature") { text in
        Self.parsed(text, depth: 2, values: 8).flatMap { SingleFeature($0, width: width) }
      }
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

  /// The values of a method's settings, each in its normal spelling; settings that came after the file was written have
  /// their defaults. In version 1 values are numbers and true or false, and names have _ in place of -.
  private static func values(_ json: JSON, of method: Method, isFirst: Bool) -> SettingValues? {
    guard let members = json.members, Set(members.map(\.0)).count == members.count else { return nil }
    var values = SettingValues(defaultsOf: method.settings)
    for (name, value) in members {
      if isFirst {
        let text: String? =
          switch value {
          case .bool(let isTrue): isTrue ? "yes" : "no"
          case .number(_, let text): text
          default: nil
          }
        guard let text, values.set(String(name.map { $0 == "_" ? "-" : $0 }), to: text) else { return nil }
      } else {
        guard let text = value.string, values.set(name, to: text), values.text(name) == text else { return nil }
      }
    }
    // Version 1 knows one way to fit a logistic regression.
    if isFirst, method.name == Logistic.method.name { _ = values.set("solver", to: "gradients") }
    return values
  }

  private static func ports(_ text: String, isFirst: Bool) -> [Port]? {
    guard let members = parsed(text, depth: 3, values: mostValues)?.members, !members.isEmpty else { return nil }
    var result: [Port] = []
    for (name, json) in members {
      var port = Port(name, features: [])
      if !isFirst {
        guard let axis = json["axis"]?.string.map({ Axis($0) }) else { return nil }
        port.axis = axis
      }
      if !isFirst, json["kind"]?.string == "tokens" {
        guard let symbols = json["symbols"]?.int, let length = json["length"]?.int,
          (1...1 << 16).contains(symbols), (1...1 << 20).contains(length)
        else { return nil }
        port.tokens = (symbols, length)
      } else {
        guard isFirst || json["kind"]?.string == "dense", let list = json["features"]?.array else { return nil }
        port.features = list.compactMap(\.string)
        guard port.features.count == list.count, port.digest == json["digest"]?.string else { return nil }
      }
      result.append(port)
    }
    return result
  }
}
