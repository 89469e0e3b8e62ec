import Bytes

/// What goes wrong while pairs, members and feature tables become bags.
public struct BagsError: Diagnosable, Equatable {
  /// What kind of fault it is, with the offending value.
  public enum Kind: Sendable, Equatable {
    case blockSyntax(String, reason: String)
    case repeatedBlock(String)
    case noBlocks
    case stdinTwice
    case missingColumn(String, have: [String])
    case pairColumns([String])
    case emptyIdentifier(column: String)
    case notANumber(String, column: String)
    case fasta(String)
    case wrongKind(String)
    case repeatedIdentifier(String)
    case repeatedColumn(String)
    case raggedRow(fields: Int, columns: Int)
    case notText
    case partlyMissing(id: String, column: String)
    case emptyTable
    case emptyFile
    case strangeTable(String, isoform: String, hint: String?)
    case emptyBlock(String)
    case oneSidedBlock(String, side: String, isoform: String, hint: String?)
    case disjointBlocks(String, String, String, String, hint: String?)
    case nothingLeft([String], hint: String?)
    case noGroups
    case groupName(String)
    case tooFewColumns(have: Int, need: Int)
    case sampleInTwoGroups(String)
    case unknownGene(String, members: Bool, hint: String? = nil)
    case missingIsoform(String, block: String)
    case undefinedCorrelation(String, column: String)
    case contraryPair(String)
    case contraryInstance(String)
    case largeBag(String, instances: Int, limit: Int)
    case splitSyntax(String)
    case negativeSyntax(String)
    case shardSyntax(String)
    case resamplingSyntax(String, isWeight: Bool)
    case colonAtEdge(String)
    case noGroupMember
    case nothingGrouped
    case filterSyntax(String)
    case referenceSyntax(String)
    case tooFewMITABColumns(Int)
    case unmapped(String)
    case severalTargets(String, [String])
    case collidingIdentifier(String, cut: String)
    case unknownQuantifier(have: [String])
    case gff3
    case noSymbol(String)
    case sharedSymbol(String, [String])
    case headerWithoutGene(String)
    case notForMembers(String, String)
    case notForPairs(String, PairFormat, PairFormat)
    case notGTF
    case severalPlaces(String)
    case foldsTwice(String)
    case unusableIdentifier(String, String)
    case noSchema
    case noLabel(String)
    case badWeight(Double)
    case notBinary(Double)
    case noGenes(String, hint: String? = nil)
    case noClusterMember(String)
    case otherWidth(Int, expected: Int)
    case missingValue(feature: String, id: String)
    case tooLarge(Double, feature: String, id: String)
    case noMemory(bytes: Int)
  }

  /// The kind of fault, with the offending value.
  public let kind: Kind
  /// Where it was met.
  public let place: Place?

  /// Makes an error.
  public init(_ kind: Kind, at place: Place? = nil) {
    self.kind = kind
    self.place = place
  }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic { Diagnostic(code, message, at: place, hint: hint) }

  /// The same text for a case that is counted and passed over.
  var warning: Diagnostic { Diagnostic(code, message, at: place) }

  private var code: ExitCode {
    switch kind {
    case .notForMembers, .notForPairs, .foldsTwice, .blockSyntax, .repeatedBlock, .noBlocks, .stdinTwice, .splitSyntax,
      .negativeSyntax, .resamplingSyntax, .filterSyntax, .referenceSyntax, .shardSyntax:
      .usage
    case .noMemory: .io
    default: .data
    }
  }
}

