import Arrays

/// The cells that some cells of grids depend on, from block to block: those before each block and after the last, and
/// those between the two convolutions of each. All are numbers in the grids of a batch, rising.
struct GridCells {
  /// The cells before each block, and those that are wanted after the last.
  private(set) var outer: [[Int32]]
  /// The cells between the two convolutions of each block.
  private(set) var inner: [[Int32]] = []
  private let rows: [Int32]
  private let columns: [Int32]
  private let starts: [Int]
  private let kernel: Int

  /// The cells that `wanted` depend on, which may repeat.
  init(wanted: [Int32], rows: [Int32], columns: [Int32], blocks: Int, kernel: Int) {
    (self.rows, self.columns, self.kernel) = (rows, columns, kernel)
    starts = Relation.cells(rows, columns)
    outer = []
    var marks = [Bool](repeating: false, count: starts.last ?? 0)
    for cell in wanted { marks[Int(cell)] = true }
    outer = [Self.taken(&marks)]
    for _ in 0..<blocks {
      inner.insert(around(outer[0], &marks), at: 0)
      outer.insert(around(inner[0], &marks), at: 0)
    }
  }

  /// The cells of all grids.
  var all: Int { starts.last ?? 0 }

  /// The cells at which convolutions are computed.
  var work: Int { inner.reduce(0) { $0 + $1.count } + outer.dropFirst().reduce(0) { $0 + $1.count } }

  /// For each of some cells and each tap of the kernel the position among `others`; −1 outside of the grid.
  func places(of cells: [Int32], in others: [Int32]) -> [Int32] {
    var positions = [Int32](repeating: -1, count: all)
    for (position, cell) in others.enumerated() { positions[Int(cell)] = Int32(position) }
    var places: [Int32] = []
    places.reserveCapacity(cells.count * kernel * kernel)
    forEachTap(cells) { cell in places.append(cell < 0 ? -1 : positions[cell]) }
    return places
  }

  /// The nodes of each of some cells.
  func nodes(of cells: [Int32]) -> [(left: Int, right: Int)] {
    var nodes: [(left: Int, right: Int)] = []
    forEachCell(cells) { grid, row, column in nodes.append((Int(rows[grid]) + row, Int(columns[grid]) + column)) }
    return nodes
  }

  private func around(_ cells: [Int32], _ marks: inout [Bool]) -> [Int32] {
    marks.withUnsafeMutableBufferPointer { marks in
      forEachTap(cells) { cell in if cell >= 0 { marks[cell] = true } }
    }
    return Self.taken(&marks)
  }

  /// The marked cells, whose marks are taken away.
  private static func taken(_ marks: inout [Bool]) -> [Int32] {
    var cells: [Int32] = []
    for cell in marks.indices where marks[cell] {
      cells.append(Int32(cell))
      marks[cell] = false
    }
    return cells
  }

  /// Calls `body` with the number of each cell under the kernel at each of `cells`, row by row; −1 outside.
  @inline(__always)
  private func forEachTap(_ cells: [Int32], _ body: (_ cell: Int) -> Void) {
    let reach = kernel / 2
    forEachCell(cells) { grid, row, column in
      let width = Int(columns[grid + 1] - columns[grid])
      let height = Int(rows[grid + 1] - rows[grid])
      for under in row - reach...row + reach {
        for across in column - reach...column + reach {
          let isInside = under >= 0 && under < height && across >= 0 && across < width
          body(isInside ? starts[grid] + under * width + across : -1)
        }
      }
    }
  }

  @inline(__always)
  private func forEachCell(_ cells: [Int32], _ body: (_ grid: Int, _ row: Int, _ column: Int) -> Void) {
    var grid = 0
    for cell in cells {
      while Int(cell) >= starts[grid + 1] { grid += 1 }
      let (own, width) = (Int(cell) - starts[grid], Int(columns[grid + 1] - columns[grid]))
      body(grid, own / width, own % width)
    }
  }
}
