import Bytes
import CommandSupport
import Features

/// The options of seqfeat, checked: what remains is to read.
struct SeqfeatPlan {
  let stream: FeatureStream

  /// - Throws: a usage error for options that don't fit.
  init(_ command: SeqfeatCommand) throws {
    guard !command.encode.isEmpty else {
      throw ToolFailure.usage(
        "no encoder is named", hint: "--encode ct64, for example; seqfeat --list names them all")
    }
    var options = FeatureStream.Options()
    options.encode = command.encode
    options.ambiguous = command.ambiguous
    options.maskLower = command.mask == .lower
    options.short = command.short
    options.duplicates = command.duplicates
    options.translation = try command.translation.translation()
    options.naming = try command.headers.naming()
    if let length = command.length { options.defaults["length"] = String(length) }
    if let alphabet = command.alphabet, options.translation != nil {
      if alphabet == .protein { throw ToolFailure.usage("--translate reads nucleotides, --alphabet says protein") }
    } else if let alphabet = command.alphabet {
      options.insistsOnProtein = alphabet == .protein
      for text in command.encode {
        let reads = try EncoderCatalog.encoder(text, defaults: options.defaults).alphabet
        if reads != alphabet { throw FeatureError.wrongAlphabet(encoder: text, reads: reads, asked: alphabet) }
      }
    }
    stream = try FeatureStream(options)
  }
}
