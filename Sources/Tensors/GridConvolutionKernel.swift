import Arrays
import CKernels

/// The size of a two-dimensional convolution over images of different sizes, padded with zeros to the same size.
public struct GridConvolutionSize: Sendable {
  /// Channels that come in.
  public let inputs: Int
  /// Channels that go out.
  public let outputs: Int
  /// The side of the kernel, odd.
  public let kernel: Int
  /// The first cell of each image, and the number of all cells.
  public let starts: [Int]
  /// The columns of each image.
  public let widths: [Int]

  /// Images of the cells of a grid (`Relation.grid`).
  public init(rows: [Int32], columns: [Int32], inputs: Int, outputs: Int, kernel: Int) {
    (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
    starts = Relation.cells(rows, columns)
    widths = (0..<max(0, rows.count - 1)).map { Int(columns[$0 + 1] - columns[$0]) }
  }

  /// All cells.
  public var cells: Int { starts.last ?? 0 }
  /// The values under the kernel at one cell.
  public var taps: Int { kernel * kernel * inputs }

  /// A row of cells of an image.
  struct Line {
    /// Its first cell.
    let cell: Int
    /// The number of its cells.
    let width: Int
    /// The number of rows above it, and that of all rows of the image.
    let row: Int
    let height: Int
  }

  /// The rows of all images, in the order of their cells.
  var lines: [Line] {
    widths.enumerated().flatMap { image, width in
      let height = width > 0 ? (starts[image + 1] - starts[image]) / width : 0
      return (0..<height).map { Line(cell: starts[image] + $0 * width, width: width, row: $0, height: height) }
    }
  }
}

/// Two-dimensional convolution, channels last, as matrix products over the windows of a row of cells.
///
/// `x` is cells × inputs, `y` cells × outputs, `weight` [outputs][inputs][kernel][kernel] as in PyTorch. Cells are laid
/// out in columns of `kernel` cells, zeros outside, so that the window of a cell is contiguous and overlaps that of the
/// next one: they are not copied for each cell. The memory is such a strip per worker and at most 16 partial sums of
/// the weights. A cell's value does not depend on its strip.
public enum GridConvolutionKernel {
  private static let strip = 256
  private static let mostSums = 16
  private static let kernels = FusedKernels.best

  /// Writes `y`.
  public static func forward(
    _ size: GridConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    product(size, channels: size.inputs, columns: size.outputs, work, rows(x, size.inputs), bias: bias, y: y) {
      tap, input, output in weight[(output * size.inputs + input) * size.kernel * size.kernel + tap]
    }
  }

  /// The same over one image without tables of its input and its values: `fill` writes the input at some columns of a
  /// row, `step` numbers from cell to cell, and `pass` gets the values there, which it may change. Both are called on
  /// several threads, `pass` once for each cell.
  public static func forward(
    _ size: GridConvolutionSize, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, _ work: Workspace,
    fill: (_ row: Int, _ columns: Range<Int>, _ to: UnsafeMutablePointer<Float>, _ step: Int) -> Void,
    pass: (_ row: Int, _ columns: Range<Int>, _ y: UnsafeMutablePointer<Float>, _ step: Int) -> Void
  ) {
    precondition(size.widths.count == 1, "one image")
    product(
      size, channels: size.inputs, columns: size.outputs, work,
      { _, row, columns, to, step in fill(row, columns, to, step) },
      bias: bias, pass: { line, range, y, step in pass(line.row, range, y, step) }
    ) { tap, input, output in weight[(output * size.inputs + input) * size.kernel * size.kernel + tap] }
  }

  /// Adds to `dX`, `dWeight` and `dBias` where they are wanted.
  public static func backward(
    _ size: GridConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?, dBias: UnsafeMutablePointer<Float>?,
    _ work: Workspace
  ) {
    if let dX {
      // The windows of dY under the kernel turned round: every cell gathers, none is written to twice.
      let last = size.kernel * size.kernel - 1
      product(
        size, channels: size.outputs, columns: size.inputs, work, rows(dY, size.outputs), bias: nil,
        pass: { line, range, values, step in
          for (row, column) in range.enumerated() {
            let (from, to) = (values + row * step, dX + (line.cell + column) * size.inputs)
            for input in 0..<size.inputs { to[input] += from[input] }
          }
        }
      ) {
        tap, output, input in weight[(output * size.inputs + input) * (last + 1) + last - tap]
      }
    }
    if let dWeight { addWeights(size, x, dY, dWeight, dBias, work) }
  }