extension BagsError {
  private var message: String {
    switch kind {
    case .blockSyntax(let value, let reason): "block \(quoted(value)): \(reason)"
    case .repeatedBlock(let name): "two blocks are named \(quoted(name))"
    case .noBlocks: "no block of features is named"
    case .stdinTwice: "two inputs are '-'"
    case .missingColumn(let name, let have): "no column \(quoted(name)): the columns are \(list(have))"
    case .pairColumns(let have):
      "no column \(have.contains("gene_a") ? "'gene_b'" : "'gene_a'"): the columns are \(list(have))"
    case .emptyIdentifier(let column): "no id in column \(quoted(column))"
    case .notANumber(let value, let column): "\(quoted(value)) in column \(quoted(column)) is not a number"
    case .fasta(let name): "\(quoted(name)) is FASTA, not a table of features"
    case .wrongKind(let name): "\(quoted(name)) holds bags, not features keyed by id"
    case .repeatedIdentifier(let id): "id \(quoted(id)) stands twice in this table"
    case .repeatedColumn(let name): "two columns are named \(quoted(name))"
    case .raggedRow(let fields, let columns): "\(fields) fields where the header names \(columns)"
    case .notText: "bytes that are not UTF-8"
    case .partlyMissing(let id, let column): "\(quoted(id)) has no value in column \(quoted(column))"
    case .emptyFile: "the table is empty"
    case .emptyTable: "the table has no column of features"
    case .strangeTable(let id, let isoform, _):
      "no id of the table (the first is \(quoted(id))) is an isoform of the members (the first is \(quoted(isoform)))"
    case .emptyBlock(let name): "block \(quoted(name)) has no features: no row of its table has values"
    case .oneSidedBlock(let name, let side, let isoform, _):
      "block \(quoted(name)) knows no id of side \(side) (the first is \(quoted(isoform)))"
    case .disjointBlocks(let name, let id, let other, let otherId, _):
      "blocks \(quoted(name)) and \(quoted(other)) have no id in common (the first are \(quoted(id)) and "
        + "\(quoted(otherId)))"
    case .nothingLeft(let reasons, _):
      "no bag is left" + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", "))
    case .noGroups: "no group has enough samples in this table"
    case .groupName(let name): "a group named \(quoted(name)) would read as a partner's side"
    case .tooFewColumns(let have, let need): "a correlation over \(have) columns where \(need) are asked for"
    case .sampleInTwoGroups(let name): "sample \(quoted(name)) stands in two groups"
    case .unknownGene(let id, let isMap, _):
      "unknown gene \(quoted(id)): "
        + (isMap ? "the members name no isoform of it" : "no table of features has this id")
    case .missingIsoform(let id, let block): "isoform \(quoted(id)) has no features in block \(quoted(block))"
    case .undefinedCorrelation(let id, let column): "\(quoted(column)) of \(quoted(id)) is undefined"
    case .contraryPair(let id): "pair \(quoted(id)) stands twice with different labels"
    case .contraryInstance(let id): "tested pair \(quoted(id)) stands twice with different labels"
    case .largeBag(let id, let instances, let limit): "bag \(quoted(id)) has \(instances) instances, more than \(limit)"
    case .splitSyntax(let value): "\(quoted(value)) is not a split"
    case .negativeSyntax(let value): "\(quoted(value)) is no number of negatives"
    case .shardSyntax(let value): "\(quoted(value)) is not a share"
    case .resamplingSyntax(let value, _): "\(quoted(value)) is no class and amount"
    case .colonAtEdge(let id): "id \(quoted(id)) begins or ends with ':', which joins the ids of a pair"
    case .noGroupMember: "no name of the gene groups is a gene or an isoform"
    case .nothingGrouped: "no two genes are linked by the gene groups: they keep nothing together"
    case .filterSyntax(let value): "\(quoted(value)) is no condition"
    case .referenceSyntax(let value): "\(quoted(value)) is no database of PSI-MITAB"
    case .tooFewMITABColumns(let count): "\(count) columns where PSI-MITAB has \(MITAB.leastColumns) or more"
    case .unmapped(let id): "the map has no id \(quoted(id))"
    case .severalTargets(let id, let targets): "the map has several ids for \(quoted(id)): \(list(targets))"
    case .collidingIdentifier(let id, let cut): "id \(quoted(id)) is cut to \(quoted(cut)), and so is another one"
    case .unknownQuantifier(let have): "no table of a known quantifier: the columns are \(list(have))"
    case .gff3: "GFF3, where a table or GTF is expected"
    case .noSymbol(let id): "gene \(quoted(id)) has no name"
    case .sharedSymbol(let symbol, let ids): "symbol \(quoted(symbol)) is that of several genes: \(list(ids))"
    case .headerWithoutGene(let id): "the header of \(quoted(id)) names no gene in a way that is known"
    case .notForMembers(let option, let form): "\(option) is for --members in \(form), and these are something else"
    case .notForPairs(let option, let form, let other):
      "\(option) is for pairs that are \(form.words), and these are \(other.words)"
    case .severalPlaces(let places): "compartment \(quoted(places)) is a list of places"
    case .foldsTwice(let column): "the pairs have a column \(quoted(column)), which --folds would write over"
    case .notGTF: "fewer than nine fields, where GTF has nine"
    case .unusableIdentifier(let id, let why): "id \(quoted(id)) \(why)"
    case .noSchema: "the stream names no features"
    case .notBinary(let label): "label \(NumberText.text(label)) is not allowed: these losses take 0 and 1"
    case .badWeight(let weight): "weight \(NumberText.text(weight)) is not allowed: a weight is 0 or more"
    case .noLabel(let id): "bag \(quoted(id)) has no label"
    case .noGenes(let id, _): "bag \(quoted(id)) names no genes, so it can't be split"
    case .noClusterMember(let line): "\(quoted(line)) names no member of a cluster"
    case .otherWidth(let width, let expected): "\(width) features where \(expected) are expected"
    case .missingValue(let feature, let id): "\(quoted(id)) has no value in \(quoted(feature))"
    case .tooLarge(let value, let feature, let id):
      "\(NumberText.text(value)) in \(quoted(feature)) of \(quoted(id)) is too large for a 32-bit number"
    case .noMemory(let bytes): "no memory for \(bytes) bytes"
    }
  }

  private var hint: String? {
    switch kind {
    case .blockSyntax:
      "--block NAME=KIND:FILE[,groups=FILE][,column=NAME], KIND one of "
        + BlockSpec.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    case .repeatedBlock: "give each --block a name of its own"
    case .noBlocks: "--block ct=concat:FEATURES.tsv"
    case .stdinTwice: "only one input can be stdin: give the others as files or <(command)"
    case .missingColumn(let name, _): "the first line must name the columns, \(name) among them"
    case .pairColumns(let have): Self.pairColumnsHint(have)
    case .notANumber(let value, _) where value.count > 9 && value.allSatisfy({ $0.isLetter || $0 == "*" }):
      "sequences are encoded first: <(seqfeat --encode ct64 FASTA)"
    case .notANumber: "missing values are written NA"
    case .fasta(let name): "encode it first: <(seqfeat --encode ct64 \(name.hasPrefix("/dev/") ? "FILE" : name))"
    case .repeatedIdentifier: "keep one row of each id"
    case .raggedRow(let fields, let columns):
      fields == columns + 1
        ? "a header as R writes it lacks the name of the first column: put one before it, or write the table with "
          + "sep = \"\\t\", quote = FALSE, col.names = NA"
        : nil
    case .emptyFile: "the first line of a table names its columns, the first of them the id"
    case .emptyTable: "columns are separated by tabs"
    case .strangeTable(let id, _, let hint):
      id.hasPrefix("\"") && id.hasSuffix("\"")
        ? "quotes are part of an id: in R, write the table with quote = FALSE"
        : hint ?? "--strip-version, --id-until and --strip-taxon cut ids"
    case .emptyBlock: "a table has an id and its features in every row; FASTA is encoded by seqfeat"
    case .oneSidedBlock(_, _, _, let hint), .disjointBlocks(_, _, _, _, let hint):
      hint ?? "each block describes both partners of a pair, so its table needs the ids of both sides"
    case .nothingLeft(_, let hint): hint
    case .partlyMissing: "--missing skip|zero|mean says what to do with it"
    case .missingValue: "--missing skip or zero: the model has no means to fill in, for it keeps no scale"
    case .noGroups: "samples are matched with the names of columns; --min-samples sets how many a group needs"
    case .groupName: "rename the group"
    case .tooFewColumns(let have, _): "--min-samples \(max(2, have))"
    case .unknownGene(_, _, let hint?): hint
    case .unknownGene(_, let isMap, nil):
      "--unknown-gene drop leaves such pairs out" + (isMap ? "" : "; --members FILE says which isoforms a gene has")
    case .missingIsoform: "--missing-isoform drop|zero"
    case .undefinedCorrelation: "--undefined zero|drop"
    case .contraryPair, .contraryInstance: "--conflicts keep|drop"
    case .largeBag(_, let instances, _): "--max-instances \(instances)"
    case .splitSyntax: "--hold-out genes:0.2 or --hold-out bags:0.2, the share between 0 and 1"
    case .negativeSyntax: "--negatives 5000, or --negatives 9x for nine a positive pair"
    case .shardSyntax: "--shard 3/16 is the third of sixteen shares"
    case .resamplingSyntax(_, let isWeight):
      isWeight
        ? "--class-weight 1:9 gives class 1 the weight 9; 1:1x makes both classes weigh the same"
        : "--under-sample 0:0.1 keeps a tenth of class 0; 0:9x nine for each bag of class 1"
    case .noGroupMember: "a table of groups has the columns gene and group; --id-until and --strip-version cut ids"
    case .nothingGrouped: "two columns without a header are representative and member, as MMseqs2 writes them"
    case .filterSyntax: "--where 'COLUMN=VALUE', or != < <= > >= before a number"
    case .referenceSyntax: "--mitab-id uniprotkb, or --mitab-id 'uniprotkb(gene name)'"
    case .unmapped: "--unmapped drop|keep"
    case .severalTargets: "--several drop|all"
    case .collidingIdentifier:
      "--id-until, --strip-taxon and --strip-version are for ids that stay different without what they cut; "
        + "--gene-from symbol says that genes go by symbols, which have no version"
    case .unknownQuantifier: "--block NAME=KIND:@SHEET,column=NAME says which column is taken"
    case .gff3: "gffread -T makes GTF of it"
    case .noSymbol: "--gene-from symbol-or-id takes its id"
    case .sharedSymbol: "--gene-from id, or --gene-from symbol-or-id: genes that share a symbol go by their ids"
    case .headerWithoutGene:
      "known are GENCODE's, Ensembl's, RefSeq's and UniProt's; a table of isoform and gene does for others"
    case .notForPairs("--pair-columns", _, _): "--mitab-id says which of the ids of PSI-MITAB are taken"
    case .notForPairs(_, .table, _): "--pairs-format table, if the columns are those of a table"
    case .severalPlaces: "one place a row: the gene stands in as many rows as it has places"
    case .foldsTwice(let column): "leave --folds out, or rename \(quoted(column))"
    case .noSchema: "--trust-order takes it as it stands"
    case .noLabel:
      "the pairs need a column label, without NA; --negatives 1x draws negatives where all known pairs are positive"
    case .noGenes(_, let hint): hint ?? "the records need gene_a and gene_b, which pairgen writes"
    case .tooLarge: "normalize first"
    default: nil
    }
  }

  /// What to type where pairs do not have the usual columns: names, if the first row looks like data.
  private static func pairColumnsHint(_ columns: [String]) -> String {
    if columns.count < 2 {
      return columns.first?.contains(",") ?? false
        ? "columns are separated by tabs, not commas" : "a table of pairs has the columns gene_a and gene_b"
    }
    let names = columns.map { $0.lowercased() }
    if columns.dropFirst(2).contains(where: { Self.isNumber($0) || $0 == "NA" }) {
      return columns.count == 3
        ? "a table without a header: --columns gene_a,gene_b,label"
        : "a table without a header: --pair-columns 1,2, or 1,2,3 with the label"
    }
    let words = ["label", "interact", "class", "target", "positive"]
    let label = names.indices.dropFirst(2).first { place in words.contains { names[place].contains($0) } }
    if columns.count > 2, label == nil { return "--pair-columns A,B or A,B,LABEL says which columns these are" }
    let chosen = [columns[0], columns[1]] + (label.map { [columns[$0]] } ?? [])
    let named = "--pair-columns " + chosen.map(Self.shellWord).joined(separator: ",")
    return columns.count == 2 ? "\(named), or --columns gene_a,gene_b where there is no header" : named
  }

  /// A word as a shell takes it, in quotes where it needs them.
  private static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_")
    }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  private static func isNumber(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBufferPointer { NumberText.double($0) } != nil
  }

  private func quoted(_ text: String) -> String { Diagnostic.quoted(text) }

  private func list(_ names: [String]) -> String {
    let shown = names.prefix(6).map { quoted($0) }.joined(separator: ", ")
    return names.isEmpty ? "none" : names.count > 6 ? shown + " and \(names.count - 6) more" : shown
  }
}
