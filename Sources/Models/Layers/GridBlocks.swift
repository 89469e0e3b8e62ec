import Arrays
import Tensors

/// High-order pairwise interactions: a logit for each pair of nodes of the two graphs of an example, from the grid of
/// all their pairs.
///
///     q_ij = [x_i, x_j], or x_i + x_j
///     q   := ReLU(q + conv(dropout(ReLU(conv q))))      blocks times; kernels odd, zeros outside of the grid
///     y_ij = w · q_ij + b
///
/// It is `PairGrid`, `Convolution2D`, `ReLU`, `Dropout`, `Add` and `Dense` in one, so that a grid is computed in tiles
/// with the cells around them that they depend on: the numbers are those of the whole grid, and the memory that of a
/// tile. Training keeps the values of all tiles where they fit `mostKept`, and computes them again where not. Where
/// training wants few cells, only what these depend on is computed (`GridCellsRun`).
public struct GridBlocks: Layer {
  /// The sizes of the blocks.
  public struct Size: Sendable {
    /// The join of two nodes in a cell.
    public let form: PairGrid.Form
    /// The number of blocks, at least 1.
    public let blocks: Int
    /// The channels between the two convolutions of a block.
    public let inner: Int
    /// The side of the kernels, odd.
    public let kernel: Int
    /// The share of the values that are dropped in training.
    public let dropout: Double

    /// These sizes.
    public init(_ form: PairGrid.Form, blocks: Int, inner: Int, kernel: Int, dropout: Double = 0) {
      (self.form, self.blocks, self.inner, self.kernel) = (form, blocks, inner, kernel)
      self.dropout = dropout
    }

    /// The cells around a tile that its values depend on.
    var halo: Int { 2 * blocks * (kernel / 2) }

    func channels(_ nodes: Int) -> Int { form == .concatenated ? 2 * nodes : nodes }

    /// Numbers that a cell has on its way: the values before each block and after the last, and those inside of each.
    func numbers(_ nodes: Int) -> Int { (blocks + 1) * channels(nodes) + blocks * inner }
  }

  private let size: Size
  private let name: String
  private let cells: Axis
  private let mask: Int
  private let tile: Int
  private let wanted: String?
  /// Numbers that are kept for the way back, 256 MB.
  static let mostKept = 1 << 26

  /// Blocks over the grid `relation`, whose sides both lie on the input's axis; values on the axis `cells`. The masks
  /// of dropout have the numbers from `mask` on, one per block. A tile has `tile` cells on either side. Where `wanted`
  /// is an index of cells, a training run need not give others than these.
  public init(_ size: Size, _ relation: String, _ cells: Axis, mask: Int, tile: Int = 128, wanted: String? = nil) {
    precondition(size.kernel % 2 == 1 && tile > 0, "a kernel with a middle")
    (self.size, name, self.cells, self.mask, self.tile) = (size, relation, cells, mask, tile)
    self.wanted = wanted
  }

  /// The grid; so cells see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// A number per cell; nil unless the input has one position.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0].positions == 1 ? Shape(cells, positions: 1) : nil }

