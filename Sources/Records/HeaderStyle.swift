import Bytes

/// The names in the header of a sequence.
public struct HeaderNames: Sendable, Equatable {
  /// The isoform; for proteins of Ensembl and GENCODE the transcript, so that both files of an isoform share it.
  public var isoform: String
  /// The gene's stable id, where the header has one.
  public var geneId: String?
  /// The gene's symbol, where the header has one.
  public var geneSymbol: String?

  /// Makes the names of one record.
  public init(isoform: String, geneId: String? = nil, geneSymbol: String? = nil) {
    self.isoform = isoform
    self.geneId = geneId
    self.geneSymbol = geneSymbol
  }

  /// Returns the name of the wanted kind, nil where the header has none.
  public func gene(_ naming: GeneNaming) -> String? {
    switch naming {
    case .id: geneId
    case .symbol: geneSymbol
    case .symbolOrId: geneSymbol ?? geneId
    }
  }

  /// Whether the name that is asked for is a symbol, which has no version: RP11-34P13.1 is the name of a gene.
  public func isSymbol(_ naming: GeneNaming) -> Bool { naming != .id && geneSymbol != nil }
}

/// The kind of gene name to take.
public enum GeneNaming: String, Sendable, CaseIterable {
  case id, symbol
  /// The id of a gene that has no symbol: many that are new or do not code.
  case symbolOrId = "symbol-or-id"
}

/// The ids of the genes that each symbol names: a symbol of two genes is no name.
public struct SymbolLedger: Sendable {
  private var ids: [String: [String]] = [:]

  /// No symbol.
  public init() {}

  /// Notes that a symbol names the gene of an id; returns the id of another gene that it named before, if this id is
  /// new.
  public mutating func note(_ symbol: String, id: String) -> String? {
    let known = ids[symbol] ?? []
    if known.contains(id) { return nil }
    ids[symbol] = known + [id]
    return known.first
  }

  /// The symbols of several genes, with the ids of these.
  public var shared: [String: [String]] { ids.filter { $0.value.count > 1 } }
}

/// The styles of FASTA headers, by the database that writes them: where they name isoform and gene.
public enum HeaderStyle: String, Sendable, CaseIterable {
  /// The first word is the id; the gene is not known.
  case firstWord = "first-word"
  /// `ENST…|ENSG…|…`, and `ENSP…|ENST…|ENSG…|…` of protein files.
  case gencodeTranscript = "gencode-transcript"
  /// `ENST… cdna chromosome:… gene:ENSG… gene_symbol:…`, also of Ensembl Genomes.
  case ensembl
  /// `NM_… … (SYMBOL), mRNA`, `NP_… …`, `lcl|…_cds_NP_…_1 [gene=…]`, `NM_… SYMBOL [GeneID=…]`, `gi|…|ref|NM_…|`.
  case refseq
  /// `sp|P1|NAME_HUMAN … GN=…`, `tr|…`.
  case uniprot

  /// The default kind of gene name.
  public var usualGene: GeneNaming { self == .refseq || self == .uniprot ? .symbol : .id }

  /// The style of a header that names a gene; nil where none does, first-word aside.
  public static func naming(_ record: FastaRecord) -> HeaderStyle? {
    [.gencodeTranscript, .uniprot, .refseq, .ensembl].first {
      guard let names = try? $0.names(of: record) else { return false }
      return names.gene(.symbolOrId) != nil
    }
  }

  /// Returns the names in a header; throws a `RecordError` for one that does not fit the style.
  public func names(of record: FastaRecord) throws -> HeaderNames {
    let found: HeaderNames?
    switch self {
    case .firstWord: found = HeaderNames(isoform: record.id)
    case .gencodeTranscript: found = GencodeHeader.names(record.id)
    case .ensembl: found = EnsemblHeader.names(record.id, record.description)
    case .refseq: found = RefseqHeader.names(record.id, record.description)
    case .uniprot: found = UniprotHeader.names(record.id, record.description)
    }
    if let found { return found }
    throw RecordError(
      .fasta, "the header \(Self.beginning(of: record)) is not one of \(rawValue)", at: record.place,
      hint: "\(expectation); --id-from says who wrote the headers")
  }

  /// The gene that a header names; throws a `RecordError` where it names none.
  public func gene(_ naming: GeneNaming, in names: HeaderNames, of record: FastaRecord) throws -> String {
    if let gene = names.gene(naming) { return gene }
    let other: GeneNaming = naming == .id ? .symbol : .symbolOrId
    throw RecordError(
      .fasta, "the header \(Self.beginning(of: record)) names no gene by \(naming.rawValue)", at: record.place,
      hint: names.gene(other) == nil ? nil : "--gene-from \(other.rawValue) takes what it has")
  }

  private static func beginning(of record: FastaRecord) -> String {
    Diagnostic.quoted(record.description.isEmpty ? record.id : record.id + " " + record.description)
  }

