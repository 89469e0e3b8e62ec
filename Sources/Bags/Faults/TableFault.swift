import Bytes

/// Faults of tables: blocks of features, sample groups, and any table with ids.
public enum TableFault: BagsFault {
  case blockSyntax(String, reason: String)
  case fileSyntax(String, String, reason: String)
  case repeatedBlock(String)
  case noBlocks
  case missingColumn(String, have: [String])
  case emptyIdentifier(column: String)
  case notANumber(String, column: String)
  case fasta(String)
  case graphs(String)
  case wrongKind(String)
  case repeatedIdentifier(String)
  case repeatedHeader(String)
  case collidingIdentifier(String, cut: String)
  case repeatedColumn(String)
  case raggedRow(fields: Int, columns: Int)
  case notText
  case partlyMissing(id: String, column: String)
  case emptyFile
  case emptyTable
  case strangeTable(String, isoform: String, hint: String?)
  case emptyBlock(String)
  case oneSidedBlock(String, side: String, isoform: String, hint: String?)
  case disjointBlocks(String, String, String, String, hint: String?)
  case noGroups
  case groupName(String)
  case noBlockOfSide(Side)
  case tooFewColumns(have: Int, need: Int)
  case sampleInTwoGroups(String)
  case unknownQuantifier(have: [String])
  case noSchema
  case emptySequence(String)
  case tooManyEntities(Int)
  case entitiesCombined(String, kind: String)
  case entitiesTwice(Side)
  case rowsForEntities(String)
  case otherForm(block: String, holds: String, side: Side, takes: String?, hint: String?)
  case zeroEntities(String)
  case vectors(String, hint: String?)
  case needlessIds
  case notFASTA(String)
  case notNodePairs(String)
  case tooManyNodePairs(Int, most: Int)
  case unknownNode(String, graph: String)
  case unknownLetter(String, id: String, position: Int)
  case badEdges
  case unknownEdges(block: String, method: String)

  /// The description of the fault, with the offending value.
  public var message: String {
    switch self {
    case .blockSyntax(let value, let reason): "block \(quoted(value)): \(reason)"
    case .fileSyntax(let option, let value, let reason): "\(option) \(quoted(value)): \(reason)"
    case .repeatedBlock(let name): "two blocks are named \(quoted(name))"
    case .noBlocks: "no block of features is named"
    case .missingColumn(let name, let have): "no column \(quoted(name)): the columns are \(list(have))"
    case .emptyIdentifier(let column): "no id in column \(quoted(column))"
    case .notANumber(let value, let column): "\(quoted(value)) in column \(quoted(column)) is not a number"
    case .fasta(let name): "\(quoted(name)) is FASTA, not a table of features"
    case .graphs(let name): "\(quoted(name)) holds graphs, not a table of features"
    case .wrongKind(let name): "\(quoted(name)) holds bags, not features keyed by id"
    case .repeatedIdentifier(let id), .repeatedHeader(let id): "id \(quoted(id)) occurs twice in this table"
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
    case .noGroups: "no group has enough samples in this table"
    case .groupName(let name): "a group named \(quoted(name)) looks like a side of the pair"
    case .noBlockOfSide(let side): "no block describes side \(side.rawValue), so its ids are unknown"
    case .tooFewColumns(let have, let need): "a correlation over \(have) columns where \(need) are asked for"
    case .sampleInTwoGroups(let name): "sample \(quoted(name)) is in two groups"
    case .collidingIdentifier(let id, let cut): "id \(quoted(id)) is cut to \(quoted(cut)), and so is another one"
    case .unknownQuantifier(let have): "no table of a known quantifier: the columns are \(list(have))"
    case .noSchema: "the stream names no features"
    case .emptySequence(let id): "\(quoted(id)) has no sequence"
    case .tooManyEntities(let most): "more than \(most) graphs or sequences"
    case .entitiesCombined(let name, let kind):
      "block \(quoted(name)) holds graphs or sequences, which kind \(kind) can't combine"
    case .rowsForEntities(let name):
      "block \(quoted(name)) holds rows of features; the model takes graphs or sequences of both sides, and no rows"
    case .otherForm(let name, let holds, let side, let takes, _):
      "block \(quoted(name)) holds \(holds); the model takes \(takes ?? "nothing") of side \(side.rawValue)"
    case .vectors(let reason, _): reason
    case .notFASTA(let name): "\(quoted(name)) is not FASTA, which encode= needs"
    case .needlessIds: "ids=FILE names the rows of a matrix, and this table has ids"
    case .zeroEntities(let name):
      "--missing-isoform zero does not apply to block \(quoted(name)): no graph or sequence is zero"
    case .notNodePairs(let name):
      "block \(quoted(name)): the model reads graphs of one kind on both sides, and no other block"
    case .tooManyNodePairs(let count, let most): "\(count) node pairs of two graphs, \(most) are the most"
    case .unknownNode(let name, let graph): "graph \(quoted(graph)) has no node \(quoted(name))"
    case .unknownLetter(let letter, let id, let position):
      "letter \(quoted(letter)) at position \(position) of \(quoted(id)) is none of the model's symbols"
    case .entitiesTwice(let side): "two blocks of graphs or sequences describe side \(side.rawValue)"
    case .badEdges: "the edges of the schema line are not a count with hashes or a filter"
    case .unknownEdges(let block, let method):
      "block \(quoted(block)) holds vectors of \(method), and does not say which edges they have seen: a pair that was "
        + "an edge scores better than it would"
    }
  }

