import Bytes
import Records

/// The options with which members are read.
public struct MemberOptions: Sendable {
  /// The columns of isoform and gene, by name, or by number in a file without a header; nil: those that are known.
  public var columns: [String]?
  /// The style of FASTA headers; nil: that of the first header.
  public var style: HeaderStyle?
  /// The name of the gene that is taken from FASTA or GTF; nil: the usual one of the style.
  public var gene: GeneNaming?
  /// The cut of ids.
  public var cut = IdentifierCut()
  /// The longest line, in bytes.
  public var maxLine = 1 << 30

  /// Known columns, uncut ids.
  public init() {}
}

extension Members {
  /// Reads members from a table, GTF or FASTA; the first line decides which.
  ///
  /// Throws `BagsError` for ids that become equal when they are cut, and what readers throw.
  public static func read(_ source: BlockSource, options: MemberOptions, tally: NoticeCounter) throws -> Members {
    let replayed = try ReplayedSource(source)
    var rows = MemberRows(cut: options.cut)
    let line = replayed.firstLine
    let isFasta = replayed.firstByte == UInt8(ascii: ">")
    if options.columns != nil, isFasta || GTF.isFirstLine(line) {
      throw BagsError(.notForMembers("isoform=", "a table"))
    }
    if isFasta {
      try rows.read(FastaReader(replayed), options, tally: tally)
    } else if options.style != nil {
      throw BagsError(.notForMembers("--id-from", "FASTA"))
    } else if GTF.isFirstLine(line) {
      try GTF.read(replayed, gene: options.gene ?? .id, maxLine: options.maxLine, into: &rows, tally: tally)
    } else if let gene = options.gene, gene != .symbol {
      throw BagsError(.notForMembers("--gene-from \(gene.rawValue)", "FASTA or GTF"))
    } else {
      let numbered = try numbers(options.columns, fields: line.count { $0 == "\t" } + 1)
      let table = try TableReader(
        replayed, columns: numbered.map { _ in (1...max(1, line.count { $0 == "\t" } + 1)).map { String($0) } },
        maxLine: options.maxLine)
      try rows.read(table, try columns(of: table, options), areSymbols: options.gene == .symbol, tally: tally)
    }
    return Members(rows)
  }

  /// Reads a table with the columns `isoform` and `gene`; others are ignored, a repeated row counts once.
  public init(reading table: TableReader, tally: NoticeCounter) throws {
    var rows = MemberRows(cut: IdentifierCut())
    try rows.read(table, (try table.require("isoform"), try table.require("gene")), tally: tally)
    self.init(rows)
  }

  /// The columns as numbers from 1; nil where one is not a number. Throws `BagsError` for a number out of range.
  private static func numbers(_ columns: [String]?, fields: Int) throws -> [Int]? {
    guard let columns, let numbers = Optional(columns.compactMap { Int($0) }), numbers.count == columns.count
    else { return nil }
    if let bad = numbers.first(where: { $0 < 1 || $0 > fields }) {
      throw BagsError(.missingColumn(String(bad), have: (1...fields).map { String($0) }))
    }
    return numbers
  }

  /// The known names of the columns of isoform and gene: ours, those of RSEM and many pipelines, those of tximport's
  /// manual.
  private static let known = [
    (isoform: "isoform", gene: "gene"), (isoform: "transcript_id", gene: "gene_id"),
    (isoform: "TXNAME", gene: "GENEID"),
  ]

  private static func columns(of table: TableReader, _ options: MemberOptions) throws -> (isoform: Int, gene: Int) {
    if let names = options.columns { return (try table.require(names[0]), try table.require(names[1])) }
    let names = known.first { table.column($0.isoform) != nil } ?? known[0]
    return (try table.require(names.isoform), try table.require(names.gene))
  }
}

/// Ids numbered in the order of their first use.
struct InternedIdentifiers {
  private(set) var ids: [String] = []
  private(set) var numbers: [String: Int32] = [:]

  mutating func number(_ id: String) -> Int32 {
    if let number = numbers[id] { return number }
    let number = Int32(ids.count)
    ids.append(id)
    numbers[id] = number
    return number
  }
}

/// Collects rows of isoform and gene.
struct MemberRows {
  private(set) var isoforms = InternedIdentifiers()
  private(set) var genes = InternedIdentifiers()
  private(set) var rows: [(gene: Int32, isoform: Int32)] = []
  /// The genes that are named by their symbol.
  private(set) var symbols: Set<Int32> = []
  /// The symbols of several genes, with the ids that these genes go by.
  private(set) var sharedSymbols: [String: [String]] = [:]
  /// The gene ids of each symbol, where headers or GTF name both.
  private var symbolsOfGenes = SymbolLedger()
  /// Rows by symbol or id, which wait until it is known which symbols are shared.
  private var waiting: [(names: HeaderNames, gene: String, place: SourceLocation)] = []
  private var seen: Set<UInt64> = []
  private let cut: IdentifierCut
  /// The ids before they were cut.
  private var wholeIsoforms: [String] = []
  private var wholeGenes: [String] = []

