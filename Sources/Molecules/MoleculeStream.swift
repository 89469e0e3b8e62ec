import Bytes
import Features
import Records

/// Turns a stream of SMILES into rows of features or into graphs, in constant memory.
public struct MoleculeStream {
  /// The treatment of molecules.
  public struct Options: Sendable {
    /// The encoders, as in `--encode`; empty where graphs are made.
    public var encode: [String] = []
    /// The graph, as in `--graph`.
    public var graph: String?
    /// Whether molecules that cannot be read are skipped, with a warning.
    public var badRows = BadRowRule.error
    /// The rule for duplicate ids.
    public var duplicates = DuplicateRule.warn
    /// Whether salts and solvents are left out: all but the largest fragment.
    public var largestFragment = false

    /// The defaults of molfeat, without an encoder.
    public init() {}
  }

  /// The counts of a run.
  public struct Counts: Sendable, Equatable {
    /// Molecules read, those that are left out too.
    public var molecules = 0
    /// Molecules in the output.
    public var written = 0
    /// Molecules left out, for they could not be read.
    public var skipped = 0
    /// Molecules of which fragments were left out.
    public var cut = 0

    /// All counts 0.
    public init() {}
  }

  /// Where the results go: rows of features, or graphs.
  public enum Writer {
    case rows(RecordWriter)
    case graphs(GraphWriter)
  }

  /// The treatment of molecules.
  public let options: Options
  /// The names of the features; nil where graphs are made.
  public var schema: Schema? { maker.schema }
  /// The names of the features of nodes and edges; nil where rows are made.
  public var graphSchema: GraphSchema? { maker.graphSchema }
  /// The counts so far.
  public private(set) var counts = Counts()
  private let maker: MoleculeMaker
  private var ids = IdLedger()
  private var isCheckingIds = true
  /// With `warn` ids are compared up to this many, so that memory stays constant.
  private static let checkedIds = 1_000_000

  static let skippedTopic = "molecules skipped as unreadable"

  /// - Throws: `MoleculeError` or `SettingError` for encoders that can't be.
  public init(_ options: Options) throws {
    self.options = options
    maker = try MoleculeMaker(options)
  }

  /// Reads all molecules and writes what is made of them; writes nothing if there are none.
  /// - Parameters:
  ///   - threads: how many work at the same time; results, errors and warnings are the same for any number.
  ///   - report: takes warnings, with a topic to count them by.
  /// - Throws: `MoleculeError`, and whatever reader and writer throw.
  public mutating func run(
    _ reader: MoleculeReader, into writer: Writer, threads: Int = 1, isLive: Bool = false,
    report: (Diagnostic) -> Void
  ) throws {
    let workers = (0..<max(1, threads)).map { _ in MoleculeWorker(maker, writer) }
    let size = isLive ? 1 : MoleculePart.size(width: maker.width)
    var pending: [MoleculePart] = []
    var number = 0
    var part = MoleculePart()
    while true {
      fill(part, size, from: reader)
      if workers.count == 1 {
        workers[0].work(on: part)
        try settle(part, into: writer, report)
      } else {
        workers[number % workers.count].start(part)
        pending.append(part)
        if pending.count > 2 * workers.count { try settle(pending.removeFirst(), into: writer, report) }
      }
      number += 1
      if part.isLast { break }
      // One thread needs one part, whose memory stays.
      if workers.count == 1 { part.clear() } else { part = MoleculePart() }
    }
    for part in pending { try settle(part, into: writer, report) }
    counts.skipped += reader.skipped
    counts.molecules += reader.skipped
    if counts.written == 0 && counts.skipped > 0 {
      throw MoleculeError.noMolecule(skipped: counts.skipped, source: reader.name)
    }
    guard counts.molecules > 0 else { return }
    switch writer {
    case .rows(let writer): try writer.finish()
    case .graphs(let writer): try writer.finish()
    }
  }

  /// Reads the next molecules; an error of the input comes after those before it.
  private func fill(_ part: MoleculePart, _ size: Int, from reader: MoleculeReader) {
    do {
      while part.texts.count < size {
        guard let text = try reader.next() else {
          part.isLast = true
          break
        }
        part.texts.append(text)
      }
    } catch {
      part.failure = error
      part.isLast = true
    }
  }

  /// Waits for a part, and writes what was made of its molecules.
  private mutating func settle(_ part: MoleculePart, into writer: Writer, _ report: (Diagnostic) -> Void) throws {
    part.wait()
    try part.bytes.withUnsafeBytes { bytes in
      var start = 0
      for (number, text) in part.texts.enumerated() {
        counts.molecules += 1
        switch part.results[number] {
        case .failure(let fault as SMILESFault): try skip(text, fault, report)
        case .failure(let error): throw error
        case .success(let made):
          let line = UnsafeRawBufferPointer(rebasing: bytes[start..<made.end])
          start = made.end
          guard let id = try admit(text, report) else { continue }
          counts.cut += made.isCut ? 1 : 0
          counts.written += 1
          try write(id == text.id ? nil : id, text, line, into: writer)
        }
      }
    }
    if let failure = part.failure { throw failure }
  }

  private mutating func skip(_ text: MoleculeReader.Text, _ fault: SMILESFault, _ report: (Diagnostic) -> Void) throws {
    var place = text.place
    place.column += fault.offset
    let error = MoleculeError.smiles(fault, id: text.id, place: place)
    guard options.badRows == .skip else { throw error }
    var warning = error.diagnostic
    warning.hint = nil
    warning.topic = Self.skippedTopic
    report(warning)
    counts.skipped += 1
  }

  /// Writes the line of a molecule; one that is renamed is made again.
  private func write(
    _ renamed: String?, _ text: MoleculeReader.Text, _ line: UnsafeRawBufferPointer, into writer: Writer
  ) throws {
    var text = text
    if let renamed { text.id = renamed }
    switch writer {
    case .rows(let writer):
      if renamed == nil { return try writer.write(lines: line) }
      try writer.write(maker.row(text).record)
    case .graphs(let writer):
      if renamed == nil { return try writer.write(line: line) }
      try writer.write(maker.graph(text).record)
    }
  }

  /// The id that a molecule gets, nil if it is left out.
  private mutating func admit(_ text: MoleculeReader.Text, _ report: (Diagnostic) -> Void) throws -> String? {
    guard isCheckingIds else { return text.id }
    if options.duplicates == .warn && ids.count >= Self.checkedIds {
      isCheckingIds = false
      report(
        Diagnostic(
          .data, "from here on ids are not compared any more: there were \(Self.checkedIds) different ones",
          at: text.place, hint: "--duplicates error, first or suffix compares all of them"))
      return text.id
    }
    let times = ids.enter(text.id)
    if times == 0 { return text.id }
    func tell(_ message: String, _ topic: String) {
      var warning = Diagnostic(.data, "the id \(Diagnostic.quoted(text.id)) was there before\(message)", at: text.place)
      warning.topic = topic
      report(warning)
    }
    switch options.duplicates {
    case .error: throw MoleculeError.duplicateId(text.id, place: text.place)
    case .warn:
      tell("", "molecules with an id that was there before")
      return text.id
    case .first:
      tell("", "molecules left out for their id")
      return nil
    case .suffix:
      let renamed = ids.enterRenamed(text.id, times: times)
      tell(": it is \(Diagnostic.quoted(renamed))", "molecules renamed")
      return renamed
    }
  }
}
