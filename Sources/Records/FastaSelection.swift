import Bytes

/// The use of a FASTA file's index to find records.
public enum IndexRule: String, Sendable, CaseIterable {
  /// It is compared with all headers of the file; a missing index is made.
  case check
  /// It is trusted: only the wanted records of the file are read.
  case trust
  /// It is not used: records are found by reading the whole file.
  case none
}

/// The rule for an id without a record.
public enum MissingIdRule: String, Sendable, CaseIterable {
  /// It is an error.
  case error
  /// It is left out with a warning.
  case skip
}

/// The records of a FASTA file that a list asks for, in the order of the list: plain text or BGZF.
///
/// Records are read by the same reader as in a stream, and each is held against what is known of it: its id, its place
/// and its number of letters. Memory: the list, and five numbers for each of its ids.
public final class FastaSelection: FastaSource {
  /// The record that the last `next()` has read.
  public var record: FastaRecord { reader.record }
  /// Swaps the arrays, without a copy: that of the reader underneath.
  public func exchangeSequence(_ other: inout [UInt8]) { reader.exchangeSequence(&other) }

  /// The location of a record; the offset of its header and its line are known only if all headers were read.
  private struct Target {
    var start: Int?
    var sequenceStart: Int
    var letters: Int
    var line: Int?
    var end = Int.max
  }

  private let ids: IdList
  private let rule: IndexRule
  private let naming: (FastaRecord) throws -> String
  private let input: SeekableInput
  private let reader: FastaReader
  private var targets: [Target?]
  private var position = 0

  /// Finds the records.
  /// - Parameters:
  ///   - naming: the id of a record by its header; of an index that is trusted only the first word is known.
  ///   - report: takes what is to be said of the index, and with `skip` the ids without a record.
  /// - Throws: an `IOFailure`, or a `RecordError`: for an id without a record, or with two; for an index of another
  ///   text; for whatever a reader of the whole file finds.
  public init(
    of path: String, _ ids: IdList, index rule: IndexRule, missing: MissingIdRule,
    naming: @escaping (FastaRecord) throws -> String, report: (Diagnostic) -> Void
  ) throws {
    self.ids = ids
    self.rule = rule
    self.naming = naming
    input = try SeekableInput(path: path)
    reader = try FastaReader(input)
    targets = Array(repeating: nil, count: ids.ids.count)
    var files = FaidxFiles(of: input)
    switch rule {
    case .trust: try findByIndex(files)
    case .none: try findByReading(nil)
    case .check:
      let index = try files.open()
      try findByReading(index)
      if index == nil {
        report(
          Diagnostic(
            .success,
            "\(path) has no index: faidx makes none of it, as of lines of different lengths, or blank ones, within a "
              + "sequence"))
      }
      try files.keep(report)
    }
    try settleMissing(missing, report)
  }

  /// Reads the next record of the list; false at its end. Throws an `IOFailure` or a `RecordError`.
  public func next() throws -> Bool {
    while position < targets.count {
      let number = position
      position += 1
      guard let target = targets[number] else { continue }
      do {
        if try read(target, as: ids.ids[number]) { return true }
      } catch let error as RecordError where rule == .trust && error.kind == .archive {
        // Not the archive must be at fault, but the index of its blocks.
      }
      throw misplaced(number)
    }
    return false
  }

  /// Reads a record and returns whether it is the wanted one.
  private func read(_ target: Target, as id: String) throws -> Bool {
    guard let start = try target.start ?? header(before: target.sequenceStart),
      try input.seek(to: start, before: target.end)
    else { return false }
    try reader.restart(input, at: start, line: target.line)
    guard try reader.next() else { return false }
    return try record.sequenceStart == target.sequenceStart && record.letters == target.letters && naming(record) == id
  }

  // MARK: Where the records are

  /// Reads the whole file and compares the index with it, if there is one.
  private func findByReading(_ index: FaidxReader?) throws {
    var last: Int?
    while try reader.next() {
      if let last { targets[last]?.end = reader.record.start }
      try index.map(compare)
      last = try find()
    }
    if let index, let entry = try index.next() {
      throw stale(index, "the index has \(Diagnostic.quoted(entry.name)), and \(input.name) ends before it")
    }
  }

  /// Stores the location of the record just read, and returns the number of its id if that is wanted.
  private func find() throws -> Int? {
    guard let number = ids.number(of: try naming(reader.record)) else { return nil }
    if let first = targets[number] {
      throw RecordError(
        .fasta,
        "\(Diagnostic.quoted(ids.ids[number])) is asked for, and is the id of two records: this one and line "
          + "\(first.line ?? 0)", at: reader.record.place)
    }
    targets[number] = Target(
      start: reader.record.start, sequenceStart: reader.record.sequenceStart, letters: reader.record.letters,
      line: reader.record.place.line)
    return number
  }

