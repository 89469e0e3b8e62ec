import Features

/// The texts of `--list` and `--describe`.
enum EncoderGuide {
  /// One line per encoder: name, kind, alphabet, variants, settings and description.
  static var list: String {
    var text = "encoder\tkind\talphabet\tvariants\tsettings\tsummary\n"
    for (kind, entries) in EncoderCatalog.kinds {
      for entry in entries {
        let fields = [
          entry.name, kind, entry.alphabet.rawValue, joined(entry.variants), entry.parameters.listed, entry.summary,
        ]
        text += fields.joined(separator: "\t") + "\n"
      }
    }
    return text
  }

  private static func joined(_ words: [String]) -> String { words.isEmpty ? "-" : words.joined(separator: ",") }

  /// All that the catalog knows of one encoder.
  /// - Throws: `FeatureError` for an unknown name.
  static func description(of name: String) throws -> String {
    guard let entry = EncoderCatalog.entry(name) else {
      throw FeatureError.unknownEncoder(name, known: EncoderCatalog.entries.map(\.name))
    }
    var text = "\(entry.name): \(entry.summary)\n\nAlphabet: \(entry.alphabet.letters) (\(entry.alphabet.plural))\n"
    if let first = entry.variants.first {
      text += "Variants: \(entry.variants.joined(separator: ", ")); default \(first)\n"
    }
    for parameter in entry.parameters {
      text += parameter.line
    }
    if let properties = entry.properties {
      text +=
        "Properties: \(properties.names.joined(separator: ", ")); --properties FILE takes others, of "
        + "\(properties.subject.rawValue)\n"
    }
    text += "\n" + entry.description + "\n"
    var settings: [String: String] = [:]
    for parameter in entry.parameters where parameter.defaultText == nil { settings[parameter.name] = "3" }
    let names = try EncoderCatalog.encoder(name, defaults: settings).names
    return text + "Names: \(names.prefix(3).joined(separator: ", ")) ... \(names[names.count - 1])\n"
  }
}
