import Bytes

/// Faults of what chooses and weighs pairs: splits, folds, gene groups, negatives, class weights.
public enum SplitFault: BagsFault {
  case splitSyntax(String)
  case foldsTwice(String)
  case sidesAlike(String)
  case noGenes(String, hint: String? = nil)
  case noGroupMember
  case nothingGrouped
  case noClusterMember(String)
  case negativeSyntax(String)
  case severalPlaces(String)
  case resamplingSyntax(String, isWeight: Bool)
  /// A part of a split, by name, without a pair.
  case emptyPart(String)
  case noSequenceOfPartners

  /// The description of the fault, with the offending value.
  public var message: String {
    switch self {
    case .splitSyntax(let value): "\(quoted(value)) is not a split"
    case .negativeSyntax(let value): "\(quoted(value)) is not a number of negatives"
    case .resamplingSyntax(let value, _): "\(quoted(value)) is not a class and an amount"
    case .noGroupMember: "no name of the gene groups is a gene or an isoform"
    case .nothingGrouped: "no two genes are linked by the gene groups: they keep nothing together"
    case .severalPlaces(let places): "compartment \(quoted(places)) is a list"
    case .sidesAlike(let option): "\(option) holds out one side, and the sides do not differ in kind"
    case .foldsTwice(let column): "the pairs have a column \(quoted(column)), which --folds would write over"
    case .noGenes(let id, _): "bag \(quoted(id)) names no genes, so it can't be split"
    case .emptyPart(let part): "the \(part) part has no pair"
    case .noSequenceOfPartners: "no id of the pairs has a sequence"
    case .noClusterMember(let line): "\(quoted(line)) is not a member of a cluster"
    }
  }

  /// The hint: an option or value that helps; nil where there is none.
  public var hint: String? {
    switch self {
    case .splitSyntax: "--hold-out genes:0.2, a:0.2, b:0.2 or bags:0.2, the share between 0 and 1"
    case .sidesAlike: "genes: and gene are for pairs of one kind"
    case .negativeSyntax: "--negatives 5000, or --negatives 9x for nine per positive pair"
    case .resamplingSyntax(_, let isWeight):
      isWeight
        ? "--class-weight 1:9 gives class 1 the weight 9; balanced makes both weigh the same"
        : "--under-sample 0:0.1 keeps a tenth of class 0; 0:9x nine for each bag of class 1"
    case .noGroupMember: "a table of groups has the columns gene and group; --id-until and --strip version cut ids"
    case .nothingGrouped: "two columns without a header are representative and member, as MMseqs2 writes them"
    case .severalPlaces: "one compartment per row: a gene has a row for each of its compartments"
    case .foldsTwice(let column): "leave --folds out, or rename \(quoted(column))"
    case .emptyPart: "--test-pairs FILE, part=test or fold=0, or --hold-out genes:0.2 with --keep-part"
    case .noSequenceOfPartners: "--members says which sequences are of a gene; --id-until and --strip version cut ids"
    case .noGenes(_, let hint): hint ?? "the records need gene_a and gene_b, which pairgen writes"
    default: nil
    }
  }

  /// Usage for what is said by options, else data.
  public var code: ExitCode {
    switch self {
    case .splitSyntax, .foldsTwice, .sidesAlike, .negativeSyntax, .resamplingSyntax: .usage
    default: .data
    }
  }
}
