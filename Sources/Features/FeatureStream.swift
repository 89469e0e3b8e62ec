import Bytes
import Records

/// Encodes a stream of sequences, with the rules for short, duplicate and ambiguous records, in constant memory.
public struct FeatureStream {
  /// The treatment of records.
  public struct Options: Sendable {
    /// As in `--encode`, at least one.
    public var encode: [String] = []
    /// Settings for encoders whose text has none, by name.
    public var defaults: [String: String] = [:]
    /// Tables of properties in place of the encoders' own, one of a kind.
    public var properties: [PropertyTable] = []
    /// The rules for letters.
    public var letters = LetterRules()
    /// The rule for a sequence that is too short for an encoder.
    public var short = ShortRule.null
    /// The rule for duplicate ids.
    public var duplicates = DuplicateRule.warn
    /// The alphabet that the user says the sequences have, whatever they look like.
    public var alphabet: Alphabet?
    /// Protein encoders read the translation of nucleotides.
    public var translation: Translation.Options?
    /// The rule by which headers name the records.
    public var naming = RecordNaming()
    /// The rows are means over groups of records.
    public var grouping: Grouping?

    /// The defaults of seqfeat, without an encoder.
    public init() {}
  }

  /// The counts of a run.
  public struct Counts: Sendable, Equatable {
    /// Records read, those that are left out too.
    public var records = 0
    /// Records whose features are in the output, as a row or as part of a mean.
    public var written = 0
    /// Groups of records, where rows are means.
    public var groups = 0
    /// Records with an id that names no group.
    public var ungrouped = 0
    /// Records with letters that name no single residue.
    public var ambiguousRecords = 0
    /// Letters that name no single residue.
    public var ambiguousLetters = 0
    /// Those of them that were read as residues, under `map`.
    public var mappedLetters = 0
    /// The counts of the translation.
    public var translation = TranslationCounts()

    /// All counts 0.
    public init() {}
  }

  /// The feature names of the output.
  public let schema: Schema
  /// The reserved columns of the output.
  public static let columns = RecordColumns(reserved: ["id", "length", "valid"])
  /// The counts so far.
  public private(set) var counts = Counts()
  /// The treatment of records.
  public let options: Options
  private(set) var encoder: RowEncoder
  private var nucleotides: AlphabetGuard
  private var ids = IdLedger()
  private var isCheckingIds = true
  /// Where versions are cut off: the ids with theirs, and what each gene was.
  private var wholeIds = IdLedger()
  private var wholeGenes: [String: String] = [:]
  /// The gene of each symbol that was taken for a gene's name.
  private var symbols = SymbolLedger()
  private var waiting: [StreamRecord] = []
  private var means = GroupMeans()
  /// With `warn` ids are compared up to this many: the memory stays constant.
  private static let checkedIds = 1_000_000

  /// - Throws: `FeatureError` for encoders that can't be.
  public init(_ options: Options) throws {
    self.options = options
    var letters = options.letters
    letters.acceptsOutsiders = options.alphabet != nil
    encoder = try RowEncoder(
      options.encode, defaults: options.defaults, properties: options.properties, letters: letters,
      short: options.short, translation: options.translation)
    if options.grouping != nil, let place = encoder.encoders.firstIndex(where: { $0 is FixedLength }) {
      throw FeatureError.notAveraged(encoder: options.encode[place])
    }
    schema = try Schema(names: encoder.names)
    nucleotides = AlphabetGuard(encoder.alphabet, insists: options.alphabet != nil)
  }

