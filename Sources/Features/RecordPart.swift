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
  /// The error that ended the input after these records, or the encoding before the first record without a row.
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
