import Bytes

/// Faults of the members: which gene an isoform belongs to, and genes that are not among them.
public enum MembersFault: BagsFault {
  case gff3
  case notGTF
  case membersTwice
  case withoutSides(String)
  case noSymbol(String)
  case sharedSymbol(String, [String])
  case headerWithoutGene(String)
  case notForMembers(String, String)
  case unusableIdentifier(String, String)
  case unknownGene(String, members: Bool, side: Side? = nil, hint: String? = nil)

  /// The description of the fault, with the offending value.
  public var message: String {
    switch self {
    case .unknownGene(let id, let isMap, let side, _):
      if let side {
        "unknown id \(quoted(id)) on side \(side.rawValue): "
          + (isMap ? "the members of this side name no isoform of it" : "no table of features of this side has it")
      } else {
        "unknown gene \(quoted(id)): "
          + (isMap ? "the members name no isoform of it" : "no table of features has this id")
      }
    case .gff3: "GFF3, where a table or GTF is expected"
    case .noSymbol(let id): "gene \(quoted(id)) has no name"
    case .sharedSymbol(let symbol, let ids): "symbol \(quoted(symbol)) is that of several genes: \(list(ids))"
    case .headerWithoutGene(let id): "the header of \(quoted(id)) names no gene in a known way"
    case .notForMembers(let option, let form): "\(option) is for --members in \(form), and these are something else"
    case .membersTwice: "--members is one file of both sides, or one of side a and one of side b"
    case .withoutSides(let what): "\(what): the sides of these pairs differ in kind"
    case .notGTF: "fewer than nine fields, where GTF has nine"
    case .unusableIdentifier(let id, let why): "id \(quoted(id)) \(why)"
    }
  }

  /// The hint: an option or value that helps; nil where there is none.
  public var hint: String? {
    switch self {
    case .unknownGene(_, _, _, let hint?): hint
    case .unknownGene(_, let isMap, let side, nil):
      "--unknown-gene drop leaves such pairs out"
        + (isMap || side != nil ? "" : "; --members FILE says which isoforms a gene has")
    case .gff3: "gffread -T makes GTF of it"
    case .noSymbol: "--gene-from symbol-or-id takes its id"
    case .sharedSymbol: "--gene-from id, or --gene-from symbol-or-id: genes that share a symbol go by their ids"
    case .headerWithoutGene:
      "known are GENCODE's, Ensembl's, RefSeq's and UniProt's; a table of isoform and gene does for others"
    default: nil
    }
  }

  /// Usage for what is said by options, else data.
  public var code: ExitCode {
    switch self {
    case .notForMembers, .membersTwice, .withoutSides: .usage
    default: .data
    }
  }
}