  /// Reads all records of `reader` and writes their features; writes nothing if there are none.
  /// - Parameters:
  ///   - threads: how many encode at the same time; rows, errors and warnings are the same for any number.
  ///   - member: takes the id and the gene of each row, where the headers are to name genes; of a gene that is named by
  ///     its symbol also its id, if the header has one.
  ///   - report: takes warnings, with a topic to count them by.
  /// - Throws: `FeatureError`, and whatever reader and writer throw.
  public mutating func run(
    _ reader: any FastaSource, into writer: RecordWriter, threads: Int = 1,
    member: ((_ id: String, _ gene: String, _ geneId: String?) throws -> Void)? = nil,
    report: @escaping (Diagnostic) -> Void
  ) throws {
    let output = Output(writer: writer, row: { try writer.write($0) }, member: member, report: report)
    while try reader.next() {
      try pass(reader, to: output)
      // Up to here each record can change what the next ones are taken for.
      if threads > 1 && !nucleotides.isWatching {
        try runParts(reader, threads: threads, to: output)
        break
      }
    }
    try finish(output)
    if counts.records > 0 { try writer.finish() }
  }

  /// Reads all records of `reader` and gives `row` their features, one record after another; missing ones are NaN.
  /// Throws `FeatureError`, and whatever the reader and `row` throw.
  public mutating func run(
    _ reader: any FastaSource, report: @escaping (Diagnostic) -> Void, row: @escaping (StreamRecord) throws -> Void
  ) throws {
    let output = Output(writer: nil, row: row, member: nil, report: report)
    while try reader.next() { try pass(reader, to: output) }
    try finish(output)
  }

  private mutating func finish(_ output: Output) throws {
    try nucleotides.finish()
    try flush(into: output)
    for mean in means.rows() { try output.row(mean) }
  }

  /// Where rows, the genes of their isoforms, and warnings go. Threads make lines for the writer.
  struct Output {
    let writer: RecordWriter?
    let row: (StreamRecord) throws -> Void
    let member: ((_ id: String, _ gene: String, _ geneId: String?) throws -> Void)?
    let report: (Diagnostic) -> Void
  }

  /// Takes one record from the letters to its row.
  private mutating func pass(_ reader: any FastaSource, to output: Output) throws {
    guard var record = try admit(reader.record, withGene: output.member != nil, report: output.report) else { return }
    var sequence: [UInt8] = []
    reader.exchangeSequence(&sequence)
    defer { reader.exchangeSequence(&sequence) }
    try sequence.withUnsafeBufferPointer { try nucleotides.look(at: $0, place: record.place) }
    try record.encode(&sequence, by: &encoder, leavingOutShort: options.short == .skip)
    try settle(record, to: output)
  }

  /// Lets a record in by its names, nil if it is left out.
  mutating func admit(
    _ record: FastaRecord, withGene: Bool, report: (Diagnostic) -> Void
  ) throws -> EncodedRecord? {
    counts.records += 1
    let (named, whole) = try options.naming.names(of: record, withGene: withGene)
    guard let group = try group(named.id, at: record.place),
      let id = try id(named.id, whole: whole.id, place: record.place, report: report)
    else { return nil }
    if named.gene == "NA" { throw FeatureError.missingGene(named.id, place: record.place) }
    try checkGene(named.gene, whole: whole.gene, at: record.place)
    try checkSymbol(named, at: record.place)
    return EncodedRecord(
      id: id, name: named.id, gene: named.gene, geneId: named.geneId, group: group, place: record.place)
  }

  /// Counts and tells what the encoding met, and writes the row.
  mutating func settle(_ record: EncodedRecord, lines: UnsafeRawBufferPointer? = nil, to output: Output) throws {
    count(record, output.report)
    guard record.row != nil || lines != nil else { return }
    if let gene = record.gene { try output.member?(record.id, gene, record.geneId) }
    if let lines {
      counts.written += 1
      return try output.writer?.write(lines: lines) ?? ()
    }
    guard var row = record.row else { return }
    if options.grouping != nil { row.bag = record.group }
    if nucleotides.isWatching { return waiting.append(row) }
    if !waiting.isEmpty { try flush(into: output) }
    try write(row, into: output)
  }

  /// The group that a record of this name belongs to, its own name where there are none; nil if it is left out.
  private mutating func group(_ name: String, at place: SourceLocation) throws -> String? {
    guard let group = try options.grouping?.group(of: name, at: place) else { return name }
    counts.ungrouped += group.isNamed ? 0 : 1
    return group.name
  }

