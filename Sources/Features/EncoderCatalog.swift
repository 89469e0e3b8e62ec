/// The list of all encoders; a new encoder needs a type in Encoders/ with an entry, and a line here.
public enum EncoderCatalog {
  /// By kind, nucleotides first.
  public static let kinds: [(kind: String, entries: [EncoderEntry])] = [
    ("triads", [ConjointTriad64.entry, ConjointTriad343.entry]),
    (
      "composition",
      [
        Kmer.entry, ReverseComplementKmer.entry, ResidueComposition.residues, ResidueComposition.dipeptides,
        ResidueComposition.tripeptides,
      ]
    ),
    (
      "pseudo-composition",
      [
        PseudoDinucleotide.dinucleotides, PseudoDinucleotide.words, PseudoAminoAcidComposition.entry,
        AmphiphilicPseudoComposition.entry,
      ]
    ),
    ("groups", [GroupComposition.entry, GroupTransition.entry, GroupDistribution.entry]),
    (
      "autocorrelation",
      [
        DinucleotideAutoCovariance.entry, NormalizedMoreauBroto.entry, AutoCovariance.entry, Moran.entry,
        Geary.entry,
      ]
    ),
    ("sequence-order", [SequenceOrderCoupling.entry, QuasiSequenceOrder.entry]),
    ("places", [FixedLength.oneHotNucleotides, FixedLength.oneHot, FixedLength.blosum62]),
  ]

  /// All of them, in the order of `seqfeat --list`.
  public static let entries = kinds.flatMap(\.entries)

  /// Returns the entry of an encoder by its name.
  public static func entry(_ name: String) -> EncoderEntry? { entries.first { $0.name == name } }

  /// Returns the entry of an `--encode` text.
  public static func entry(of text: String) -> EncoderEntry? { entry(String(text.prefix { $0 != ":" })) }

  /// The encoder of a text such as `ct64`, `ct64:shen`, `paac:count,lambda=10,weight=0.1`.
  /// - Parameters:
  ///   - defaults: parameters to take where the text has none and the encoder knows them (`--length`).
  ///   - properties: tables to take in place of the encoder's own properties, where they are of the same kind.
  ///   - letters: what the letters will be taken for, which is said in the names.
  /// - Throws: `FeatureError` naming what is unknown and what is allowed.
  public static func encoder(
    _ text: String, defaults: [String: String] = [:], properties: [PropertyTable] = [],
    letters: LetterRules = LetterRules()
  ) throws -> any Encoder {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let entry = entry(of: text) else {
      throw FeatureError.unknownEncoder(String(parts[0]), known: entries.map(\.name))
    }
    let words = parts.dropFirst().flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
    var settings = try settings(of: entry, words.map(String.init), defaults: defaults)
    settings.table = properties.first { $0.subject == entry.properties?.subject }
    settings.letters = letters
    return entry.make(settings)
  }

  private static func settings(
    of entry: EncoderEntry, _ words: [String], defaults: [String: String]
  ) throws -> EncoderSettings {
    var variant: String?
    var values: [String: String] = [:]
    for word in words {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if pair.count == 1 {
        guard entry.variants.contains(word) else {
          throw FeatureError.unknownVariant(word, encoder: entry.name, known: entry.variants)
        }
        if let variant { throw FeatureError.doubleSetting("variants \(variant) and \(word)", encoder: entry.name) }
        variant = word
      } else {
        let (parameter, value) = try setting(of: entry, pair[0], pair[1])
        if values.updateValue(value, forKey: parameter) != nil {
          throw FeatureError.doubleSetting("values of \(parameter)", encoder: entry.name)
        }
      }
    }
    for parameter in entry.parameters where values[parameter.name] == nil {
      if let value = defaults[parameter.name] {
        values[parameter.name] = try setting(of: entry, parameter.name, value).value
      } else if let value = parameter.defaultText {
        values[parameter.name] = value
      } else {
        throw FeatureError.missingParameter(
          parameter.name, encoder: entry.name, hint: "\(entry.name):\(parameter.name)=… or --\(parameter.name)")
      }
    }
    return EncoderSettings(entry: entry, variant: variant ?? entry.variants.first, values: values)
  }

  private static func setting(
    of entry: EncoderEntry, _ name: String, _ text: String
  ) throws -> (parameter: String, value: String) {
    guard let parameter = entry.parameters.first(where: { $0.name == name || $0.short == name }) else {
      throw FeatureError.unknownParameter(name, encoder: entry.name, known: entry.parameters.map(\.name))
    }
    guard let value = parameter.normal(text) else {
      throw FeatureError.badParameter(name, value: text, encoder: entry.name, allowed: parameter.allowed)
    }
    return (parameter.name, value)
  }
}