  /// Writes the input at some columns of a row of the image that a line is of, `step` numbers from cell to cell.
  private typealias Source = (
    _ line: GridConvolutionSize.Line, _ row: Int, _ columns: Range<Int>, _ to: UnsafeMutablePointer<Float>, _ step: Int
  ) -> Void

  /// The input in a table, cells × channels.
  private static func rows(_ x: UnsafePointer<Float>, _ channels: Int) -> Source {
    { line, row, columns, to, step in
      let from = x + (line.cell + (row - line.row) * line.width + columns.lowerBound) * channels
      for column in 0..<columns.count { (to + column * step).update(from: from + column * channels, count: channels) }
    }
  }

  /// bias + windows of the input · matrix, `channels` under each tap in, `columns` out; a tap is row · kernel + column.
  /// The values go to `y` or to `pass`.
  private static func product(
    _ size: GridConvolutionSize, channels: Int, columns: Int, _ work: Workspace, _ source: Source,
    bias: UnsafePointer<Float>?, y: UnsafeMutablePointer<Float>? = nil,
    pass: (_ line: GridConvolutionSize.Line, _ range: Range<Int>, _ y: UnsafeMutablePointer<Float>, _ step: Int) ->
      Void = { _, _, _, _ in }, _ matrix: (_ tap: Int, _ channel: Int, _ column: Int) -> Float
  ) {
    let (kernel, panels) = (size.kernel, (columns + Int(CK_PANEL) - 1) / Int(CK_PANEL))
    let (depth, width) = (kernel * kernel * channels, panels * Int(CK_PANEL))
    let packed = work.packed(width * (depth + 1))
    packed.update(repeating: 0, count: width * (depth + 1))
    for column in 0..<columns {
      for tap in 0..<kernel * kernel {
        let first = (tap % kernel * kernel + tap / kernel) * channels
        for channel in 0..<channels {
          packed[FusedWeights.place(row: first + channel, column: column, depth: depth)] = matrix(tap, channel, column)
        }
      }
      packed[width * depth + column] = bias?[column] ?? 0
    }
    let step = kernel * channels
    forEachStrip(size, work) { _, line, range, worker in
      let cells = work.scratch(worker, (strip + kernel - 1) * step + strip * width)
      fill(cells, line, range, kernel, channels, source)
      let to = y.map { $0 + (line.cell + range.lowerBound) * columns }
      let out = (width == columns ? to : nil) ?? cells + (strip + kernel - 1) * step
      kernels.table.pointee.rows(
        cells, step, 0, 1, range.count, depth, packed, panels, packed + width * depth, out, width, 0)
      pass(line, range, out, width)
      guard let to, out != to else { return }
      for row in 0..<range.count { (to + row * columns).update(from: out + row * width, count: columns) }
    }
  }

  /// Calls `body` with the number of the task, and a stretch of at most `strip` columns of a row of cells.
  private static func forEachStrip(
    _ size: GridConvolutionSize, tasks: Int? = nil, _ work: Workspace,
    _ body: (_ task: Int, _ line: GridConvolutionSize.Line, _ range: Range<Int>, _ worker: Int) -> Void
  ) {
    let lines = size.lines
    let each = tasks.map { (lines.count + $0 - 1) / $0 } ?? max(1, strip / max(1, lines.first?.width ?? 1))
    work.pool.forEachBlock(lines.count, size: max(1, each)) { task, range, worker in
      for line in lines[range] {
        for start in stride(from: 0, to: line.width, by: strip) {
          body(task, line, start..<min(start + strip, line.width), worker)
        }
      }
    }
  }

  /// The cells under the kernel at a stretch of a row: [column][row under the kernel][channel], kernel − 1 columns more
  /// than the stretch.
  private static func fill(
    _ cells: UnsafeMutablePointer<Float>, _ line: GridConvolutionSize.Line, _ range: Range<Int>, _ kernel: Int,
    _ channels: Int, _ source: Source
  ) {
    let (first, step) = (range.lowerBound - kernel / 2, kernel * channels)
    let count = range.count + kernel - 1
    let inside = max(0, -first)..<max(0, -first, min(count, line.width - first))
    for under in 0..<kernel {
      let row = line.row + under - kernel / 2
      let to = cells + under * channels
      guard row >= 0, row < line.height else {
        for column in 0..<count { (to + column * step).update(repeating: 0, count: channels) }
        continue
      }
      for column in 0..<inside.lowerBound { (to + column * step).update(repeating: 0, count: channels) }
      source(line, row, first + inside.lowerBound..<first + inside.upperBound, to + inside.lowerBound * step, step)
      for column in inside.upperBound..<count { (to + column * step).update(repeating: 0, count: channels) }
    }
  }