  /// The hint: an option or value that helps; nil where there is none.
  public var hint: String? {
    switch self {
    case .blockSyntax:
      "--block NAME=KIND:FILE[,groups=FILE][,column=NAME][,ids=FILE][,encode=ENCODER], or "
        + "NAME=link:PAIRS[,measures=NAME+NAME][,expression=FILE], KIND one of "
        + BlockSpec.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    case .repeatedBlock: "give each --block another name"
    case .unknownEdges: "netfeat -O ndjson says it, and pairs that were edges are then counted"
    case .noBlocks: "--block ct=concat:FEATURES.tsv"
    case .missingColumn(let name, _): "the first line must name the columns, \(name) among them"
    case .notANumber(let value, _) where value.count > 9 && value.allSatisfy({ $0.isLetter || $0 == "*" }):
      "sequences are encoded first: <(seqfeat --encode ct64 FASTA)"
    case .notANumber: "missing values are written NA"
    case .fasta: "encode it: --block NAME=KIND:FILE,encode=ct343, or <(seqfeat --encode ct343 FILE)"
    case .graphs:
      "graphs are for mil-train with an architecture that takes them, such as graphdta-gin, and for its models"
    case .entitiesCombined: "concat, a or b"
    case .otherForm(_, _, _, _, let hint): hint
    case .rowsForEntities: "molfeat --graph graphdta makes graphs of SMILES; sequences are FASTA as it is"
    case .unknownLetter(let letter, _, _) where "()[]=#@/+123456789".contains(letter):
      "this looks like SMILES, not a protein: are the files of side a and side b exchanged?"
    case .vectors(_, let hint): hint
    case .notNodePairs: "--block NAME=concat:GRAPHS with the graphs of resfeat"
    case .repeatedIdentifier: "keep one row of each id"
    case .repeatedHeader:
      "an id in FASTA ends at the first blank; for ids with blanks, a table with the columns id and sequence"
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
        : hint ?? "--strip version, --id-until and --strip taxon cut ids"
    case .emptyBlock: "a table has an id and its features in every row; FASTA is encoded by seqfeat"
    case .oneSidedBlock(_, _, _, let hint), .disjointBlocks(_, _, _, _, let hint):
      hint
        ?? "a block describes both partners of a pair, so its table needs the ids of both sides; where these differ in "
        + "kind, a block of kind a or b describes one of them"
    case .partlyMissing: "--missing skip|zero|mean says what to do with it"
    case .noGroups:
      "samples are matched with the names of columns; min-samples=N of the block says how many a group needs"
    case .groupName: "rename the group"
    case .noBlockOfSide(let side):
      "--block NAME=\(side.rawValue):FILE, or --members \(side.rawValue):FILE, whose table lists them"
    case .tooFewColumns(let have, _): "min-samples=\(max(2, have)) at the end of the --block"
    case .collidingIdentifier:
      "--id-until and --strip are for ids that stay different without what they cut; "
        + "--gene-from symbol says that genes go by symbols, which have no version"
    case .unknownQuantifier: "--block NAME=KIND:@SHEET,column=NAME says which column is taken"
    case .noSchema: "--trust-order takes it as it stands"
    default: nil
    }
  }

  /// Usage for what is said by options, else data.
  public var code: ExitCode {
    switch self {
    case .blockSyntax, .fileSyntax, .repeatedBlock, .noBlocks, .noBlockOfSide, .entitiesCombined, .entitiesTwice,
      .zeroEntities:
      .usage
    default: .data
    }
  }
}
