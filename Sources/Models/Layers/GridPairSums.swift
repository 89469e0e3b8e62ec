import Tensors

/// The first convolution of a grid of node pairs, from the nodes: what it sees at a cell is a part of the row's nodes
/// and a part of the column's, and so is what it makes of them.
///
///     conv(q)_ij = b + Σ_d (Σ_e V_de) x_{i+d} + Σ_e (Σ_d W_de) x_{j+e}
///
/// with V for the left part of a cell, W for the right.
///
/// The inner sums leave out taps beyond the edge of the grid, so that cells near an edge have tables of their own.
struct GridPairSums {
  private let size: GridBlocks.Size
  private let tile: GridTile
  private let x: UnsafePointer<Float>
  private let weight: UnsafePointer<Float>
  private let bias: UnsafePointer<Float>
  private let nodes: Int

  /// The convolution of the first block on a tile.
  init(_ size: GridBlocks.Size, _ values: LayerValues, _ tile: GridTile) {
    (self.size, self.tile, x) = (size, tile, values.inputs[0])
    (weight, bias) = (values.parameters[0], values.parameters[1])
    nodes = values.shapes.inputs[0].channels
  }

  /// The parts of the rows' nodes and of the columns'.
  func tables() -> (rows: Table, columns: Table) {
    (
      table(tile.outer.rows, tile.row, tile.height, others: tile.outer.columns, tile.width, isRow: true),
      table(tile.outer.columns, tile.column, tile.width, others: tile.outer.rows, tile.height, isRow: false)
    )
  }

  /// Writes ReLU of the values at some columns of a row of the tile, counted in it, `step` numbers from cell to cell.
  @inline(__always)
  func write(
    _ tables: (rows: Table, columns: Table), row: Int, _ columns: Range<Int>, to y: UnsafeMutablePointer<Float>,
    step: Int
  ) {
    let (inner, starts) = (size.inner, tables.rows.starts)
    tables.rows.values.withUnsafeBufferPointer { left in
      tables.columns.values.withUnsafeBufferPointer { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        // Columns with the same table of the row's part, all but those near an edge, are written together.
        var first = columns.lowerBound
        while first < columns.upperBound {
          var end = first + 1
          while end < columns.upperBound, starts[end] == starts[first] { end += 1 }
          GridKernels.sums(
            bias: bias, row: left + starts[first] + row * inner,
            columns: right + tables.columns.starts[row] + first * inner, cells: end - first, width: inner,
            to: y + (first - columns.lowerBound) * step, step: step)
          first = end
        }
      }
    }
  }

  /// The parts of one side, nodes × inner, as often as the edges cut the kernel in another way across.
  struct Table {
    fileprivate(set) var values: [Float] = []
    /// For each node of the other side where its values begin.
    fileprivate(set) var starts: [Int] = []
  }

  private func table(
    _ range: Range<Int>, _ first: Int, _ extent: Int, others: Range<Int>, _ otherExtent: Int, isRow: Bool
  ) -> Table {
    var (table, known) = (Table(), [Range<Int>: Int]())
    for other in others {
      let taps = taps(at: other, of: otherExtent)
      if known[taps] == nil {
        known[taps] = table.values.count
        table.values += values(range, first, extent, across: taps, isRow: isRow)
      }
      table.starts.append(known[taps] ?? 0)
    }
    return table
  }

  /// The taps of the kernel that lie on the grid at a row or column.
  private func taps(at place: Int, of extent: Int) -> Range<Int> {
    let reach = size.kernel / 2
    return max(0, reach - place)..<min(size.kernel, extent - place + reach)
  }

  /// nodes × inner.
  private func values(
    _ range: Range<Int>, _ first: Int, _ extent: Int, across: Range<Int>, isRow: Bool
  ) -> [Float] {
    let (kernel, inner, channels) = (size.kernel, size.inner, size.channels(nodes))
    let offset = !isRow && size.form == .concatenated ? nodes : 0
    // The weights summed across, [tap][node's channel][inner channel].
    var summed = [Float](repeating: 0, count: kernel * nodes * inner)
    for (place, output) in (0..<kernel * nodes).flatMap({ place in (0..<inner).map { (place, $0) } }) {
      let (tap, channel) = (place / nodes, place % nodes)
      let from = weight + (output * channels + offset + channel) * kernel * kernel
      for other in across {
        summed[place * inner + output] += from[isRow ? tap * kernel + other : other * kernel + tap]
      }
    }
    var values = [Float](repeating: 0, count: range.count * inner)
    values.withUnsafeMutableBufferPointer { values in
      summed.withUnsafeBufferPointer { summed in
        guard let values = values.baseAddress, let summed = summed.baseAddress else { return }
        for (row, place) in range.enumerated() {
          let to = values + row * inner
          for tap in taps(at: place, of: extent) {
            let from = x + (first + place + tap - kernel / 2) * nodes
            for channel in 0..<nodes {
              let (factor, own) = (from[channel], summed + (tap * nodes + channel) * inner)
              for output in 0..<inner { to[output] += factor * own[output] }
            }
          }
        }
      }
    }
    return values
  }
}
