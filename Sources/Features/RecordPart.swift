import Bytes
import Dispatch
import Records

/// Records that go to a thread together, and come back with their rows.
///
/// One thread at a time has it: the one that reads, then the one that encodes, then the one that writes.
final class RecordPart: @unchecked Sendable {
  /// The end of a part: enough that threads rarely wait, little enough to stay small.
  private static let mostLetters = 1 << 16
  private static let mostFeatures = 1 << 16
  private static let mostWarnings = 1 << 10
  private let mostRecords: Int

  private(set) var records: [EncodedRecord] = []
  private var letters: [UInt8] = []
  /// Sequences that are not copied, by the number of their record.
  private var longSequences: [Int: [UInt8]] = [:]
  private var letterEnds: [Int] = []
  private var lines: [UInt8] = []
  private var lineEnds: [Int] = []
  /// Warnings from the admission, each with the number of records that were there before.
  private(set) var warnings: [(before: Int, Diagnostic)] = []
  /// What ended the input behind these records, or the encoding in front of the record that has no row.
  var failure: (any Error)?
  private let ready = DispatchSemaphore(value: 0)

  init(width: Int) { mostRecords = max(1, Self.mostFeatures / max(1, width)) }

  /// Empties the part for the next records: its memory stays, for the system takes long to give new memory.
  func clear() {
    records.removeAll(keepingCapacity: true)
    letters.removeAll(keepingCapacity: true)
    letterEnds.removeAll(keepingCapacity: true)
    longSequences.removeAll()
    lines.removeAll(keepingCapacity: true)
    lineEnds.removeAll(keepingCapacity: true)
    warnings.removeAll(keepingCapacity: true)
  }

  var isFull: Bool {
    records.count >= mostRecords || letters.count >= Self.mostLetters || !longSequences.isEmpty
      || warnings.count >= Self.mostWarnings  // of records that are left out
  }

  /// Adds the record that a reader has read.
  func add(_ record: EncodedRecord, from reader: any FastaSource) {
    if reader.record.sequence.count >= Self.mostLetters {
      var sequence: [UInt8] = []
      reader.exchangeSequence(&sequence)
      longSequences[records.count] = sequence
    } else {
      letters.append(contentsOf: reader.record.sequence)
    }
    records.append(record)
    letterEnds.append(letters.count)
  }

  func warn(_ diagnostic: Diagnostic) { warnings.append((records.count, diagnostic)) }

  /// Encodes the records up to the first that fails; with a formatter rows become lines.
  func encode(by encoder: inout RowEncoder, _ formatter: RecordFormatter?, leavingOutShort: Bool) {
    defer { ready.signal() }
    for number in records.indices {
      do {
        try encode(number, by: &encoder, leavingOutShort: leavingOutShort)
      } catch {
        failure = error
        records.removeSubrange(number...)
        return
      }
      // A row without lines stays: whoever writes it meets the same error, in its turn.
      if let formatter, let row = records[number].row, let made = try? formatter.lines(of: row) {
        lines.append(contentsOf: made)
        records[number].row = nil
      }
      lineEnds.append(lines.count)
    }
  }

  private func encode(_ number: Int, by encoder: inout RowEncoder, leavingOutShort: Bool) throws {
    if var sequence = longSequences.removeValue(forKey: number) {
      return try records[number].encode(&sequence, by: &encoder, leavingOutShort: leavingOutShort)
    }
    let start = number == 0 ? 0 : letterEnds[number - 1]
    try letters.withUnsafeBufferPointer {
      try records[number].encode(
        UnsafeBufferPointer(rebasing: $0[start..<letterEnds[number]]), by: &encoder, leavingOutShort: leavingOutShort)
    }
  }

  /// Waits until the records are encoded.
  func wait() { ready.wait() }

  /// Calls `body` with the lines of a record; nil where it has none.
  func withLines(_ number: Int, _ body: (UnsafeRawBufferPointer?) throws -> Void) rethrows {
    let start = number == 0 ? 0 : lineEnds[number - 1]
    if start == lineEnds[number] { return try body(nil) }
    try lines.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start..<lineEnds[number]])) }
  }
}

/// Encodes parts one after the other on a thread of its own.
private final class PartWorker: @unchecked Sendable {
  private var encoder: RowEncoder
  private let formatter: RecordFormatter?
  private let leavesOutShort: Bool
  private let queue = DispatchQueue(label: "millrace.encode", qos: .userInitiated)

  init(_ encoder: RowEncoder, _ formatter: RecordFormatter?, leavingOutShort: Bool) {
    self.encoder = encoder
    self.formatter = formatter
    leavesOutShort = leavingOutShort
  }

  func start(_ part: RecordPart) {
    queue.async { [self] in part.encode(by: &encoder, formatter, leavingOutShort: leavesOutShort) }
  }
}

extension FeatureStream {
  /// Parts in a worker's queue: one in work and one that waits.
  private static let partsPerWorker = 2

  /// Reads the rest of the input in parts that are encoded at the same time, and settles them in order.
  mutating func runParts(_ reader: any FastaSource, threads: Int, to output: Output) throws {
    let workers = (0..<threads).map { _ in
      PartWorker(
        encoder, options.grouping == nil ? output.writer.anotherFormatter() : nil,
        leavingOutShort: options.short == .skip)
    }
    var pending: [RecordPart] = []
    var part = RecordPart(width: schema.names.count)
    var number = 0
    while true {
      let isOver = fill(part, from: reader, withGene: output.member != nil)
      workers[number % threads].start(part)
      pending.append(part)
      number += 1
      if isOver { break }
      if pending.count < threads * Self.partsPerWorker {
        part = RecordPart(width: schema.names.count)
      } else {
        part = pending.removeFirst()
        try settle(part, to: output)
        part.clear()
      }
    }
    for part in pending { try settle(part, to: output) }
  }

  /// Reads and admits records until the part is full; true at the end of the input, or at an error, which it keeps.
  private mutating func fill(_ part: RecordPart, from reader: any FastaSource, withGene: Bool) -> Bool {
    do {
      while !part.isFull {
        guard try reader.next() else { return true }
        guard let record = try admit(reader.record, withGene: withGene, report: part.warn) else { continue }
        part.add(record, from: reader)
      }
      return false
    } catch {
      part.failure = error
      return true
    }
  }

  private mutating func settle(_ part: RecordPart, to output: Output) throws {
    part.wait()
    var told = 0
    func tell(before number: Int) {
      while told < part.warnings.count, part.warnings[told].before <= number {
        output.report(part.warnings[told].1)
        told += 1
      }
    }
    for number in part.records.indices {
      tell(before: number)
      try part.withLines(number) { try settle(part.records[number], lines: $0, to: output) }
    }
    tell(before: part.records.count)
    if let failure = part.failure { throw failure }
  }
}