  private var expectation: String {
    switch self {
    case .firstWord: return "expected is a word"
    case .gencodeTranscript: return "expected is ENST…|ENSG…|…"
    case .ensembl: return "expected is ID cdna … gene:ID …"
    case .refseq: return "expected is NM_… or NP_…, or lcl|…_cds_NP_… [gene=…]"
    case .uniprot: return "expected is sp|ACCESSION|NAME …"
    }
  }
}

/// Parts of ids that are cut off before ids are compared.
public struct IdentifierParts: OptionSet, Sendable {
  /// The digits and the full stop at the beginning of STRING's ids: the `9606.` of `9606.ENSP00000269305`.
  public static let taxon = IdentifierParts(rawValue: 1)
  /// The version at the end: the `.2` of `ENST00000456328.2`.
  public static let version = IdentifierParts(rawValue: 2)

  /// The bits of the parts.
  public let rawValue: UInt8

  /// The parts with these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The words for the parts, in the order of their bits.
  public static let words = ["taxon", "version"]

  /// Reads words with commas between them; nil for another word.
  public init?(list: String) {
    self = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let bit = Self.words.firstIndex(of: String(word)) else { return nil }
      insert(IdentifierParts(rawValue: 1 << UInt8(bit)))
    }
  }

  /// Returns an id without these parts; a part without which nothing would be left stays.
  public func cut(from id: String) -> String {
    let rest = contains(.taxon) ? Self.withoutTaxon(id) : id
    return contains(.version) ? Self.withoutVersion(rest) : rest
  }

  private static func withoutTaxon(_ id: String) -> String {
    let digits = id.utf8.prefix(while: isDigit)
    let rest = id.utf8[digits.endIndex...]
    guard !digits.isEmpty, rest.first == UInt8(ascii: "."), rest.count > 1 else { return id }
    return String(Substring(rest.dropFirst()))
  }

  /// Returns an id without its version, and in ids of Ensembl the `.2_1` of GENCODE's
  /// lifted releases, where the second number counts the mappings. `_PAR_Y`, which GENCODE writes behind the version
  /// of the copies on Y, stays.
  private static func withoutVersion(_ id: String) -> String {
    let twin = "_PAR_Y"
    var rest = id[...]
    let isLifted = id.hasPrefix("ENS")
    if isLifted { rest = withoutNumber(rest, after: "_") ?? rest }
    let isTwin = rest.hasSuffix(twin)
    if isTwin {
      rest = rest.dropLast(twin.count)
      if isLifted { rest = withoutNumber(rest, after: "_") ?? rest }
    }
    guard let bare = withoutNumber(rest, after: ".") else { return id }
    return isTwin ? bare + twin : String(bare)
  }

  /// Returns what stands before the last `mark` if only digits follow it; nil otherwise, or if nothing would be left.
  private static func withoutNumber(_ text: Substring, after mark: Character) -> Substring? {
    guard let place = text.lastIndex(of: mark), place > text.startIndex else { return nil }
    let number = text[text.index(after: place)...].utf8
    return !number.isEmpty && number.allSatisfy(isDigit) ? text[..<place] : nil
  }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

private func isUpper(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }

/// Fields between bars: transcript, gene, two of Havana, transcript name, symbol, length, … (GENCODE's README).
private enum GencodeHeader {
  static func names(_ word: String) -> HeaderNames? {
    let fields = word.split(separator: "|", omittingEmptySubsequences: false)
    let first = isStable(fields[0], "P") ? 1 : 0
    guard fields.count > first + 6, isStable(fields[first], "T"), isStable(fields[first + 1], "G"),
      !fields[first + 6].isEmpty, fields[first + 6].utf8.allSatisfy(isDigit)
    else { return nil }
    let symbol = fields[first + 5]
    return HeaderNames(
      isoform: String(fields[first]), geneId: String(fields[first + 1]),
      geneSymbol: symbol.isEmpty || symbol == "-" ? nil : String(symbol))
  }

  /// `ENS`, a species' letters, the kind's letter, digits, and perhaps a version; up to release 24 an R stands before
  /// the digits of the copies on Y.
  private static func isStable(_ text: Substring, _ kind: Character) -> Bool {
    guard text.hasPrefix("ENS") else { return false }
    let letters = text.prefix { $0.isASCII && $0.isLetter }
    let isOfKind = letters.last == kind || letters.hasSuffix("\(kind)R")
    return isOfKind && text.dropFirst(letters.count).first?.isNumber == true
  }
}

/// Words `key:value` behind the id, up to the description (Ensembl's README of the FASTA folders).
private enum EnsemblHeader {
  static func names(_ word: String, _ rest: String) -> HeaderNames? {
    var names = HeaderNames(isoform: word)
    for word in rest.split(separator: " ") {
      if word.hasPrefix("description:") { break }
      for (key, path) in keys where word.hasPrefix(key) && word.utf8.count > key.utf8.count {
        names[keyPath: path] = String(word.dropFirst(key.count))
      }
      if word.hasPrefix(transcript), word.utf8.count > transcript.utf8.count {
        names.isoform = String(word.dropFirst(transcript.count))
      }
    }
    return names.geneId == nil ? nil : names
  }