  private mutating func count(_ record: EncodedRecord, _ report: (Diagnostic) -> Void) {
    let (id, summary) = (record.id, record.summary)
    let ambiguous = record.letters.ambiguous
    if ambiguous > 0 {
      counts.ambiguousRecords += 1
      counts.ambiguousLetters += ambiguous
      counts.mappedLetters += record.letters.mapped
    }
    if let outcome = summary.translation { count(outcome, of: id, record.place, report) }
    if let shortage = summary.shortage {
      tell(
        "'\(id)' \(options.short.outcome): \(shortage)", "records too short for their features", record.place, report)
      if options.short == .skip { return }
    }
    if let unsteady = summary.unsteady {
      tell(
        "'\(id)': the divisor of \(unsteady) is near 0 or below it, its features say little",
        "records with a divisor near 0", record.place, report)
    }
  }

  private mutating func count(
    _ outcome: Translation.Outcome, of id: String, _ place: SourceLocation, _ report: (Diagnostic) -> Void
  ) {
    counts.translation.add(outcome)
    if outcome.firstStop > 0 {
      tell(
        "'\(id)' has a stop at codon \(outcome.firstStop), before its end", "records with a stop before their end",
        place, report)
    }
  }

  /// The id that a record of this name gets, nil if it is left out.
  private mutating func id(
    _ name: String, whole: String, place: SourceLocation, report: (Diagnostic) -> Void
  ) throws -> String? {
    guard isCheckingIds else { return name }
    if options.duplicates == .warn && ids.count >= Self.checkedIds {
      isCheckingIds = false
      report(
        Diagnostic(
          .data, "from here on ids are not compared any more: there were \(Self.checkedIds) different ones",
          at: place, hint: "--duplicates error, first or suffix compares all of them"))
      return name
    }
    let times = ids.enter(name)
    let isNew = !options.naming.strip.isEmpty && wholeIds.enter(whole) == 0
    if times == 0 { return name }
    if isNew { throw FeatureError.versionsApart(whole, cut: name, what: "id", place: place) }
    switch options.duplicates {
    case .error: throw FeatureError.duplicateId(name, place: place)
    case .warn:
      tell("the id '\(name)' was there before", "records with an id that was there before", place, report)
      return name
    case .first:
      tell("the id '\(name)' was there before", "records left out for their id", place, report)
      return nil
    case .suffix:
      let renamed = ids.enterRenamed(name, times: times)
      tell("the id '\(name)' was there before: it is '\(renamed)'", "records renamed", place, report)
      return renamed
    }
  }

  /// Sees that two genes do not become one without their versions.
  private mutating func checkGene(_ gene: String?, whole: String?, at place: SourceLocation) throws {
    guard !options.naming.strip.isEmpty, let gene, let whole else { return }
    if let known = wholeGenes.updateValue(whole, forKey: gene), known != whole {
      throw FeatureError.versionsApart(whole, cut: gene, what: "gene", place: place)
    }
  }

  /// Refuses a symbol that two genes share; by `symbolOrId` the taker of the members keeps them apart.
  private mutating func checkSymbol(_ names: RecordNaming.Names, at place: SourceLocation) throws {
    guard options.naming.gene == .symbol, let symbol = names.gene, let id = names.geneId else { return }
    if let known = symbols.note(symbol, id: id) {
      throw FeatureError.sharedSymbol(symbol, known, id, place: place)
    }
  }

  private func tell(_ message: String, _ topic: String, _ place: SourceLocation, _ report: (Diagnostic) -> Void) {
    var warning = Diagnostic(.data, message, at: place)
    warning.topic = topic
    report(warning)
  }

  private mutating func flush(into output: Output) throws {
    for row in waiting { try write(row, into: output) }
    waiting.removeAll()
  }

  private mutating func write(_ row: StreamRecord, into output: Output) throws {
    counts.written += 1
    guard options.grouping != nil else { return try output.row(row) }
    means.add(row, to: row.bag)
    counts.groups = means.count
  }
}
