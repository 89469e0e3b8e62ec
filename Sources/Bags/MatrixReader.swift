import Bytes
import Records

/// Reads a TSV matrix: a header, then one row per id; the first column is the id, the others are numbers or `NA`.
final class MatrixReader {
  let columns: [String]
  /// The id of the last row.
  private(set) var id = ""
  /// The kept values of the last row, NaN where one is missing.
  private(set) var row: [Double] = []
  private let lines: LineReader
  /// For each column of the file the index of its value in `row`, or −1.
  private var target: [Int] = []

  private static let tab = UInt8(ascii: "\t")

  /// Reads the header; throws `BagsError` for two columns of one name, and what the source throws.
  init(_ source: BlockSource, maxLine: Int) throws {
    lines = LineReader(source, maxLine: maxLine)
    guard let header = try lines.next() else {
      columns = []
      return
    }
    try Self.checkText(header, at: lines.place())
    columns = header.split(separator: Self.tab, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    var known: Set<String> = []
    for column in columns where !known.insert(column).inserted {
      throw BagsError(.repeatedColumn(column), at: lines.place())
    }
  }

  /// Chooses the columns of the file that are read, in this order.
  func keep(_ chosen: [Int]) {
    target = [Int](repeating: -1, count: columns.count)
    for (place, column) in chosen.enumerated() { target[column] = place }
    row = [Double](repeating: .nan, count: chosen.count)
  }

  var place: SourceLocation { lines.place() }

  /// Reads the next row; false at the end. Throws for a ragged row, an empty id and text among the numbers.
  func next() throws -> Bool {
    guard let line = try lines.next() else { return false }
    guard let start = line.baseAddress, !line.isEmpty else { throw raggedRow(line) }
    let end = start + line.count
    var next = start
    for column in columns.indices {
      if column > 0 {
        guard next < end, next.pointee == Self.tab else { throw raggedRow(line) }
        next += 1
      }
      if column == 0 {
        let stop = fieldEnd(next, end)
        try takeIdentifier(UnsafeBufferPointer(start: next, count: stop - next))
        next = stop
      } else if target[column] < 0 {
        next = fieldEnd(next, end)
      } else if let after = takeNumber(next, end, into: target[column]) {
        next = after
      } else {
        let field = UnsafeBufferPointer(start: next, count: fieldEnd(next, end) - next)
        throw notANumber(line, column, field, next - start)
      }
    }
    if next < end { throw raggedRow(line) }
    return true
  }

  private func fieldEnd(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var next = start
    while next < end, next.pointee != Self.tab { next += 1 }
    return next
  }

  /// Reads a number or `NA` that ends at a tab or at the end of the line; nil for anything else.
  private func takeNumber(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into place: Int
  ) -> UnsafePointer<UInt8>? {
    if let next = NumberText.scan(start, end, into: &row[place]), next == end || next.pointee == Self.tab {
      return next
    }
    guard end - start >= 2, start[0] == UInt8(ascii: "N"), start[1] == UInt8(ascii: "A") else { return nil }
    guard start + 2 == end || start[2] == Self.tab else { return nil }
    row[place] = .nan
    return start + 2
  }

  private func takeIdentifier(_ field: UnsafeBufferPointer<UInt8>) throws {
    if field.isEmpty { throw BagsError(.emptyIdentifier(column: columns[0]), at: lines.place(column: 1)) }
    let isMissing = field.count == 2 && field[0] == UInt8(ascii: "N") && field[1] == UInt8(ascii: "A")
    if let why = isMissing ? "is missing" : idFault(field) {
      throw BagsError(.unusableIdentifier(String(decoding: field, as: UTF8.self), why), at: lines.place(column: 1))
    }
    id = String(decoding: field, as: UTF8.self)
  }

  private func notANumber(
    _ line: UnsafeBufferPointer<UInt8>, _ column: Int, _ field: UnsafeBufferPointer<UInt8>, _ offset: Int
  ) -> BagsError {
    if line.count(where: { $0 == Self.tab }) != columns.count - 1 { return raggedRow(line) }
    let value = String(decoding: field, as: UTF8.self)
    return BagsError(.notANumber(value, column: columns[column]), at: lines.place(column: offset + 1))
  }

  private func raggedRow(_ line: UnsafeBufferPointer<UInt8>) -> BagsError {
    let fields = line.count { $0 == Self.tab } + 1
    return BagsError(.raggedRow(fields: fields, columns: columns.count), at: lines.place())
  }

  private static func checkText(_ bytes: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws {
    if UTF8Text.firstInvalid(in: bytes) != nil { throw BagsError(.notText, at: place) }
  }
}
