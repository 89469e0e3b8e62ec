import Tensors

/// The run of the blocks of a grid at the cells alone that the wanted ones depend on, and the values it keeps.
final class GridCellsRun {
  private let size: GridBlocks.Size
  private let cells: GridCells
  private let mask: Int
  /// The positions under both kernels of each block.
  private let places: [(first: [Int32], second: [Int32])]
  /// The nodes of the cells before the first block.
  private let nodes: [(left: Int, right: Int)]
  private let memory = Buffer<Float>()
  private let windows = Buffer<Float>()

  /// A run that computes `cells`.
  init(_ size: GridBlocks.Size, _ cells: GridCells, mask: Int) {
    (self.size, self.cells, self.mask) = (size, cells, mask)
    places = (0..<size.blocks).map {
      (
        cells.places(of: cells.inner[$0], in: cells.outer[$0]),
        cells.places(of: cells.outer[$0 + 1], in: cells.inner[$0])
      )
    }
    nodes = cells.nodes(of: cells.outer[0])
  }

  /// Where the values before each block (and after the last) begin, and those inside of each, and the end.
  private func offsets(_ channels: Int) -> (outer: [Int], inner: [Int], end: Int) {
    var (outer, inner, end) = ([Int](), [Int](), 0)
    for block in 0...size.blocks {
      outer.append(end)
      end += cells.outer[block].count * channels
      if block < size.blocks {
        inner.append(end)
        end += cells.inner[block].count * size.inner
      }
    }
    return (outer, inner, end)
  }

  private var taps: Int { size.kernel * size.kernel }

  /// Calls `body` with the sizes of both convolutions of a block.
  private func withConvolutions(
    _ block: Int, _ channels: Int, _ body: (_ first: CellConvolutionSize, _ second: CellConvolutionSize) -> Void
  ) {
    places[block].first.withUnsafeBufferPointer { first in
      places[block].second.withUnsafeBufferPointer { second in
        guard let one = first.baseAddress, let other = second.baseAddress else { return }
        body(
          CellConvolutionSize(
            cells: cells.inner[block].count, taps: taps, places: one, inputs: channels, outputs: size.inner),
          CellConvolutionSize(
            cells: cells.outer[block + 1].count, taps: taps, places: other, inputs: size.inner, outputs: channels))
      }
    }
  }

  // MARK: Forward

  /// Writes the logits of the wanted cells, and 0 for all others.
  func forward(_ values: LayerValues) {
    let channels = size.channels(values.shapes.inputs[0].channels)
    let (outer, inner, end) = offsets(channels)
    let start = memory.reserve(end)
    fill(values, start)
    for block in 0..<size.blocks {
      let (x, y, next) = (start + outer[block], start + inner[block], start + outer[block + 1])
      let count = cells.inner[block].count * size.inner
      withConvolutions(block, channels) { first, second in
        CellConvolutionKernel.forward(
          first, x: x, weight: values.parameters[4 * block], bias: values.parameters[4 * block + 1], y: y, values.work)
        ElementKernels.relu(count, x: y, y: y, values.work)
        drop(block, y, values)
        CellConvolutionKernel.forward(
          second, x: y, weight: values.parameters[4 * block + 2], bias: values.parameters[4 * block + 3], y: next,
          values.work)
      }
      forEachStay(block) { own, before in
        for channel in 0..<channels {
          next[own * channels + channel] = max(0, next[own * channels + channel] + x[before * channels + channel])
        }
      }
    }
    values.output.update(repeating: 0, count: values.count)
    let (q, weight) = (start + outer[size.blocks], values.parameters[4 * size.blocks])
    for (place, cell) in cells.outer[size.blocks].enumerated() {
      values.output[Int(cell)] =
        values.parameters[4 * size.blocks + 1][0] + GridBlocks.product(weight, q + place * channels, channels)
    }
  }

  /// The cells from their nodes.
  private func fill(_ values: LayerValues, _ q: UnsafeMutablePointer<Float>) {
    let (x, width) = (values.inputs[0], values.shapes.inputs[0].channels)
    let channels = size.channels(width)
    for (place, (left, right)) in nodes.enumerated() {
      let to = q + place * channels
      to.update(from: x + left * width, count: width)
      switch size.form {
      case .concatenated: (to + width).update(from: x + right * width, count: width)
      case .sum: for channel in 0..<width { to[channel] += x[right * width + channel] }
      }
    }
  }

