import Tensors

/// A part of a grid: the cells that it gives, and those around them that it computes.
struct GridTile {
  /// The number of the grid's first cell.
  let first: Int
  /// The nodes of the grid's first row and column.
  let row: Int
  let column: Int
  /// The rows and columns of the grid.
  let height: Int
  let width: Int
  /// Rows and columns that it gives.
  let inner: (rows: Range<Int>, columns: Range<Int>)
  /// Rows and columns that it computes.
  let outer: (rows: Range<Int>, columns: Range<Int>)

  /// The cells that it computes.
  var cells: Int { outer.rows.count * outer.columns.count }

  /// Calls `body` for each run of cells that it gives, a row of them: the first one's number in all grids, and in the
  /// tile, and how many they are.
  func forEachRun(_ body: (_ cell: Int, _ own: Int, _ count: Int) -> Void) {
    for row in inner.rows {
      let own =
        (row - outer.rows.lowerBound) * outer.columns.count + inner.columns.lowerBound - outer.columns.lowerBound
      body(first + row * width + inner.columns.lowerBound, own, inner.columns.count)
    }
  }

  /// Whether a derivative of the cells that it gives is not 0.
  func hasSlope(_ slopes: UnsafePointer<Float>) -> Bool {
    var found = false
    forEachRun { cell, _, count in
      for place in cell..<cell + count where slopes[place] != 0 { found = true }
    }
    return found
  }
}

/// The run of the blocks on one tile.
struct GridTileRun {
  private let size: GridBlocks.Size
  private let values: LayerValues
  private let tile: GridTile
  private let mask: Int
  private let nodes: Int
  private let channels: Int
  private let memory: UnsafeMutablePointer<Float>

  /// A run whose values begin at `memory`.
  init(
    _ size: GridBlocks.Size, _ values: LayerValues, _ tile: GridTile, mask: Int, at memory: UnsafeMutablePointer<Float>
  ) {
    (self.size, self.values, self.tile, self.mask, self.memory) = (size, values, tile, mask, memory)
    nodes = values.shapes.inputs[0].channels
    channels = size.channels(nodes)
  }

  /// The values before a block, or after the last.
  private func outer(_ block: Int) -> UnsafeMutablePointer<Float> {
    memory + block * tile.cells * (channels + size.inner)
  }

  /// The values between the two convolutions of a block, after ReLU and dropout.
  private func inner(_ block: Int) -> UnsafeMutablePointer<Float> { outer(block) + tile.cells * channels }

  private func convolution(_ inputs: Int, _ outputs: Int) -> GridConvolutionSize {
    GridConvolutionSize(
      rows: [0, Int32(tile.outer.rows.count)], columns: [0, Int32(tile.outer.columns.count)], inputs: inputs,
      outputs: outputs, kernel: size.kernel)
  }

  // MARK: Forward

  func forward() {
    fill()
    let (into, back) = (convolution(channels, size.inner), convolution(size.inner, channels))
    for block in 0..<size.blocks {
      let (x, y, next) = (outer(block), inner(block), outer(block + 1))
      if block == 0 {
        let (sums, step) = (GridPairSums(size, values, tile), tile.outer.columns.count * size.inner)
        let tables = sums.tables()
        for row in 0..<tile.outer.rows.count {
          sums.write(tables, row: row, 0..<tile.outer.columns.count, to: y + row * step, step: size.inner)
        }
      } else {
        GridConvolutionKernel.forward(
          into, x: x, weight: values.parameters[4 * block], bias: values.parameters[4 * block + 1], y: y, values.work)
        ElementKernels.relu(tile.cells * size.inner, x: y, y: y, values.work)
      }
      drop(block, from: y, to: y)
      GridConvolutionKernel.forward(
        back, x: y, weight: values.parameters[4 * block + 2], bias: values.parameters[4 * block + 3], y: next,
        values.work)
      for place in 0..<tile.cells * channels { next[place] = max(0, next[place] + x[place]) }
    }
  }

  /// Writes the logits of the cells that the tile gives.
  func write(to output: UnsafeMutablePointer<Float>) {
    let (q, weight) = (outer(size.blocks), values.parameters[4 * size.blocks])
    let bias = values.parameters[4 * size.blocks + 1][0]
    tile.forEachRun { cell, own, count in
      for place in 0..<count {
        output[cell + place] = bias + GridBlocks.product(weight, q + (own + place) * channels, channels)
      }
    }
  }

