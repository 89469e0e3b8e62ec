import Bytes
import Dispatch
import Records

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
        encoder, options.grouping == nil ? output.writer?.anotherFormatter() : nil,
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