  init(cut: IdentifierCut) { self.cut = cut }

  /// Adds a row and returns whether it is new; throws `BagsError` for two ids that become equal when they are cut.
  mutating func add(
    isoform: String, gene: String, isSymbol: Bool = false, at place: @autoclosure () -> SourceLocation
  ) throws -> Bool {
    let first = isoforms.number(cut.apply(isoform))
    let second = genes.number((isSymbol ? cut.ofSymbols : cut).apply(gene))
    if isSymbol { symbols.insert(second) }
    if !cut.isNone {
      try check(isoform, Int(first), &wholeIsoforms, at: place())
      try check(gene, Int(second), &wholeGenes, at: place())
    }
    guard seen.insert(UInt64(second) << 32 | UInt64(first)).inserted else { return false }
    rows.append((second, first))
    return true
  }

  /// Adds the isoform and the gene of a header or a line of GTF, the gene by the name that was asked for; `tally`
  /// counts repeated rows.
  ///
  /// `hasGeneIds` says that `names.geneId` is the id of a gene, so that two of them with one symbol are two genes: by
  /// symbol this is an error, by symbol or id both go by their ids, once `finish` has been called. Throws `BagsError`
  /// for an unusable id, for a symbol of two genes, and as for a row.
  mutating func add(
    _ names: HeaderNames, gene: String, by naming: GeneNaming, hasGeneIds: Bool = true, tally: NoticeCounter? = nil,
    at place: @autoclosure () -> SourceLocation
  ) throws {
    for name in [names.isoform, gene] {
      var name = name
      if let why = name.withUTF8({ idFault($0) }) { throw BagsError(.unusableIdentifier(name, why), at: place()) }
    }
    let isSymbol = names.isSymbol(naming)
    if hasGeneIds {
      if isSymbol, let id = names.geneId, let other = symbolsOfGenes.note(gene, id: id), naming == .symbol {
        throw BagsError(.sharedSymbol(gene, [other, id]), at: place())
      }
      // All rows wait, so that they keep their order.
      if naming == .symbolOrId { return waiting.append((names, gene, place())) }
    }
    let isNew = try add(isoform: names.isoform, gene: gene, isSymbol: isSymbol, at: place())
    if !isNew { tally?.count(.repeatedMember) }
  }

  /// Adds the rows that waited: genes that share a symbol by their ids.
  mutating func finish(tally: NoticeCounter? = nil) throws {
    sharedSymbols = symbolsOfGenes.shared.mapValues { $0.map(cut.apply) }
    for (names, name, place) in waiting {
      let isSymbol = names.geneSymbol != nil && sharedSymbols[name] == nil
      let gene = isSymbol ? name : names.geneId ?? name
      let isNew = try add(isoform: names.isoform, gene: gene, isSymbol: isSymbol, at: place)
      if !isNew { tally?.count(.repeatedMember) }
    }
    waiting = []
  }

  /// Whether there is a row of this isoform.
  func has(_ isoform: String) -> Bool { isoforms.numbers[cut.apply(isoform)] != nil }

  private func check(_ id: String, _ number: Int, _ whole: inout [String], at place: SourceLocation) throws {
    if number == whole.count {
      whole.append(id)
    } else if whole[number] != id {
      throw BagsError(.collidingIdentifier(id, cut: cut.apply(id)), at: place)
    }
  }

  /// Adds the isoform and the gene of every header.
  mutating func read(_ sequences: FastaReader, _ options: MemberOptions, tally: NoticeCounter) throws {
    var style = options.style
    while try sequences.next() {
      let record = sequences.record
      if style == nil { style = HeaderStyle.naming(record) }
      guard let style else { throw BagsError(.headerWithoutGene(record.id), at: record.place) }
      let names = try style.names(of: record)
      let naming = options.gene ?? style.usualGene
      let gene = try style.gene(naming, in: names, of: record)
      try add(names, gene: gene, by: naming, hasGeneIds: style != .uniprot, tally: tally, at: record.place)
    }
    try finish(tally: tally)
  }

  mutating func read(
    _ table: TableReader, _ columns: (isoform: Int, gene: Int), areSymbols: Bool = false, tally: NoticeCounter
  ) throws {
    while let row = try table.next() {
      let isNew = try add(
        isoform: try row.id(columns.isoform), gene: try row.id(columns.gene), isSymbol: areSymbols, at: row.place)
      if !isNew { tally.count(.repeatedMember) }
    }
  }
}
