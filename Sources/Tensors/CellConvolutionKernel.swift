/// The size of a two-dimensional convolution at some cells of a grid, and the rows under its kernel.
public struct CellConvolutionSize {
  /// Channels that come in.
  public let inputs: Int
  /// Channels that go out.
  public let outputs: Int
  /// The values of a kernel per channel.
  public let taps: Int
  /// The number of cells.
  public let cells: Int
  /// For each cell and tap the row of the input, −1 for zeros; a tap is row · kernel + column.
  public let places: UnsafePointer<Int32>

  /// A convolution at `cells` cells.
  public init(cells: Int, taps: Int, places: UnsafePointer<Int32>, inputs: Int, outputs: Int) {
    (self.cells, self.taps, self.places, self.inputs, self.outputs) = (cells, taps, places, inputs, outputs)
  }

  /// The values under the kernel at one cell.
  var depth: Int { taps * inputs }
}

/// `GridConvolutionKernel` at some cells of a grid alone.
///
/// `x` is rows × inputs, `y` cells × outputs, `weight` [outputs][inputs][taps] as in PyTorch. The windows of 256 cells
/// are copied beside each other and multiplied. All sums run in an order that threads don't change.
public enum CellConvolutionKernel {
  private static let block = 256
  private static let mostSums = 16
  private static let kernels = FusedKernels.best

  /// Writes `y`.
  public static func forward(
    _ size: CellConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let (depth, outputs) = (size.depth, size.outputs)
    let matrix = packed(size, weight, work)
    work.pool.forEachBlock(size.cells, size: block) { _, range, worker in
      let windows = work.scratch(worker, block * depth)
      gather(size, range, x, windows)
      let to = y + range.lowerBound * outputs
      for row in 0..<range.count { (to + row * outputs).update(from: bias, count: outputs) }
      BLAS.multiply(
        range.count, outputs, depth, BLAS.Operand(windows, stride: depth), BLAS.Operand(matrix, stride: outputs),
        adding: true, to: to, stride: outputs)
    }
  }

  /// Adds to `dX`, rows × inputs, and to `dWeight` and `dBias` where they are wanted; `memory` holds the derivatives of
  /// all windows.
  public static func backward(
    _ size: CellConvolutionSize, rows: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>, dWeight: UnsafeMutablePointer<Float>?,
    dBias: UnsafeMutablePointer<Float>?, _ memory: Buffer<Float>, _ work: Workspace
  ) {
    let (depth, outputs, inputs) = (size.depth, size.outputs, size.inputs)
    let matrix = packed(size, weight, work)
    let windows = memory.reserve(size.cells * depth)
    work.pool.forEachBlock(size.cells, size: block) { _, range, _ in
      BLAS.multiply(
        range.count, depth, outputs, BLAS.Operand(dY + range.lowerBound * outputs, stride: outputs),
        BLAS.Operand(matrix, stride: outputs, transposed: true), adding: false,
        to: windows + range.lowerBound * depth, stride: depth)
    }
    // Every row gathers from the windows that it is in, none is written to twice.
    var back = [Int32](repeating: -1, count: rows * size.taps)
    for cell in 0..<size.cells {
      for tap in 0..<size.taps {
        let row = Int(size.places[cell * size.taps + tap])
        if row >= 0 { back[row * size.taps + tap] = Int32(cell) }
      }
    }
    back.withUnsafeBufferPointer { back in
      work.pool.forEachBlock(rows, size: block) { _, range, _ in
        for row in range {
          for tap in 0..<size.taps {
            let cell = Int(back[row * size.taps + tap])
            if cell < 0 { continue }
            let (from, to) = (windows + cell * depth + tap * inputs, dX + row * inputs)
            for channel in 0..<inputs { to[channel] += from[channel] }
          }
        }
      }
    }
    if let dWeight { addWeights(size, x, dY, dWeight, dBias, work) }
  }

  /// dW += dYᵀ · windows: partial sums over at most 16 stretches of cells, added in their order.
  private static func addWeights(
    _ size: CellConvolutionSize, _ x: UnsafePointer<Float>, _ dY: UnsafePointer<Float>,
    _ dWeight: UnsafeMutablePointer<Float>, _ dBias: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let (depth, outputs) = (size.depth, size.outputs)
    let one = outputs * (depth + 1)
    let sums = work.sums(mostSums * one)
    work.pool.forEachBlock(size.cells, size: max(1, (size.cells + mostSums - 1) / mostSums)) { task, range, worker in
      let (windows, sum) = (work.scratch(worker, block * depth), sums + task * one)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
        let part = start..<min(start + block, range.upperBound)
        gather(size, part, x, windows)
        BLAS.multiply(
          outputs, depth, part.count, BLAS.Operand(dY + start * outputs, stride: outputs, transposed: true),
          BLAS.Operand(windows, stride: depth), adding: true, to: sum, stride: depth)
        kernels.table.pointee.add_columns(dY + start * outputs, part.count, outputs, sum + outputs * depth)
      }
    }
    for task in 0..<mostSums {
      let sum = sums + task * one
      for output in 0..<outputs {
        for tap in 0..<size.taps {
          for input in 0..<size.inputs {
            dWeight[(output * size.inputs + input) * size.taps + tap] += sum[output * depth + tap * size.inputs + input]
          }
        }
        dBias?[output] += sum[outputs * depth + output]
      }
    }
  }

  /// The weights as [tap][input][output].
  private static func packed(
    _ size: CellConvolutionSize, _ weight: UnsafePointer<Float>, _ work: Workspace
  ) -> UnsafeMutablePointer<Float> {
    let matrix = work.packed(size.depth * size.outputs)
    for output in 0..<size.outputs {
      for input in 0..<size.inputs {
        for tap in 0..<size.taps {
          matrix[(tap * size.inputs + input) * size.outputs + output] =
            weight[(output * size.inputs + input) * size.taps + tap]
        }
      }
    }
    return matrix
  }

  /// Copies what lies under the kernel at some cells, cells × depth.
  private static func gather(
    _ size: CellConvolutionSize, _ range: Range<Int>, _ x: UnsafePointer<Float>,
    _ windows: UnsafeMutablePointer<Float>
  ) {
    let inputs = size.inputs
    var to = windows
    for place in range.lowerBound * size.taps..<range.upperBound * size.taps {
      let row = Int(size.places[place])
      if row >= 0 { to.update(from: x + row * inputs, count: inputs) } else { to.update(repeating: 0, count: inputs) }
      to += inputs
    }
  }
}