  private static let transcript = "transcript:"
  private static let keys: [(String, WritableKeyPath<HeaderNames, String?> & Sendable)] = [
    ("gene:", \.geneId), ("gene_symbol:", \.geneSymbol),
  ]
}

/// `sp|ACCESSION|ENTRY name OS=… OX=… GN=… PE=… SV=…` (UniProt's help page on FASTA headers).
private enum UniprotHeader {
  static func names(_ word: String, _ rest: String) -> HeaderNames? {
    let fields = word.split(separator: "|", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0] == "sp" || fields[0] == "tr", isAccession(fields[1]), !fields[2].isEmpty
    else { return nil }
    // P31946-2 is an isoform of the entry P31946.
    let entry = fields[1].prefix { $0 != "-" }
    return HeaderNames(isoform: String(fields[1]), geneId: String(entry), geneSymbol: geneName(rest))
  }

  private static func isAccession(_ text: Substring) -> Bool {
    text.utf8.count >= 6 && text.utf8.allSatisfy { isUpper($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
  }

  /// The value of GN=, up to the next two-letter key.
  private static func geneName(_ rest: String) -> String? {
    var name: [Substring] = []
    var isInside = false
    for word in rest.split(separator: " ") {
      let isKey = word.utf8.count > 2 && word.dropFirst(2).first == "=" && word.utf8.prefix(2).allSatisfy(isUpper)
      if isKey && isInside { break }
      if word.hasPrefix("GN=") {
        isInside = true
        name.append(word.dropFirst(3))
      } else if isInside {
        name.append(word)
      }
    }
    let joined = name.joined(separator: " ")
    return joined.isEmpty ? nil : joined
  }
}

/// RefSeq's several forms (NCBI's README of the genomes folders, NCBI Datasets).
private enum RefseqHeader {
  static func names(_ word: String, _ rest: String) -> HeaderNames? {
    let values = bracketed(rest)
    if word.hasPrefix("lcl|") {
      let local = String(word.dropFirst(4))
      let isoform =
        local.contains("_cds_") || local.contains("_prot_") ? values["protein_id"] : values["transcript_id"]
      // A pseudogene's piece has no accession: its place in the file names it.
      return HeaderNames(
        isoform: isoform ?? local, geneId: geneNumber(values) ?? values["locus_tag"], geneSymbol: values["gene"])
    }
    var accession = word[...]
    if word.hasPrefix("gi|") {
      let fields = word.split(separator: "|", omittingEmptySubsequences: false)
      guard fields.count >= 4, fields[2] == "ref" else { return nil }
      accession = fields[3]
    }
    let bare = accession.prefix { $0 != ":" }
    guard isAccession(bare) else { return nil }
    let kind = bare.dropFirst().first
    // NM_000014.6:71-4495 is one transcript; a piece of a chromosome has its place for a name.
    if kind == "M" || kind == "R" || kind == "P" { accession = bare }
    var symbol = values["gene"]
    if values["GeneID"] != nil {
      symbol = symbol ?? rest.split(separator: " ").first.map(String.init)
    } else if kind == "M" || kind == "R" {
      symbol = symbol ?? parenthesised(rest)
    }
    return HeaderNames(isoform: String(accession), geneId: geneNumber(values), geneSymbol: symbol)
  }

  /// Two capital letters, an underscore, digits with or without letters before them, perhaps a version.
  private static func isAccession(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count > 3, isUpper(bytes[0]), isUpper(bytes[1]), bytes[2] == UInt8(ascii: "_") else { return false }
    let body = bytes[3...].drop(while: isUpper)
    return !body.isEmpty && body.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
  }

  /// The values of `[key=value]`.
  private static func bracketed(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for part in text.split(separator: "[").dropFirst(text.hasPrefix("[") ? 0 : 1) {
      guard let end = part.lastIndex(of: "]"), let equals = part.firstIndex(of: "="), equals < end else { continue }
      values[String(part[..<equals])] = String(part[part.index(after: equals)..<end])
    }
    return values
  }

  private static func geneNumber(_ values: [String: String]) -> String? {
    if let number = values["GeneID"] { return number }
    let references = values["db_xref"]?.split(separator: ",") ?? []
    return references.first { $0.hasPrefix("GeneID:") }.map { String($0.dropFirst(7)) }
  }

  /// The symbol of `… member 4 (SLC25A4), mRNA` and `… zeste (E(z)), mRNA`: the last word in parentheses, which may
  /// have some of its own, with a comma behind it.
  private static func parenthesised(_ text: String) -> String? {
    var symbol: Substring?
    var opened: [String.Index] = []
    for place in text.indices {
      if text[place] == "(" { opened.append(text.index(after: place)) }
      guard text[place] == ")", let start = opened.popLast(), text[place...].hasPrefix("),") else { continue }
      let word = text[start..<place]
      if !word.isEmpty && !word.contains(" ") { symbol = word }
    }
    return symbol.map(String.init)
  }
}
