/// A relation of the rows of one axis to the rows of another.
///
/// Every case says which row numbers it holds; `fault` finds what does not fit. The order of its numbers is the order
/// in which layers add, so the same relation gives the same bytes.
public enum Relation: Sendable, Equatable {
  /// Consecutive rows of one axis make up the rows of another: the instances of a bag, the atoms of a drug.
  ///
  /// Shape: groups + 1 offsets that ascend from 0 to the number of rows; group i holds the rows
  /// `offsets[i]..<offsets[i + 1]`.
  case segments([Int32])
  /// Each row of one axis points to a row of another: pair → gene, example → distinct protein.
  ///
  /// Shape: one row number of the other axis per row.
  case index([Int32])
  /// Directed edges over the rows of one axis: bonds, nearest residues. Edge e carries something from row `from[e]`
  /// into row `into[e]`; an undirected bond is two edges. Rows of an axis of edges have the same order, so that
  /// features of edges are a dense port on that axis.
  ///
  /// Shape: two row numbers per edge, in any order of edges.
  case edges(into: [Int32], from: [Int32])
  /// All pairs of a row on the left and a row on the right of the same example: residues of a ligand and of its
  /// receptor. The cells are never listed: example e has (rows[e + 1] − rows[e]) × (columns[e + 1] − columns[e]) of
  /// them, row by row, after those of the examples before it.
  ///
  /// Shape: examples + 1 ascending row numbers on either side. Both sides may lie on one axis, and need not begin at 0.
  case grid(rows: [Int32], columns: [Int32])
}

extension Relation {
  /// The reason why a relation does not fit axes of these sizes; nil where it fits.
  ///
  /// - Parameters:
  ///   - rows: Segments: rows that are grouped. Index: rows that point. Edges: edges. Grid: rows of the left axis.
  ///   - others: Segments: groups. Index: rows pointed to. Edges: rows at their ends. Grid: rows of the right axis.
  ///   - cells: Grid: the rows of the axis of cells.
  public func fault(rows: Int, others: Int, cells: Int = 0) -> String? {
    switch self {
    case .segments(let offsets):
      if offsets.count != others + 1 {
        return "\(offsets.count) offsets for \(others) groups, \(others + 1) are needed"
      }
      if let first = offsets.first, first != 0 { return "the first offset is \(first), not 0" }
      if let last = offsets.last, Int(last) != rows { return "the last offset is \(last), not the \(rows) rows" }
      return Self.descent(offsets, "offset")
    case .index(let targets):
      if targets.count != rows { return "\(targets.count) row numbers for \(rows) rows" }
      return Self.outside(targets, others, "row")
    case .edges(let into, let from):
      if into.count != rows || from.count != rows {
        return "edges into \(into.count) and from \(from.count) rows, \(rows) edges"
      }
      return Self.outside(into, others, "edge into row") ?? Self.outside(from, others, "edge from row")
    case .grid(let left, let right):
      if left.isEmpty || left.count != right.count {
        return "\(left.count) offsets of rows, \(right.count) of columns"
      }
      if let fault = Self.descent(left, "offset of rows") ?? Self.descent(right, "offset of columns") { return fault }
      if let fault = Self.beyond(left, rows, "rows") ?? Self.beyond(right, others, "columns") { return fault }
      let found = Self.cells(left, right).last ?? 0
      return found == cells ? nil : "\(found) cells of a grid on an axis of \(cells)"
    }
  }

  /// The first cell of each example of a grid, and the number of all cells at the end: examples + 1 numbers.
  public static func cells(_ rows: [Int32], _ columns: [Int32]) -> [Int] {
    var result = [0]
    for example in 0..<max(0, min(rows.count, columns.count) - 1) {
      let height = Int(rows[example + 1]) - Int(rows[example])
      let width = Int(columns[example + 1]) - Int(columns[example])
      result.append(result[example] + height * width)
    }
    return result
  }

  private static func descent(_ offsets: [Int32], _ what: String) -> String? {
    for place in offsets.indices.dropFirst() where offsets[place] < offsets[place - 1] {
      return "\(what) \(place) is \(offsets[place]), below the one before it, \(offsets[place - 1])"
    }
    return nil
  }

  private static func outside(_ numbers: [Int32], _ count: Int, _ what: String) -> String? {
    for (place, number) in numbers.enumerated() where number < 0 || Int(number) >= count {
      return "\(what) \(number) (number \(place)), rows are 0 to \(count - 1)"
    }
    return nil
  }

  /// For offsets that ascend.
  private static func beyond(_ offsets: [Int32], _ count: Int, _ what: String) -> String? {
    guard let first = offsets.first, let last = offsets.last, first < 0 || Int(last) > count else { return nil }
    return "offsets of \(what) from \(first) to \(last), there are \(count) rows"
  }
}

extension Batch {
  /// The row numbers of a relation that is an index, which the batch must have.
  public func index(_ name: String) -> [Int32] {
    guard case .index(let rows)? = relations[name] else { preconditionFailure("a batch with the index \(name)") }
    return rows
  }

  /// The ends of a relation of edges, which the batch must have.
  public func edges(_ name: String) -> (into: [Int32], from: [Int32]) {
    guard case .edges(let into, let from)? = relations[name] else {
      preconditionFailure("a batch with the edges \(name)")
    }
    return (into, from)
  }

  /// The offsets of a relation that is a grid, which the batch must have.
  public func grid(_ name: String) -> (rows: [Int32], columns: [Int32]) {
    guard case .grid(let rows, let columns)? = relations[name] else {
      preconditionFailure("a batch with the grid \(name)")
    }
    return (rows, columns)
  }
}