  /// Calls `body` with the position of each cell after a block, and its position before the block.
  private func forEachStay(_ block: Int, _ body: (_ own: Int, _ before: Int) -> Void) {
    var before = 0
    let earlier = cells.outer[block]
    for (own, cell) in cells.outer[block + 1].enumerated() {
      while earlier[before] < cell { before += 1 }
      body(own, before)
    }
  }

  /// Dropout of a block; elements are counted through the values of all grids, as where all are computed.
  private func drop(_ block: Int, _ y: UnsafeMutablePointer<Float>, _ values: LayerValues) {
    guard size.dropout > 0, case .training(let seed, let epoch, let batch) = values.mode else { return }
    let mask = DropoutMask(
      probability: size.dropout, seed: seed, epoch: epoch, batch: batch, layer: self.mask + block)
    let width = size.inner
    for (place, cell) in cells.inner[block].enumerated() {
      for channel in 0..<width { y[place * width + channel] *= mask.factor(Int(cell) * width + channel) }
    }
  }

  // MARK: Backward

  /// Adds the derivatives, as `GridTileRun` does.
  func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let channels = size.channels(values.shapes.inputs[0].channels)
    let (outer, inner, _) = offsets(channels)
    let start = memory.start
    let most = (wide: cells.outer[0].count * channels, narrow: (cells.inner.map(\.count).max() ?? 0) * size.inner)
    let slopes = Buffer<Float>()
    let slope = slopes.reserve(2 * most.wide + 2 * most.narrow)
    let (sum, inside, active) = (slope + most.wide, slope + 2 * most.wide, slope + 2 * most.wide + most.narrow)
    begin(gradients, values, start + outer[size.blocks], slope)
    for block in (0..<size.blocks).reversed() {
      let (wide, narrow) = (cells.outer[block + 1].count * channels, cells.inner[block].count * size.inner)
      let parameters = gradients.parameters.map { Array($0[4 * block..<4 * block + 4]) }
      // The derivative in the sum under the block's last ReLU goes both ways.
      sum.update(repeating: 0, count: wide)
      ElementKernels.reluBackward(
        wide, y: start + outer[block + 1], dY: slope, guided: rule == .guided, dX: sum, values.work)
      slope.update(repeating: 0, count: cells.outer[block].count * channels)
      inside.update(repeating: 0, count: narrow)
      active.update(repeating: 0, count: narrow)
      withConvolutions(block, channels) { first, second in
        CellConvolutionKernel.backward(
          second, rows: cells.inner[block].count, x: start + inner[block], weight: values.parameters[4 * block + 2],
          dY: sum, dX: inside, dWeight: parameters?[2], dBias: parameters?[3], windows, values.work)
        drop(block, inside, values)
        ElementKernels.reluBackward(
          narrow, y: start + inner[block], dY: inside, guided: rule == .guided, dX: active, values.work)
        CellConvolutionKernel.backward(
          first, rows: cells.outer[block].count, x: start + outer[block], weight: values.parameters[4 * block],
          dY: active, dX: slope, dWeight: parameters?[0], dBias: parameters?[1], windows, values.work)
      }
      forEachStay(block) { own, before in
        for channel in 0..<channels { slope[before * channels + channel] += sum[own * channels + channel] }
      }
    }
    addNodes(gradients, values.shapes.inputs[0].channels, slope)
  }

  /// The derivatives in the values after the last block, and in the weights of the output.
  private func begin(
    _ gradients: LayerGradients, _ values: LayerValues, _ q: UnsafePointer<Float>, _ slope: UnsafeMutablePointer<Float>
  ) {
    let (channels, weight) = (size.channels(values.shapes.inputs[0].channels), values.parameters[4 * size.blocks])
    for (place, cell) in cells.outer[size.blocks].enumerated() {
      let (dY, at) = (gradients.output[Int(cell)], place * channels)
      for channel in 0..<channels {
        slope[at + channel] = dY * weight[channel]
        gradients.parameters?[4 * size.blocks][channel] += dY * q[at + channel]
      }
      gradients.parameters?[4 * size.blocks + 1][0] += dY
    }
  }

  private func addNodes(_ gradients: LayerGradients, _ width: Int, _ slope: UnsafePointer<Float>) {
    guard let dX = gradients.inputs[0] else { return }
    let channels = size.channels(width)
    for (place, (left, right)) in nodes.enumerated() {
      let from = slope + place * channels
      let other = from + (size.form == .concatenated ? width : 0)
      for channel in 0..<width {
        dX[left * width + channel] += from[channel]
        dX[right * width + channel] += other[channel]
      }
    }
  }
}
