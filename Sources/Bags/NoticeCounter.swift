import Bytes

/// Counts cases that are left out, repaired or unusual: names the first five of each kind, and reports the totals at
/// the end.
public final class NoticeCounter {
  /// The kind of a case.
  public enum Kind: Int, CaseIterable, Sendable {
    case unknownGene, missingIsoform, emptyBag, undefinedCorrelation, repeatedPair, contraryPair, contraryInstance
    case repeatedMember, unknownTested, sampleWithoutColumn, columnWithoutGroup, smallGroup, filledValue, skippedRow
    case badRow, missingNegatives, unknownChoice, selfPair, sampledOut, weighted, unknownGroupMember, filteredPair
    case missingPartner, unmappedPair, ambiguousPair, multipliedPair, keptIdentifier, absentFromSample
    case genelessTranscript, unlabelledPair, reservedColumn, keptGap, undefinedInstance, copiedGene, mergedLabel
    case cutSequence, undefinedMeasure

    /// The text that follows the number of cases.
    public func text(_ count: Int) -> String {
      func some(_ one: String, _ many: String) -> String { count == 1 ? one : many }
      switch self {
      case .unknownGene: return some("pair", "pairs") + " with an unknown gene left out"
      case .missingIsoform: return some("instance", "instances") + " of isoforms without features left out or filled"
      case .emptyBag: return some("bag", "bags") + " without instances left out"
      case .undefinedCorrelation: return some("correlation", "correlations") + " undefined"
      case .undefinedMeasure:
        return some("measure", "measures") + " of a network undefined, for pairs of a node with itself"
      case .repeatedPair: return some("repeated pair", "repeated pairs") + " left out"
      case .contraryPair: return some("repeated pair", "repeated pairs") + " with contrary labels"
      case .contraryInstance: return some("tested pair", "tested pairs") + " with contrary labels"
      case .repeatedMember: return some("repeated row", "repeated rows") + " of the members left out"
      case .unknownTested: return some("tested pair", "tested pairs") + " of unknown isoforms left out"
      case .sampleWithoutColumn: return some("sample", "samples") + " of the groups without a column"
      case .columnWithoutGroup: return some("column", "columns") + " without a group left out"
      case .smallGroup: return some("group", "groups") + " with too few samples left out"
      case .filledValue: return some("missing value", "missing values") + " filled"
      case .skippedRow: return some("row", "rows") + " with missing values left out"
      case .badRow: return some("row", "rows") + " that can't be read left out"
      case .unknownChoice: return some("chosen gene", "chosen genes") + " unknown, left out"
      case .missingNegatives: return some("negative pair", "negative pairs") + " could not be drawn"
      case .unknownGroupMember: return some("name", "names") + " in the gene groups without a gene"
      case .filteredPair: return some("row", "rows") + " of the pairs left out by --where"
      case .missingPartner: return some("row", "rows") + " of the pairs without a partner left out"
      case .unmappedPair: return some("pair", "pairs") + " with an id that the map does not have left out"
      case .ambiguousPair: return some("pair", "pairs") + " with an id of several targets left out"
      case .multipliedPair:
        return some("id of the pairs has", "ids of the pairs have") + " several targets: a pair of each"
      case .keptIdentifier:
        return some("id", "ids") + " of the pairs kept that the map does not have"
      case .absentFromSample: return some("value", "values") + " missing: the table of a sample lacks the isoform"
      case .selfPair: return some("pair of a gene with itself", "pairs of a gene with itself") + " left out"
      case .unlabelledPair:
        return some("pair", "pairs") + " without a label: known, but not positive"
      case .genelessTranscript: return some("transcript", "transcripts") + " of the members without a gene left out"
      case .reservedColumn: return some("column", "columns") + " with a reserved name left out of the features"
      case .keptGap: return some("missing value", "missing values") + " left out of correlations"
      case .undefinedInstance: return some("instance", "instances") + " with an undefined feature left out"
      case .copiedGene: return some("gene has", "genes have") + " a copy with the same features in another part"
      case .mergedLabel:
        return some("row", "rows") + " of pairs with different labels: such a pair gets one label of all its rows"
      case .cutSequence: return some("sequence", "sequences") + " cut to the length that the model reads"
      case .sampledOut: return some("pair", "pairs") + " left out by --under-sample"
      case .weighted: return some("pair", "pairs") + " with a weight of --class-weight"
      }
    }

    /// Whether single cases are named.
    var isNamed: Bool {
      switch self {
      case .undefinedCorrelation, .columnWithoutGroup, .filledValue, .repeatedMember, .emptyBag, .selfPair, .sampledOut,
        .weighted, .filteredPair, .multipliedPair, .keptIdentifier, .unlabelledPair, .keptGap, .undefinedInstance,
        .mergedLabel, .undefinedMeasure:
        false
      default: true
      }
    }
  }

  static let namedCases = 5

  private var counts = [Int](repeating: 0, count: Kind.allCases.count)
  private var told = [Int](repeating: 0, count: Kind.allCases.count)
  private let named: (Diagnostic) -> Void
  private let total: (Int, String) -> Void

  /// Makes a counter. `named` gets the first five cases of a kind; `total` gets each total and its text from `close`.
  public init(named: @escaping (Diagnostic) -> Void = { _ in }, total: @escaping (Int, String) -> Void = { _, _ in }) {
    self.named = named
    self.total = total
  }

  /// The number of cases of a kind.
  public subscript(_ kind: Kind) -> Int { counts[kind.rawValue] }

  /// Counts `amount` cases; `example` is evaluated only where it is named.
  public func count(_ kind: Kind, _ amount: Int = 1, example: @autoclosure () -> Diagnostic? = nil) {
    counts[kind.rawValue] += amount
    guard kind.isNamed, told[kind.rawValue] < Self.namedCases, let example = example() else { return }
    told[kind.rawValue] += 1
    named(example)
  }

  /// Reports a number of its own at once, unless it is 0.
  func note(_ count: Int, _ text: String) {
    if count > 0 { total(count, text) }
  }

  /// Reports a warning of a reader.
  public func report(_ warning: Diagnostic) { named(warning) }

  /// Reports the totals of all kinds that occurred, and starts again from 0.
  public func close() {
    for kind in Kind.allCases {
      let count = counts[kind.rawValue]
      if count > 0 { total(count, kind.text(count)) }
    }
    for index in counts.indices { counts[index] = 0 }
  }
}
