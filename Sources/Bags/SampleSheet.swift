import Bytes
import Records

/// A sheet of samples: the file with the abundances of each sample, and optionally its group.
public struct SampleSheet: Sendable {
  /// The name of the sheet.
  public let name: String
  /// The samples, in the order of the sheet.
  public private(set) var samples: [(name: String, file: String)] = []
  /// The groups of the samples; nil where the sheet has none.
  public let groups: SampleGroups?

  /// Reads a table with the columns `sample` and `file`, and `group` where it has one; other columns are ignored.
  ///
  /// Throws `BagsError` for a repeated sample and for a sheet without samples, and what the reader throws.
  public init(reading table: TableReader) throws {
    name = table.name
    let sampleColumn = try table.require("sample")
    let fileColumn = try table.require("file")
    let groupColumn = table.column("group")
    var known: Set<String> = []
    var grouped: [(name: String, samples: [String])] = []
    while let row = try table.next() {
      let sample = try row.id(sampleColumn)
      if !known.insert(sample).inserted { throw BagsError(.repeatedIdentifier(sample), at: row.place) }
      let file = try row.id(fileColumn)
      samples.append((sample, file == "-" ? "./-" : file))
      guard let groupColumn, !row.isMissing(groupColumn) else { continue }
      let group = try row.id(groupColumn)
      let place = grouped.firstIndex { $0.name == group } ?? grouped.count
      if place == grouped.count { grouped.append((group, [])) }
      grouped[place].samples.append(sample)
    }
    if samples.isEmpty { throw BagsError(.emptyTable, at: SourceLocation(source: table.name)) }
    groups = groupColumn == nil ? nil : SampleGroups(grouped)
  }
}

/// Tools that quantify transcripts, and the tables they write, one per sample.
enum Quantifier {
  /// The names of the first column and of the abundances: salmon's quant.sf, kallisto's abundance.tsv, RSEM's
  /// isoforms.results and genes.results.
  private static let known = [
    ["Name", "EffectiveLength", "NumReads", "TPM"], ["target_id", "eff_length", "est_counts", "tpm"],
    ["transcript_id", "effective_length", "expected_count", "TPM"],
    ["gene_id", "effective_length", "expected_count", "TPM"],
  ]

  /// The column of abundances (transcripts per million) in a table with these columns; nil for other tables.
  static func abundance(_ columns: [String]) -> String? {
    known.first { $0[0] == columns.first && $0.allSatisfy(columns.contains) }?.last
  }
}

extension FeatureTable {
  /// Reads one column of the table of each sample, as a column named after the sample; an id that is not in a table has
  /// no value there, and is counted. Memory: the table, twice while it is read.
  ///
  /// Throws `BagsError` for the table of an unknown quantifier where no column is named, and what readers throw.
  static func read(
    _ sheet: SampleSheet, options: TableOptions, tally: NoticeCounter, select: Selection
  ) throws -> FeatureTable {
    let chosen = try select(sheet.samples.map(\.name)).map { sheet.samples[$0] }
    let filling = SampleColumns(count: chosen.count, cut: options.cut)
    for (number, sample) in chosen.enumerated() {
      try filling.read(Input.open(sample.file), sample: number, column: options.column, options.reader.maxLine)
    }
    var whole = options
    whole.cut = IdentifierCut()
    let table = FeatureTable(
      names: chosen.map(\.name), options: whole, choice: filling.areUsual ? nil : options.column)
    for (number, id) in filling.ids.enumerated() {
      let absent = chosen.count - filling.present[number]
      if absent > 0 {
        let message = "\(Diagnostic.quoted(id)) is not in the tables of \(absent) of \(chosen.count) samples"
        tally.count(
          .absentFromSample, absent, example: Diagnostic(.data, message, at: SourceLocation(source: sheet.name)))
      }
      try table.append(id: id, filling.row(number), at: SourceLocation(source: sheet.name), tally: tally)
    }
    table.finish()
    return table
  }
}

/// A table that is filled column by column, with one row per id.
private final class SampleColumns {
  private(set) var ids: [String] = []
  /// The number of samples with the id.
  private(set) var present: [Int] = []
  /// Whether every column so far is the usual one of its quantifier.
  private(set) var areUsual = true
  private var latest: [Int] = []
  private var numbers: [String: Int] = [:]
  private let count: Int
  private let cut: IdentifierCut
  private let values = GrowingBuffer<Double>()

  init(count: Int, cut: IdentifierCut) {
    self.count = count
    self.cut = cut
  }

  func row(_ number: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(rebasing: values.buffer[number * count..<(number + 1) * count])
  }

  func read(_ source: BlockSource, sample: Int, column: String?, _ maxLine: Int) throws {
    let reader = try MatrixReader(source, maxLine: maxLine)
    let usual = Quantifier.abundance(reader.columns)
    guard let column = column ?? usual else {
      throw BagsError(.unknownQuantifier(have: reader.columns), at: SourceLocation(source: source.name, line: 1))
    }
    areUsual = areUsual && column == usual
    reader.keep([try FeatureTable.place(of: column, in: reader.columns, at: source.name)])
    while try reader.next() {
      let id = cut.apply(reader.id)
      let number = numbers[id] ?? ids.count
      if number == ids.count {
        numbers[id] = number
        ids.append(id)
        present.append(0)
        latest.append(-1)
        try values.extend(by: count).initialize(repeating: .nan)
      }
      if latest[number] == sample {
        throw BagsError(
          id == reader.id ? .repeatedIdentifier(id) : .collidingIdentifier(reader.id, cut: id), at: reader.place)
      }
      latest[number] = sample
      present[number] += 1
      values.start?[number * count + sample] = reader.row[0]
    }
  }
}