  /// Checks that the next entry of the index is the record just read; throws a `RecordError`.
  private func compare(_ index: FaidxReader) throws {
    let entry = try index.next()
    let id = reader.record.id
    if let entry, entry.name == id, entry.offset == reader.record.sequenceStart, entry.length == reader.record.letters {
      return
    }
    // Two things that htslib leaves out of its index, and says on a terminal only.
    let isEmpty = reader.record.letters == 0
    if try isEmpty || isRepeated(index) {
      throw RecordError(
        .fasta,
        "\(Diagnostic.quoted(id)) \(isEmpty ? "has no letters" : "was there before"): it is not in the index, for "
          + "faidx leaves such records out, and so the index has fewer records than the file", at: reader.record.place,
        hint: "--index none finds records without an index")
    }
    guard let entry else { throw stale(index, "the index ends before \(Diagnostic.quoted(id))") }
    throw stale(
      index,
      "the index has \(Diagnostic.quoted(entry.name)) with \(entry.length) letters from byte \(entry.offset) on, "
        + "\(reader.record.place.text) has \(Diagnostic.quoted(id)) with \(reader.record.letters) from byte "
        + "\(reader.record.sequenceStart) on")
  }

  /// Whether the index has the id of the record that was just read for one before it.
  private func isRepeated(_ index: FaidxReader) throws -> Bool {
    let again = try FaidxReader(path: index.path)
    while let entry = try again.next(), entry.offset < reader.record.sequenceStart {
      if entry.name == reader.record.id { return true }
    }
    return false
  }

  /// Reads the locations from the index.
  private func findByIndex(_ files: FaidxFiles) throws {
    let (index, blocks) = try files.trusted(since: input.written)
    if let blocks { try input.readBlocks(from: blocks) }
    var last: Int?
    while let entry = try index.next() {
      if let last, entry.offset > targets[last]?.sequenceStart ?? 0 { targets[last]?.end = entry.offset }
      last = nil
      var header = FastaRecord()
      header.id = entry.name
      guard let number = ids.number(of: try naming(header)) else { continue }
      if targets[number] != nil {
        throw RecordError(
          .format, "the index has \(Diagnostic.quoted(ids.ids[number])), which is asked for, twice", at: index.place,
          hint: "--index check says where its records are")
      }
      targets[number] = Target(start: nil, sequenceStart: entry.offset, letters: entry.length, line: nil)
      last = number
    }
  }

  private func settleMissing(_ rule: MissingIdRule, _ report: (Diagnostic) -> Void) throws {
    let missing = targets.indices.filter { targets[$0] == nil }
    for number in missing {
      let id = ids.ids[number]
      let message = "\(input.name) has no record with the id \(Diagnostic.quoted(id))"
      if rule == .error {
        throw RecordError(
          .text, message + (missing.count > 1 ? ", nor with \(missing.count - 1) more of the list" : ""),
          at: ids.place(number),
          hint: id.hasPrefix(">")
            ? "an id is written without the '>'"
            : "ids are the first words of headers; --id-from and --strip version say otherwise, "
              + "--missing-ids skip goes on")
      }
      var warning = Diagnostic(.data, message, at: ids.place(number))
      warning.topic = "ids of the list without a record"
      report(warning)
    }
  }

  // MARK: Faults

  private func stale(_ index: FaidxReader, _ message: String) -> RecordError {
    RecordError(.format, message, at: index.place, hint: FaidxFiles.hint(index.path))
  }

  private func misplaced(_ number: Int) -> RecordError {
    let id = Diagnostic.quoted(ids.ids[number])
    let index = input.name + ".fai"
    return rule == .trust
      ? RecordError(
        .format, "\(id) is not where \(index) has it", at: SourceLocation(source: input.name),
        hint: FaidxFiles.hint(index))
      : RecordError(
        .format, "\(id) is not where it was: the file was changed meanwhile", at: SourceLocation(source: input.name))
  }

  /// The byte at which the header starts whose line ends before `offset`, nil where there can't be one.
  private func header(before offset: Int) throws -> Int? {
    var reach = 256
    while offset > 1 {
      let from = max(0, offset - reach)
      guard try input.seek(to: from, before: offset - 1) else { return nil }
      guard let text = try input.read(count: offset - 1 - from) else { return nil }
      let start = text.lastIndex(of: 0x0A).map { $0 + 1 } ?? (from == 0 ? 0 : text.count)
      if start < text.count { return text[start] == UInt8(ascii: ">") ? from + start : nil }
      if text.last == 0x0A { return nil }
      guard reach < FastaReader.headerLimit else { return nil }
      reach *= 16
    }
    return nil
  }
}
