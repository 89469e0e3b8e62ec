import Bytes

/// The errors between a sequence and its features, each with the offending value.
public enum FeatureError: Diagnosable, Equatable {
  case unknownEncoder(String, known: [String])
  case unknownVariant(String, encoder: String, known: [String])
  case twoVariants(String, String, encoder: String)
  case mixedAlphabets(String, String)
  case wrongAlphabet(encoder: String, reads: Alphabet, asked: Alphabet)
  case illegalByte(UInt8, position: Int, record: String, place: SourceLocation)
  case ambiguousLetter(UInt8, position: Int, record: String, alphabet: Alphabet, place: SourceLocation)
  case outsideAlphabet(outside: Int, length: Int, record: String, alphabet: Alphabet, place: SourceLocation)
  case proteinToTranslate(outside: Int, length: Int, record: String, place: SourceLocation)
  case nucleotidesAsProtein(records: Int, place: SourceLocation)
  case internalStop(codon: Int, record: String, place: SourceLocation)
  case unknownGeneticCode(Int, known: [Int])
  case shortSequence(String, reason: String, place: SourceLocation)
  case duplicateId(String, place: SourceLocation)
  case missingGene(String, place: SourceLocation)
  case sharedSymbol(String, String, String, place: SourceLocation)
  case versionsApart(String, cut: String, what: String, place: SourceLocation)
  case ungrouped(String, reason: String, place: SourceLocation)
  case groupTaken(String, map: String, place: SourceLocation)
  case emptyGroup(String, separator: String, place: SourceLocation)
  case notAveraged(encoder: String)

  /// The error as a user reads it.
  public var diagnostic: Diagnostic {
    if let usage = usageDiagnostic { return usage }
    return dataDiagnostic
  }

  private var usageDiagnostic: Diagnostic? {
    switch self {
    case .unknownEncoder(let name, let known):
      return Diagnostic(
        .usage, "no encoder is named '\(name)'; there are \(known.joined(separator: ", "))",
        hint: "seqfeat --list says what each of them is")
    case .unknownVariant(let name, let encoder, let known):
      let allowed = known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", ")
      return Diagnostic(
        .usage, "'\(name)' is neither a variant nor a setting of \(encoder): \(allowed)",
        hint: "seqfeat --describe \(encoder)")
    case .twoVariants(let first, let second, let encoder):
      return Diagnostic(
        .usage, "\(encoder) is given two variants \(first) and \(second)",
        hint: "each --encode is one encoder; it may be given again")
    case .mixedAlphabets(let first, let second):
      return Diagnostic(
        .usage, "\(first) and \(second) read different alphabets: one FASTA file holds one of them",
        hint: "--translate reads the proteins off coding sequences; else run seqfeat once for each")
    case .unknownGeneticCode(let id, let known):
      return Diagnostic(
        .usage, "there is no genetic code \(id); NCBI's are \(known.map(String.init).joined(separator: ", "))")
    case .wrongAlphabet(let encoder, let reads, let asked):
      return Diagnostic(.usage, "\(encoder) reads \(reads.plural), and --alphabet says \(asked.rawValue)")
    case .notAveraged(let encoder):
      return Diagnostic(
        .usage, "\(encoder) has a column for each place of one sequence: --aggregate makes no mean of them")
    default:
      return nil
    }
  }

  private var dataDiagnostic: Diagnostic {
    switch self {
    case .illegalByte(let byte, let position, let record, let place):
      return Diagnostic(
        .data, "\(Self.quoted(byte)) at position \(position) of '\(record)' is not a letter of a sequence", at: place)
    case .ambiguousLetter(let byte, let position, let record, let alphabet, let place):
      return Diagnostic(
        .data,
        "\(Self.quoted(byte)) at position \(position) of '\(record)' is not one of the letters of "
          + "\(alphabet.plural) (\(alphabet.letters))", at: place, hint: "--ambiguous skip, strip or map goes on")
    case .outsideAlphabet(let outside, let length, let record, let alphabet, let place):
      return Diagnostic(
        .data,
        "'\(record)' is no \(alphabet.singular): \(outside) of its \(length) letters are neither "
          + "\(alphabet.letters) nor an ambiguity code", at: place,
        hint:
          "the alphabet belongs to the encoder; --alphabet \(alphabet.rawValue) if they are \(alphabet.plural) "
          + "all the same"
      )
    case .proteinToTranslate(let outside, let length, let record, let place):
      return Diagnostic(
        .data,
        "'\(record)' looks like a protein: \(outside) of its \(length) letters name residues and no bases", at: place,
        hint: "--translate reads coding nucleotide sequences; without it proteins are encoded as they stand")
    case .nucleotidesAsProtein(let records, let place):
      let subject = records == 1 ? "the first record looks" : "the first \(records) records look"
      return Diagnostic(
        .data, "\(subject) like nucleotides (at least 95 % ACGTUN), and the encoder reads proteins", at: place,
        hint: "--translate reads coding sequences; --alphabet protein if they are proteins all the same")
    case .internalStop(let codon, let record, let place):
      return Diagnostic(
        .data, "'\(record)' has a stop at codon \(codon), before its end", at: place,
        hint: "is it another --genetic-code? --internal-stop keep or cut goes on")
    case .shortSequence(let record, let reason, let place):
      return Diagnostic(
        .data, "'\(record)' gives no features: \(reason)", at: place, hint: "--short null, zero or skip goes on")
    case .duplicateId(let record, let place):
      return Diagnostic(
        .data, "the id '\(record)' was there before", at: place, hint: "--duplicates warn, first or suffix goes on")
    case .missingGene(let id, let place):
      return Diagnostic(
        .data, "the gene of \(Diagnostic.quoted(id)) is 'NA', which in a table of members means missing", at: place,
        hint: "--gene-from id takes its other name")
    case .sharedSymbol(let symbol, let first, let second, let place):
      return Diagnostic(
        .data,
        "symbol \(Diagnostic.quoted(symbol)) is that of several genes: \(Diagnostic.quoted(first)), "
          + Diagnostic.quoted(second), at: place,
        hint: "--gene-from id, or --gene-from symbol-or-id: genes that share a symbol go by their ids")
    case .versionsApart(let name, let cut, let what, let place):
      return Diagnostic(
        .data,
        "the \(what) \(Diagnostic.quoted(name)) is cut to \(Diagnostic.quoted(cut)), and so is another one", at: place,
        hint: "--strip is for ids that stay different without what it cuts; of some genomes the number at the end is "
          + "the isoform's")
    case .ungrouped(let record, let reason, let place):
      return Diagnostic(
        .data, "\(Diagnostic.quoted(record)) belongs to no group: it \(reason)", at: place,
        hint: "--unmapped drop leaves such records out, keep takes the id for its group")
    case .groupTaken(let record, let map, let place):
      return Diagnostic(
        .data, "\(Diagnostic.quoted(record)) belongs to no group, and \(map) has a group of that name", at: place,
        hint: "--unmapped drop leaves such records out")
    case .emptyGroup(let record, let separator, let place):
      return Diagnostic(
        .data, "\(Diagnostic.quoted(record)) names no group: nothing stands before \(separator)", at: place)
    default:
      return Diagnostic(.software, "an error without a text")
    }
  }

  private static func quoted(_ byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    let digits = Array("0123456789ABCDEF".utf8)
    return "byte 0x" + String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
  }
}