  /// A grid that does not fit the input's rows, or the axis of cells; an index of wanted cells outside of it.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    if let wanted, let index = batch.relations[wanted],
      let fault = index.fault(rows: batch.count[.instance] ?? 0, others: batch.count[cells] ?? 0)
    {
      return fault
    }
    guard case .grid? = batch.relations[name] else { return "is not a grid of the batch" }
    let nodes = batch.count[inputs[0].axis] ?? 0
    return batch.relations[name]?.fault(rows: nodes, others: nodes, cells: batch.count[cells] ?? 0)
  }

  /// blockN.conv1, blockN.conv2 and output, each with weight and bias, uniform as in PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let channels = size.channels(inputs[0].channels)
    func pair(_ name: String, _ shape: [Int]) -> [Parameters.Request] {
      let bound = 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot()
      return [
        Parameters.Request("\(name).weight", shape, .uniform(bound: bound)),
        Parameters.Request("\(name).bias", [shape[0]], .uniform(bound: bound)),
      ]
    }
    return (1...size.blocks).flatMap {
      pair("block\($0).conv1", [size.inner, channels, size.kernel, size.kernel])
        + pair("block\($0).conv2", [channels, size.inner, size.kernel, size.kernel])
    } + pair("output", [1, channels])
  }

  /// Tile by tile.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let few = values.engine { Few() }
    few.run = fewCells(values)
    if let run = few.run { return run.forward(values) }
    if size.blocks == 1, values.mode == .inference { return forwardInRows(values) }
    let (tiles, keeps) = (tiles(values, side: tile), keeps(values))
    var memory = values.notes.reserve(memory(of: tiles, values, keeps: keeps))
    for tile in tiles {
      let run = GridTileRun(size, values, tile, mask: mask, at: memory)
      run.forward()
      run.write(to: values.output)
      if keeps { memory += tile.cells * numbers(values) }
    }
  }

  /// One block on whole grids, without tables of their cells: what lies under the second convolution is made of the
  /// nodes, and its values become logits at once.
  private func forwardInRows(_ values: LayerValues) {
    let (x, nodes) = (values.inputs[0], values.shapes.inputs[0].channels)
    let (channels, weight, bias) = (size.channels(nodes), values.parameters[4], values.parameters[5][0])
    for tile in tiles(values, side: .max) {
      let sums = GridPairSums(size, values, tile)
      let tables = sums.tables()
      let whole = GridConvolutionSize(
        rows: [0, Int32(tile.height)], columns: [0, Int32(tile.width)], inputs: size.inner, outputs: channels,
        kernel: size.kernel)
      GridConvolutionKernel.forward(
        whole, weight: values.parameters[2], bias: values.parameters[3], values.work,
        fill: { row, columns, to, step in sums.write(tables, row: row, columns, to: to, step: step) },
        pass: { row, columns, y, step in
          GridKernels.logits(
            y, step: step, row: x + (tile.row + row) * nodes, columns: x + (tile.column + columns.lowerBound) * nodes,
            cells: columns.count, width: nodes, isSum: size.form == .sum, weight: weight, bias: bias,
            to: values.output + tile.first + row * tile.width + columns.lowerBound)
        })
    }
  }

  /// a · b, in eight sums.
  static func product(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var (sums, place) = (SIMD8<Float>.zero, 0)
    while place + 8 <= count {
      sums +=
        UnsafeRawPointer(a + place).loadUnaligned(as: SIMD8<Float>.self)
        * UnsafeRawPointer(b + place).loadUnaligned(as: SIMD8<Float>.self)
      place += 8
    }
    var sum = sums.sum()
    while place < count {
      sum += a[place] * b[place]
      place += 1
    }
    return sum
  }

  /// The run of few cells, between forward and backward.
  private final class Few {
    var run: GridCellsRun?
  }

  /// The run at the wanted cells alone, where training wants so few that it is less than half the work.
  private func fewCells(_ values: LayerValues) -> GridCellsRun? {
    guard case .training = values.mode, let wanted, case .index(let index)? = values.batch.relations[wanted] else {
      return nil
    }
    let (rows, columns) = values.batch.grid(name)
    if 2 * index.count > Relation.cells(rows, columns).last ?? 0 { return nil }
    let cells = GridCells(wanted: index, rows: rows, columns: columns, blocks: size.blocks, kernel: size.kernel)
    return cells.work < size.blocks * cells.all ? GridCellsRun(size, cells, mask: mask) : nil
  }

  /// Tile by tile in the same order. Guided backpropagation is not linear in the derivatives of the output, so that a
  /// grid is one tile then.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    if let run = values.engine({ Few() }).run { return run.backward(values, gradients, rule) }
    let keeps = keeps(values) && rule != .guided
    let tiles = tiles(values, side: rule == .guided ? .max : tile)
    let (slopes, again) = (Buffer<Float>(), Buffer<Float>())
    var memory = keeps ? values.notes.start : again.reserve(memory(of: tiles, values, keeps: false))
    for tile in tiles {
      if tile.hasSlope(gradients.output) {
        let run = GridTileRun(size, values, tile, mask: mask, at: memory)
        if !keeps { run.forward() }
        run.backward(gradients, rule, slopes)
      }
      if keeps { memory += tile.cells * numbers(values) }
    }
  }

  private func numbers(_ values: LayerValues) -> Int { size.numbers(values.shapes.inputs[0].channels) }

  /// The numbers of all tiles, or of the largest.
  private func memory(of tiles: [GridTile], _ values: LayerValues, keeps: Bool) -> Int {
    (keeps ? tiles.reduce(0) { $0 + $1.cells } : tiles.map(\.cells).max() ?? 0) * numbers(values)
  }

  /// Whether the values of all tiles are kept for the way back.
  private func keeps(_ values: LayerValues) -> Bool {
    guard case .training = values.mode else { return false }
    return memory(of: tiles(values, side: tile), values, keeps: true) <= Self.mostKept
  }

  /// The tiles of all grids, of `side` cells on either side.
  private func tiles(_ values: LayerValues, side: Int) -> [GridTile] {
    let (rows, columns) = values.batch.grid(name)
    let starts = Relation.cells(rows, columns)
    var tiles: [GridTile] = []
    for example in 0..<max(0, rows.count - 1) {
      let (height, width) = (Int(rows[example + 1] - rows[example]), Int(columns[example + 1] - columns[example]))
      let side = max(1, min(side, max(height, width)))
      for top in stride(from: 0, to: height, by: side) {
        for left in stride(from: 0, to: width, by: side) {
          let (bottom, right) = (min(height, top + side), min(width, left + side))
          tiles.append(
            GridTile(
              first: starts[example], row: Int(rows[example]), column: Int(columns[example]), height: height,
              width: width,
              inner: (top..<bottom, left..<right),
              outer: (
                max(0, top - size.halo)..<min(height, bottom + size.halo),
                max(0, left - size.halo)..<min(width, right + size.halo)
              )))
        }
      }
    }
    return tiles
  }
}