  /// dW += dYᵀ · windows, a column of the kernel at a time: partial sums over at most 16 stretches of rows, added in
  /// their order.
  private static func addWeights(
    _ size: GridConvolutionSize, _ x: UnsafePointer<Float>, _ dY: UnsafePointer<Float>,
    _ dWeight: UnsafeMutablePointer<Float>, _ dBias: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let (kernel, step, one) = (size.kernel, size.kernel * size.inputs, size.outputs * (size.taps + 1))
    let sums = work.sums(mostSums * one)
    forEachStrip(size, tasks: mostSums, work) { task, line, range, worker in
      let cells = work.scratch(worker, (strip + kernel - 1) * step)
      fill(cells, line, range, kernel, size.inputs, rows(x, size.inputs))
      let (sum, dOut) = (sums + task * one, dY + (line.cell + range.lowerBound) * size.outputs)
      for column in 0..<kernel {
        BLAS.multiply(
          size.outputs, step, range.count, BLAS.Operand(dOut, stride: size.outputs, transposed: true),
          BLAS.Operand(cells + column * step, stride: step), adding: true, to: sum + column * step, stride: size.taps)
      }
      kernels.table.pointee.add_columns(dOut, range.count, size.outputs, sum + size.outputs * size.taps)
    }
    for task in 0..<mostSums {
      let sum = sums + task * one
      for output in 0..<size.outputs {
        for tap in 0..<kernel * kernel {
          let from = sum + output * size.taps + (tap % kernel * kernel + tap / kernel) * size.inputs
          for input in 0..<size.inputs {
            dWeight[(output * size.inputs + input) * kernel * kernel + tap] += from[input]
          }
        }
        dBias?[output] += sum[size.outputs * size.taps + output]
      }
    }
  }
}

/// Kernels for the cells of a row of a grid of node pairs: their sums before its convolutions, their logits behind.
public enum GridKernels {
  private static let kernels = FusedKernels.best

  /// y = ReLU(bias + row + column) for cells of `step` numbers; `columns` has `width` numbers a cell.
  public static func sums(
    bias: UnsafePointer<Float>, row: UnsafePointer<Float>, columns: UnsafePointer<Float>, cells: Int, width: Int,
    to y: UnsafeMutablePointer<Float>, step: Int
  ) {
    kernels.table.pointee.cell_sums(bias, row, columns, cells, width, y, step)
  }

  /// y = bias + weight · ReLU(x + [row, column]), or x + (row + column) for sums, for cells of `step` numbers in x.
  public static func logits(
    _ x: UnsafePointer<Float>, step: Int, row: UnsafePointer<Float>, columns: UnsafePointer<Float>, cells: Int,
    width: Int, isSum: Bool, weight: UnsafePointer<Float>, bias: Float, to y: UnsafeMutablePointer<Float>
  ) {
    kernels.table.pointee.cell_logits(x, step, row, columns, cells, width, isSum ? 1 : 0, weight, bias, y)
  }
}

/// The convolution of `GridConvolutionKernel` written as its definition; tests hold both equal.
public enum PlainGridConvolution {
  /// Writes `y`.
  public static func forward(
    _ size: GridConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>
  ) {
    for cell in 0..<size.cells { (y + cell * size.outputs).update(from: bias, count: size.outputs) }
    forEachProduct(size) { x0, w, y0 in y[y0] += x[x0] * weight[w] }
  }

  /// Adds to `dX`, `dWeight` and `dBias`.
  public static func backward(
    _ size: GridConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>, dWeight: UnsafeMutablePointer<Float>, dBias: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<size.cells * size.outputs { dBias[place % size.outputs] += dY[place] }
    forEachProduct(size) { x0, w, y0 in
      dX[x0] += dY[y0] * weight[w]
      dWeight[w] += dY[y0] * x[x0]
    }
  }

  private static func forEachProduct(_ size: GridConvolutionSize, _ body: (_ x: Int, _ weight: Int, _ y: Int) -> Void) {
    let (kernel, all) = (size.kernel, size.kernel * size.kernel)
    for line in size.lines {
      for (column, tap) in (0..<line.width).flatMap({ column in (0..<all).map { (column, $0) } }) {
        let (row, across) = (line.row + tap / kernel - kernel / 2, column + tap % kernel - kernel / 2)
        guard row >= 0, row < line.height, across >= 0, across < line.width else { continue }
        let (cell, neighbour) = (line.cell + column, line.cell + (row - line.row) * line.width + across)
        for output in 0..<size.outputs {
          for input in 0..<size.inputs {
            body(
              neighbour * size.inputs + input, (output * size.inputs + input) * all + tap, cell * size.outputs + output)
          }
        }
      }
    }
  }
}