  /// The cells from their nodes.
  private func fill() {
    let (x, q) = (values.inputs[0], outer(0))
    forEachCell { left, right, cell in
      let to = q + cell * channels
      to.update(from: x + left * nodes, count: nodes)
      switch size.form {
      case .concatenated: (to + nodes).update(from: x + right * nodes, count: nodes)
      case .sum: for channel in 0..<nodes { to[channel] += x[right * nodes + channel] }
      }
    }
  }

  private func forEachCell(_ body: (_ left: Int, _ right: Int, _ cell: Int) -> Void) {
    var cell = 0
    for row in tile.outer.rows {
      for column in tile.outer.columns {
        body(tile.row + row, tile.column + column, cell)
        cell += 1
      }
    }
  }

  /// Dropout of a block; elements are counted through the values of all grids, so that a mask does not depend on tiles.
  private func drop(_ block: Int, from x: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>) {
    guard size.dropout > 0, case .training(let seed, let epoch, let batch) = values.mode else { return }
    let mask = DropoutMask(
      probability: size.dropout, seed: seed, epoch: epoch, batch: batch, layer: self.mask + block)
    let run = tile.outer.columns.count * size.inner
    for (place, row) in tile.outer.rows.enumerated() {
      let element = (tile.first + row * tile.width + tile.outer.columns.lowerBound) * size.inner
      for value in 0..<run { y[place * run + value] = x[place * run + value] * mask.factor(element + value) }
    }
  }

  // MARK: Backward

  /// Adds the derivatives; `memory` holds three tables of the tile's values.
  func backward(_ gradients: LayerGradients, _ rule: Rule, _ memory: Buffer<Float>) {
    let (wide, narrow) = (tile.cells * channels, tile.cells * size.inner)
    let slope = memory.reserve(2 * wide + 2 * narrow)
    let (sum, inside, active) = (slope + wide, slope + 2 * wide, slope + 2 * wide + narrow)
    start(gradients, slope)
    let (into, back) = (convolution(channels, size.inner), convolution(size.inner, channels))
    let parameters = gradients.parameters
    for block in (0..<size.blocks).reversed() {
      // The derivative in the sum under the block's last ReLU goes both ways.
      sum.update(repeating: 0, count: wide)
      ElementKernels.reluBackward(
        wide, y: outer(block + 1), dY: slope, guided: rule == .guided, dX: sum, values.work)
      inside.update(repeating: 0, count: narrow)
      GridConvolutionKernel.backward(
        back, x: inner(block), weight: values.parameters[4 * block + 2], dY: sum, dX: inside,
        dWeight: parameters?[4 * block + 2], dBias: parameters?[4 * block + 3], values.work)
      drop(block, from: inside, to: inside)
      active.update(repeating: 0, count: narrow)
      ElementKernels.reluBackward(
        narrow, y: inner(block), dY: inside, guided: rule == .guided, dX: active, values.work)
      GridConvolutionKernel.backward(
        into, x: outer(block), weight: values.parameters[4 * block], dY: active, dX: sum,
        dWeight: parameters?[4 * block], dBias: parameters?[4 * block + 1], values.work)
      slope.update(from: sum, count: wide)
    }
    addNodes(gradients, slope)
  }

  /// The derivatives in the values after the last block, and in the weights of the output.
  private func start(_ gradients: LayerGradients, _ slope: UnsafeMutablePointer<Float>) {
    let (q, weight) = (outer(size.blocks), values.parameters[4 * size.blocks])
    slope.update(repeating: 0, count: tile.cells * channels)
    tile.forEachRun { cell, own, count in
      for place in 0..<count where gradients.output[cell + place] != 0 {
        let (dY, at) = (gradients.output[cell + place], (own + place) * channels)
        for channel in 0..<channels {
          slope[at + channel] = dY * weight[channel]
          gradients.parameters?[4 * size.blocks][channel] += dY * q[at + channel]
        }
        gradients.parameters?[4 * size.blocks + 1][0] += dY
      }
    }
  }

  private func addNodes(_ gradients: LayerGradients, _ slope: UnsafeMutablePointer<Float>) {
    guard let dX = gradients.inputs[0] else { return }
    forEachCell { left, right, cell in
      let from = slope + cell * channels
      let other = from + (size.form == .concatenated ? nodes : 0)
      for channel in 0..<nodes {
        dX[left * nodes + channel] += from[channel]
        dX[right * nodes + channel] += other[channel]
      }
    }
  }
}
