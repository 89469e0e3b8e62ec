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

  /// Calls `body` for each cell of a range with the cells under the kernel, row by row; −1 outside of the image.
  func forEachCell(_ range: Range<Int>, _ body: (_ cell: Int, _ neighbours: [Int]) -> Void) {
    var neighbours = [Int](repeating: -1, count: kernel * kernel)
    var image = 0
    for cell in range {
      while cell >= starts[image + 1] { image += 1 }
      let (start, width) = (starts[image], widths[image])
      let height = (starts[image + 1] - start) / width
      let (row, column) = ((cell - start) / width, (cell - start) % width)
      for tap in 0..<kernel * kernel {
        let (i, j) = (row + tap / kernel - kernel / 2, column + tap % kernel - kernel / 2)
        neighbours[tap] = i >= 0 && i < height && j >= 0 && j < width ? start + i * width + j : -1
      }
      body(cell, neighbours)
    }
  }
}

/// Two-dimensional convolution, channels last, as matrix products over tiles of windows (im2col).
///
/// `x` is cells × inputs, `y` cells × outputs, `weight` [outputs][inputs][kernel][kernel] as in PyTorch. The memory is
/// a tile of windows per worker and at most 16 partial sums of the weights. A cell's value does not depend on its tile.
public enum GridConvolutionKernel {
  private static let tile = 128
  private static let mostSums = 16
  private static let kernels = FusedKernels.best

  /// Writes `y`.
  public static func forward(
    _ size: GridConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    product(size, channels: size.inputs, columns: size.outputs, work, x: x, bias: bias, y: y, adding: false) {
      tap, input, output in weight[(output * size.inputs + input) * size.kernel * size.kernel + tap]
    }
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
      product(size, channels: size.outputs, columns: size.inputs, work, x: dY, bias: nil, y: dX, adding: true) {
        tap, output, input in weight[(output * size.inputs + input) * (last + 1) + last - tap]
      }
    }
    if let dWeight { addWeights(size, x, dY, dWeight, dBias, work) }
  }

  /// y = bias + windows of x · matrix, `channels` under each tap in, `columns` out.
  private static func product(
    _ size: GridConvolutionSize, channels: Int, columns: Int, _ work: Workspace, x: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, y: UnsafeMutablePointer<Float>, adding: Bool,
    _ matrix: (_ tap: Int, _ channel: Int, _ column: Int) -> Float
  ) {
    let (all, panels) = (size.kernel * size.kernel, (columns + Int(CK_PANEL) - 1) / Int(CK_PANEL))
    let (depth, width) = (size.kernel * size.kernel * channels, panels * Int(CK_PANEL))
    let packed = work.packed(width * (depth + 1))
    packed.update(repeating: 0, count: width * (depth + 1))
    for column in 0..<columns {
      for tap in 0..<all {
        for channel in 0..<channels {
          packed[FusedWeights.place(row: tap * channels + channel, column: column, depth: depth)] =
            matrix(tap, channel, column)
        }
      }
      packed[width * depth + column] = bias?[column] ?? 0
    }
    work.pool.forEachBlock(size.cells, size: tile) { _, range, worker in
      let windows = work.scratch(worker, tile * (depth + width))
      let out = windows + tile * depth
      gather(size, range, channels, x, to: windows)
      kernels.table.pointee.rows(
        windows, depth, 0, 1, range.count, depth, packed, panels, packed + width * depth, out, width, 0)
      for row in 0..<range.count {
        let to = y + (range.lowerBound + row) * columns
        for column in 0..<columns { to[column] = out[row * width + column] + (adding ? to[column] : 0) }
      }
    }
  }

  /// The windows of a range of cells: [cell][tap][channel].
  private static func gather(
    _ size: GridConvolutionSize, _ range: Range<Int>, _ channels: Int, _ x: UnsafePointer<Float>,
    to windows: UnsafeMutablePointer<Float>
  ) {
    var to = windows
    size.forEachCell(range) { _, neighbours in
      for neighbour in neighbours {
        if neighbour < 0 {
          to.update(repeating: 0, count: channels)
        } else {
          to.update(from: x + neighbour * channels, count: channels)
        }
        to += channels
      }
    }
  }

  /// dW += dYᵀ · windows: partial sums over at most 16 stretches of cells, added in their order.
  private static func addWeights(
    _ size: GridConvolutionSize, _ x: UnsafePointer<Float>, _ dY: UnsafePointer<Float>,
    _ dWeight: UnsafeMutablePointer<Float>, _ dBias: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let stretch = max(tile, (size.cells + mostSums - 1) / mostSums)
    let (all, one) = (size.kernel * size.kernel, size.outputs * (size.taps + 1))
    let sums = work.sums(ThreadPool.blocks(size.cells, size: stretch) * one)
    work.pool.forEachBlock(size.cells, size: stretch) { task, range, worker in
      let windows = work.scratch(worker, tile * size.taps)
      let sum = sums + task * one
      for start in stride(from: range.lowerBound, to: range.upperBound, by: tile) {
        let part = start..<min(start + tile, range.upperBound)
        gather(size, part, size.inputs, x, to: windows)
        BLAS.multiply(
          size.outputs, size.taps, part.count,
          BLAS.Operand(dY + start * size.outputs, stride: size.outputs, transposed: true),
          BLAS.Operand(windows, stride: size.taps), adding: true, to: sum, stride: size.taps)
        kernels.table.pointee.add_columns(
          dY + start * size.outputs, part.count, size.outputs, sum + size.outputs * size.taps)
      }
    }
    for task in 0..<ThreadPool.blocks(size.cells, size: stretch) {
      let sum = sums + task * one
      for output in 0..<size.outputs {
        for tap in 0..<all {
          for input in 0..<size.inputs {
            dWeight[(output * size.inputs + input) * all + tap] += sum[output * size.taps + tap * size.inputs + input]
          }
        }
        dBias?[output] += sum[size.outputs * size.taps + output]
      }
    }
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
    let all = size.kernel * size.kernel
    size.forEachCell(0..<size.cells) { cell, neighbours in
      for (tap, neighbour) in neighbours.enumerated() where neighbour >= 0 {
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
