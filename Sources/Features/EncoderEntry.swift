import Bytes

/// A setting of an encoder, as in `paac:lambda=10`.
public struct EncoderParameter: Sendable {
  /// The kinds of value.
  public enum Kind: Sendable {
    case integer(ClosedRange<Int>, default: Int?)
    case real(ClosedRange<Double>, default: Double)
    case choice([String])  // the first is the default
  }
  /// The name in an `--encode` text.
  public let name: String
  /// The name in a feature's name.
  public let short: String
  /// The values that are allowed, and the default.
  public let kind: Kind
  /// A short description for the help.
  public let meaning: String

  init(_ name: String, short: String? = nil, _ kind: Kind, _ meaning: String) {
    self.name = name
    self.short = short ?? name
    self.kind = kind
    self.meaning = meaning
  }

  /// The allowed values, as a user reads them.
  public var allowed: String {
    switch kind {
    case .integer(let range, _): return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .real(let range, _):
      return "a number from \(NumberText.text(range.lowerBound)) to \(NumberText.text(range.upperBound))"
    case .choice(let values): return values.joined(separator: " or ")
    }
  }

  /// The default as text; nil where the parameter must be given.
  public var defaultText: String? {
    switch kind {
    case .integer(_, let value): return value.map(String.init)
    case .real(_, let value): return NumberText.text(value)
    case .choice(let values): return values.first
    }
  }

  /// The value in its normal spelling; nil if it is not allowed.
  func normal(_ text: String) -> String? {
    var text = text
    switch kind {
    case .integer(let range, _):
      return text.withUTF8 { NumberText.integer($0) }.flatMap { range.contains($0) ? String($0) : nil }
    case .real(let range, _):
      return text.withUTF8 { NumberText.double($0) }.flatMap { range.contains($0) ? NumberText.text($0) : nil }
    case .choice(let values):
      return values.contains(text) ? text : nil
    }
  }
}

/// An encoder of the catalog: its name, variants, parameters and description, and how it is made.
public struct EncoderEntry: Sendable {
  /// The name in `--encode`.
  public let name: String
  /// One line for `--list`.
  public let summary: String
  /// The letters it reads.
  public let alphabet: Alphabet
  /// Variants, the first is the default; may be empty.
  public let variants: [String]
  /// Settings, in the order in which they stand in names.
  public let parameters: [EncoderParameter]
  /// The built-in properties that another table may take the place of; nil for an encoder that has none.
  public let properties: PropertyTable?
  /// Formula, source, columns, and the peers that agree or disagree.
  public let description: String
  let make: @Sendable (EncoderSettings) -> any Encoder

  init(
    _ name: String, _ summary: String, _ alphabet: Alphabet, variants: [String] = [],
    parameters: [EncoderParameter] = [], properties: PropertyTable? = nil, description: String,
    make: @escaping @Sendable (EncoderSettings) -> any Encoder
  ) {
    self.name = name
    self.summary = summary
    self.alphabet = alphabet
    self.variants = variants
    self.parameters = parameters
    self.properties = properties
    self.description = description
    self.make = make
  }
}

/// The values that one use of an encoder has.
struct EncoderSettings: Sendable {
  let entry: EncoderEntry
  let variant: String?
  let values: [String: String]
  /// A table in place of the encoder's own.
  var table: PropertyTable?
  /// The rules for letters.
  var letters = LetterRules()

  /// The properties to encode by.
  var properties: PropertyTable {
    guard let properties = table ?? entry.properties else { preconditionFailure("\(entry.name) has no properties") }
    return properties
  }

  /// The start of each feature's name: encoder, parameters off their default, another table of properties, rules for
  /// letters off the default, variant.
  var prefix: String {
    var prefix = entry.name
    for parameter in entry.parameters {
      guard let value = values[parameter.name], value != parameter.defaultText else { continue }
      prefix += "-\(parameter.short)\(value)"
    }
    if let mark = table?.mark { prefix += "-" + mark }
    prefix += letters.mark(entry.alphabet)
    if let variant { prefix += ".\(variant)" }
    return prefix + "."
  }

  func names(_ components: [String]) -> [String] {
    let prefix = prefix
    return components.map { prefix + $0 }
  }

  /// The value of an integer parameter.
  func integer(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }

  /// The value of a real parameter.
  func real(_ name: String) -> Double { values[name].flatMap { Double($0) } ?? 0 }

  /// The value of a choice.
  func choice(_ name: String) -> String { values[name] ?? "" }

  /// The variant as an enumeration of the encoder's.
  func variant<V: RawRepresentable & CaseIterable>(_ type: V.Type) -> V where V.RawValue == String {
    guard let value = variant.flatMap(V.init(rawValue:)) else {
      preconditionFailure("\(entry.name) has a variant that its type lacks")
    }
    return value
  }
}
