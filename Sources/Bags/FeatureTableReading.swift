import Bytes
import Records

extension FeatureTable {
  /// Chooses and orders the columns that are kept, given the names of all; throws where they do not suffice.
  public typealias Selection = ([String]) throws -> [Int]

  /// Reads a table keyed by id: a feature stream (NDJSON or TSV), or any TSV matrix whose first column is the id,
  /// whatever its name. Reserved columns are no features.
  ///
  /// Throws `BagsError` for FASTA, bags, text among the numbers and an id that stands twice, and what readers throw.
  public static func read(
    _ source: BlockSource, gaps: GapRule, options: ReaderOptions, tally: Tally,
    select: Selection = { Array($0.indices) }
  ) throws -> FeatureTable {
    let replayed = try ReplayedSource(source)
    switch replayed.firstByte {
    case UInt8(ascii: ">"): throw BagsError(.fasta(source.name))
    case UInt8(ascii: "{"):
      return try readStream(replayed, gaps: gaps, options: options, tally: tally, select: select)
    default: return try readMatrix(replayed, gaps: gaps, maxLine: options.maxLine, tally: tally, select: select)
    }
  }

  private static func readStream(
    _ source: BlockSource, gaps: GapRule, options: ReaderOptions, tally: Tally, select: Selection
  ) throws -> FeatureTable {
    var passing = options
    passing.keepMissing = true
    passing.format = .ndjson
    let reader = try RecordReader(source, options: passing, report: { tally.report($0) })
    guard reader.kind == .feature else { throw BagsError(.wrongKind(source.name)) }
    guard let names = reader.schema?.names else { throw BagsError(.noSchema, at: Place(source: source.name)) }
    let chosen = try select(names)
    let table = FeatureTable(names: chosen.map { names[$0] }, gaps: gaps)
    var row = [Double](repeating: 0, count: chosen.count)
    while let record = try reader.next() {
      for (place, column) in chosen.enumerated() { row[place] = record.values[column] }
      try row.withUnsafeBufferPointer { try table.append(id: record.bag, $0, at: record.place, tally: tally) }
    }
    table.finish()
    return table
  }

  private static func readMatrix(
    _ source: BlockSource, gaps: GapRule, maxLine: Int, tally: Tally, select: Selection
  ) throws -> FeatureTable {
    let reader = try MatrixReader(source, maxLine: maxLine)
    let features = reader.columns.indices.filter { $0 > 0 && !reservedColumns.contains(reader.columns[$0]) }
    let names = features.map { reader.columns[$0] }
    let chosen = try select(names)
    let table = FeatureTable(names: chosen.map { names[$0] }, gaps: gaps)
    if table.width == 0 { throw BagsError(.emptyTable, at: Place(source: source.name, line: 1)) }
    reader.keep(chosen.map { features[$0] })
    while try reader.next() {
      try reader.row.withUnsafeBufferPointer {
        try table.append(id: reader.id, $0, at: reader.place, tally: tally)
      }
    }
    table.finish()
    return table
  }
}

/// A block source that has been looked into: it gives its first block again.
final class ReplayedSource: BlockSource {
  private let source: BlockSource
  private var block: [UInt8]
  private var position = 0

  init(_ source: BlockSource) throws {
    self.source = source
    var filled = 0
    block = [UInt8](repeating: 0, count: 1 << 16)
    // Blank space may stand before the first byte that tells the form.
    repeat {
      let count = try block.withUnsafeMutableBytes {
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
      }
      filled += count
      if count == 0 { break }
    } while filled < block.count && block[..<filled].allSatisfy(Self.isBlank)
    block.removeLast(block.count - filled)
  }

  var name: String { source.name }

  /// The first byte that is no blank, byte order marks left aside; 0 when there is none.
  var firstByte: UInt8 { block.first { !Self.isBlank($0) } ?? 0 }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let left = block.count - position
    if left == 0 { return try source.read(into: buffer) }
    let count = min(left, buffer.count)
    buffer.copyBytes(from: block[position..<position + count])
    position += count
    if position == block.count {
      block = []
      position = 0
    }
    return count
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains(byte)
  }
}
