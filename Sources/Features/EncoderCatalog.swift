import Bytes

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
    (
      "topology",
      [
        Hydropathy.entry, HydrophobicMoments.entry, GroupWindows.entry, ChargeWindows.entry, LowComplexity.entry,
        RegionComposition.entry, SequenceMotifs.entry, SequenceEnds.entry, LogLength.entry,
      ]
    ),
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
  /// - Throws: `FeatureError` or `SettingError` naming what is unknown and what is allowed.
  public static func encoder(
    _ text: String, defaults: [String: String] = [:], properties: [PropertyTable] = [],
    letters: LetterRules = LetterRules()
  ) throws -> any Encoder {
    let text = SettingText(text)
    guard let entry = entry(text.name) else {
      throw FeatureError.unknownEncoder(text.name, known: entries.map(\.name))
    }
    var settings = try settings(of: entry, text.words, defaults: defaults)
    settings.table = properties.first { $0.subject == entry.properties?.subject }
    settings.letters = letters
    return entry.make(settings)
  }

  private static func settings(
    of entry: EncoderEntry, _ words: [String], defaults: [String: String]
  ) throws -> EncoderSettings {
    var variant: String?
    for word in words where !word.contains("=") {
      guard entry.variants.contains(word) else {
        throw FeatureError.unknownVariant(word, encoder: entry.name, known: entry.variants)
      }
      if let variant { throw FeatureError.twoVariants(variant, word, encoder: entry.name) }
      variant = word
    }
    let values = try SettingValues(
      words.filter { $0.contains("=") }, of: entry.parameters, subject: entry.name,
      guide: "seqfeat --describe \(entry.name)", defaults: defaults)
    return EncoderSettings(entry: entry, variant: variant ?? entry.variants.first, values: values)
  }
}
