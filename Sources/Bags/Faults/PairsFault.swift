import Bytes
import Records

/// Faults of the pairs: their columns, ids, filters and labels.
public enum PairsFault: BagsFault {
  case pairColumns([String])
  /// A name in the first line is the id of a partner in a later one.
  case headerIsPair(String)
  case contraryPair(String, LabelKind?)
  case contraryInstance(String)
  case filterSyntax(String)
  case referenceSyntax(String)
  case tooFewMITABColumns(Int)
  case unmapped(String)
  case severalTargets(String, [String])
  case notForPairs(String, PairFormat, PairFormat)
  case shardSyntax(String)
  case stdinTwice
  /// A pipe is to be read more than once.
  case pipeTwice(String)
  case colonAtEdge(String)
  case transformSyntax(String)
  case noLogarithm(Double, String)
  case strangeUnit(Double, String, Double)
  case doneAlready(String, low: Double, high: Double)
  case needsClasses(String)
  case needsNumbers(String)

  /// The description of the fault, with the offending value.
  public var message: String {
    switch self {
    case .stdinTwice: "two inputs are '-'"
    case .pipeTwice(let path): "\(quoted(path)) is read more than once, and is not a regular file"
    case .pairColumns(let have):
      "no column \(have.contains("gene_a") ? "'gene_b'" : "'gene_a'"): the columns are \(list(have))"
    case .headerIsPair(let id):
      "id \(quoted(id)) is the name of a column in the first line too, which looks like a pair and no header"
    case .contraryPair(let id, _): "pair \(quoted(id)) occurs with different labels"
    case .contraryInstance(let id): "tested pair \(quoted(id)) occurs with different labels"
    case .shardSyntax(let value): "\(quoted(value)) is not a shard"
    case .colonAtEdge(let id): "id \(quoted(id)) begins or ends with ':', which joins the ids of a pair"
    case .transformSyntax(let value): "\(quoted(value)) is not a transformation of labels"
    case .noLogarithm(let label, let text): "label \(NumberText.text(label)) has no logarithm, which \(text) takes"
    case .strangeUnit(let label, let text, let result):
      "label \(NumberText.text(label)) is \(NumberText.text(result)) by \(text), which no measurement reaches: the "
        + "unit is another one"
    case .doneAlready(let text, let low, let high):
      "all labels lie between \(NumberText.text(low)) and \(NumberText.text(high)), as if \(text) had been taken "
        + "already"
    case .needsClasses(let option): "\(option) needs two classes of labels, and these are numbers"
    case .needsNumbers(let option): "\(option) needs labels that are numbers"
    case .filterSyntax(let value): "\(quoted(value)) is not a condition"
    case .referenceSyntax(let value): "\(quoted(value)) is not a database of PSI-MITAB"
    case .tooFewMITABColumns(let count): "\(count) columns where PSI-MITAB has \(MITAB.leastColumns) or more"
    case .unmapped(let id): "the map has no id \(quoted(id))"
    case .severalTargets(let id, let targets): "the map has several ids for \(quoted(id)): \(list(targets))"
    case .notForPairs(let option, let form, let other):
      "\(option) is for pairs that are \(form.words), and these are \(other.words)"
    }
  }

  /// The hint: an option or value that helps; nil where there is none.
  public var hint: String? {
    switch self {
    case .pipeTwice: "write it to a file first"
    case .stdinTwice: "only one input can be stdin: give the others as files or <(command)"
    case .pairColumns(let have): Self.pairColumnsHint(have)
    case .headerIsPair: "--pair-columns 1,2 takes the first line for a pair; 1,2,3 with a label"
    case .contraryPair(_, .number): "--conflicts mean|median|first|drop"
    case .contraryPair, .contraryInstance: "--conflicts first|drop"
    case .transformSyntax:
      "--label-transform pKd:nM (or M, mM, uM, pM; pKi, pIC50, pEC50), or log10; then maybe ,bounds=drop or =value"
    case .noLogarithm: "leave such rows out: --where COLUMN>0"
    case .strangeUnit: "look at the unit of this row, and at the unit of --label-transform"
    case .doneAlready: "leave --label-transform out if the labels are logarithms"
    case .needsNumbers: "--labels number"
    case .shardSyntax: "--shard 3/16 is the third of sixteen shards"
    case .filterSyntax: "--where 'COLUMN=VALUE', or != < <= > >= before a number"
    case .referenceSyntax: "--mitab-id uniprotkb, or --mitab-id 'uniprotkb(gene name)'"
    case .unmapped: "--unmapped drop|keep"
    case .severalTargets: "--several drop|all"
    case .notForPairs("--pair-columns", _, _): "--mitab-id says which of the ids of PSI-MITAB are taken"
    case .notForPairs(_, .table, _): "--pairs-format table, if the columns are those of a table"
    default: nil
    }
  }

  /// Usage for what is said by options, else data.
  public var code: ExitCode {
    switch self {
    case .transformSyntax, .needsClasses, .needsNumbers: .usage
    case .filterSyntax, .referenceSyntax, .notForPairs, .shardSyntax, .stdinTwice, .pipeTwice: .usage
    default: .data
    }
  }

  /// The options that read pairs without the usual columns; the first row is a header unless it looks like data.
  private static func pairColumnsHint(_ columns: [String]) -> String {
    if columns.count < 2 {
      let only = columns.first ?? ""
      if only.contains(",") { return "columns are separated by tabs, not commas" }
      return only.contains(" ")
        ? "columns are separated by tabs, not spaces; STRING's links have a header"
        : "a table of pairs has the columns gene_a and gene_b"
    }
    let names = columns.map { $0.lowercased() }
    if columns.dropFirst(2).contains(where: { Self.isNumber($0) || $0 == "NA" }) {
      return columns.count == 3
        ? "a table without a header: --columns gene_a,gene_b,label"
        : "a table without a header: --pair-columns 1,2, or 1,2,3 with the label"
    }
    if columns.prefix(2).allSatisfy(Self.isNumber) { return "a table without a header: --pair-columns 1,2" }
    let words = ["label", "interact", "class", "target", "positive"]
    let label = names.indices.dropFirst(2).first { place in words.contains { names[place].contains($0) } }
    if columns.count > 2, label == nil { return "--pair-columns A,B or A,B,LABEL says which columns these are" }
    let chosen = [columns[0], columns[1]] + (label.map { [columns[$0]] } ?? [])
    let named = "--pair-columns " + chosen.map(Self.shellWord).joined(separator: ",")
    return columns.count == 2 ? "\(named), or --pair-columns 1,2 where there is no header" : named
  }

  /// A word of a shell command, in quotes where it needs them.
  private static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_")
    }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  private static func isNumber(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBufferPointer { NumberText.double($0) } != nil
  }
}
