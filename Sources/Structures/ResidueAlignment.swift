/// The global alignment of two sequences of residues whose end gaps are free, and the pairs it makes.
///
/// Match 2, mismatch -1, gap -2 a residue (Needleman and Wunsch 1970, J Mol Biol 48:443, with the free ends of the
/// data's makers). The end is the best cell of the last row or column, of equal ones that of the last column, then the
/// first; on the way back a pair is preferred to a gap in the second sequence, that to one in the first. Aligned
/// residues of different types are a pair too.
public struct ResidueAlignment: Sendable {
  /// The residue of the second sequence that each of the first is aligned to; nil for one in a gap.
  public private(set) var partners: [Int?]

  /// The most cells of the table of the alignment, a byte each.
  public static let mostCells = 400_000_000

  private static let (match, mismatch, gap): (Int32, Int32, Int32) = (2, -1, -2)
  private enum Step { static let (pair, up, left): (UInt8, UInt8, UInt8) = (0, 1, 2) }

  /// Aligns two sequences; throws a `StructureError` where the table would be too large.
  public init(_ first: [AminoAcid], _ second: [AminoAcid]) throws {
    let (rows, columns) = (first.count, second.count)
    partners = .init(repeating: nil, count: rows)
    if rows == 0 || columns == 0 { return }
    guard rows <= Self.mostCells / columns else {
      throw StructureError(.limit, "\(rows) and \(columns) residues are too many to align")
    }
    var steps = [UInt8](repeating: Step.pair, count: rows * columns)
    var above = [Int32](repeating: 0, count: columns + 1)
    var row = above
    var lastColumn = [Int32](repeating: 0, count: rows + 1)
    for i in 1...rows {
      row[0] = 0
      for j in 1...columns {
        var (best, step) = (above[j - 1] + (first[i - 1] == second[j - 1] ? Self.match : Self.mismatch), Step.pair)
        if above[j] + Self.gap > best { (best, step) = (above[j] + Self.gap, Step.up) }
        if row[j - 1] + Self.gap > best { (best, step) = (row[j - 1] + Self.gap, Step.left) }
        row[j] = best
        steps[(i - 1) * columns + j - 1] = step
      }
      lastColumn[i] = row[columns]
      swap(&above, &row)
    }
    var (i, j) = Self.end(lastColumn: lastColumn, lastRow: above)
    while i > 0, j > 0 {
      switch steps[(i - 1) * columns + j - 1] {
      case Step.pair:
        partners[i - 1] = j - 1
        (i, j) = (i - 1, j - 1)
      case Step.up: i -= 1
      default: j -= 1
      }
    }
  }

  /// The first of the best cells of the last column, or of the last row where one of those is better.
  private static func end(lastColumn: [Int32], lastRow: [Int32]) -> (row: Int, column: Int) {
    let column = lastColumn.reduce(.min, max)
    let row = lastRow.reduce(.min, max)
    if column >= row { return (lastColumn.firstIndex(of: column) ?? 0, lastRow.count - 1) }
    return (lastColumn.count - 1, lastRow.firstIndex(of: row) ?? 0)
  }
}
