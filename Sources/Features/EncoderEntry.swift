import Bytes

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
  public let parameters: [Setting]
  /// The built-in properties that another table may take the place of; nil for an encoder that has none.
  public let properties: PropertyTable?
  /// Formula, source, columns, and the peers that agree or disagree.
  public let description: String
  let make: @Sendable (EncoderSettings) -> any Encoder

  init(
    _ name: String, _ summary: String, _ alphabet: Alphabet, variants: [String] = [],
    parameters: [Setting] = [], properties: PropertyTable? = nil, description: String,
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
  let values: SettingValues
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
    prefix += values.mark
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
  func integer(_ name: String) -> Int { values.integer(name) }

  /// The value of a real parameter.
  func real(_ name: String) -> Double { values.real(name) }

  /// The value of a choice.
  func choice(_ name: String) -> String { values.text(name) }

  /// The variant as an enumeration of the encoder's.
  func variant<V: RawRepresentable & CaseIterable>(_ type: V.Type) -> V where V.RawValue == String {
    guard let value = variant.flatMap(V.init(rawValue:)) else {
      preconditionFailure("\(entry.name) has a variant that its type lacks")
    }
    return value
  }
}
