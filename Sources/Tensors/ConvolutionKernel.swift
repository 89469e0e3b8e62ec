import CKernels

/// The size of a one-dimensional convolution without padding, stride 1.
public struct ConvolutionSize: Sendable, Equatable {
  /// Rows of the batch.
  public let instances: Int
  /// The number of input positions.
  public let length: Int
  /// The number of input channels.
  public let inputs: Int
  /// The number of output channels.
  public let outputs: Int
  /// The kernel's width in positions, 1 to `length`.
  public let kernel: Int

  /// The number of output positions.
  public var positions: Int { length - kernel + 1 }
  /// The values under the kernel at one position.
  public var taps: Int { kernel * inputs }

  /// A size; the kernel is no longer than the length.
  public init(instances: Int, length: Int, inputs: Int, outputs: Int, kernel: Int) {
    (self.instances, self.length, self.inputs) = (instances, length, inputs)
    (self.outputs, self.kernel) = (outputs, kernel)
  }
}

/// One-dimensional convolution, channels last, as a matrix product over the windows of the instances.
///
/// `x` is [instance][length][inputs], `y` [instance][positions][outputs], `weight` [outputs][inputs][kernel] and `bias`
/// [outputs] as in PyTorch. With a kernel of 1 on a length of 1 it is a dense layer.
public enum ConvolutionKernel {
  /// Positions of one task, and of one matrix product inside it (its windows stay in the second-level cache).
  private static let taskPositions = 2048
  private static let productPositions = 512
  /// The products of a row do not depend on the other rows of the batch, and so neither does a score.
  private static let kernels = FusedKernels.best

  /// Writes `y`; without a bias it is 0.
  public static func forward(
    _ size: ConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let panels = (size.outputs + Int(CK_PANEL) - 1) / Int(CK_PANEL)
    let width = panels * Int(CK_PANEL)
    let weights = panelled(size, width, weight, bias, work)
    let start = weights + width * size.taps
    // A single position a row lets rows of several instances share a tile.
    let single = size.positions == 1
    work.pool.forEachBlock(size.instances, size: max(1, productPositions / size.positions)) { _, part, worker in
      let (groups, rows) = single ? (1, part.count) : (part.count, size.positions)
      let (step, next) = single ? (size.length * size.inputs, 0) : (size.inputs, size.length * size.inputs)
      let out = y + part.lowerBound * size.positions * size.outputs
      let isWhole = width == size.outputs
      let to = isWhole ? out : work.scratch(worker, groups * rows * width)
      kernels.table.pointee.rows(
        x + part.lowerBound * size.length * size.inputs, step, next, groups, rows, size.taps, weights, panels, start,
        to, width, rows * width)
      if isWhole { return }
      for row in 0..<groups * rows {
        (out + row * size.outputs).update(from: to + row * width, count: size.outputs)
      }
    }
  }

  /// Adds the derivatives to `dX`, `dWeight` and `dBias` where these are not nil; a dense layer without `adding` writes
  /// `dX`.
  public static func backward(
    _ size: ConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    adding: Bool = true, dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?,
    dBias: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let packed = pack(size, weight, work)
    let stretch = size.outputs * (size.taps + 1)
    // A single task of a dense layer adds to the gradient itself.
    let isDirect = size.kernel == 1 && tasks(size) == 1
    let sums = dWeight == nil || isDirect ? nil : work.sums(tasks(size) * stretch)
    forEachPart(size, work) { task, part, worker in
      let rows = part.count * size.positions
      let dOut = dY + part.lowerBound * size.positions * size.outputs
      if let dWeight {
        let windows = windows(size, x, part, work, worker)
        let sum = sums.map { $0 + task * stretch } ?? dWeight
        BLAS.multiply(
          size.outputs, size.taps, rows, BLAS.Operand(dOut, stride: size.outputs, transposed: true),
          BLAS.Operand(windows, stride: size.taps), adding: true, to: sum, stride: size.taps)
        if let to = sums == nil ? dBias : sum + size.outputs * size.taps {
          kernels.table.pointee.add_columns(dOut, rows, size.outputs, to)
        }
      }
      if let dX { addInputGradient(size, packed, dOut, part, adding: adding, to: dX, work, worker) }
    }
    if let sums, let dWeight { addSums(size, sums, stretch, dWeight, dBias) }
  }

  // MARK: Parts

  private static func instancesPerTask(_ size: ConvolutionSize) -> Int { max(1, taskPositions / size.positions) }

  private static func tasks(_ size: ConvolutionSize) -> Int {
    ThreadPool.blocks(size.instances, size: instancesPerTask(size))
  }

  /// Calls `body` with the number of the task, a few instances, and the worker.
  private static func forEachPart(
    _ size: ConvolutionSize, _ work: Workspace, _ body: (_ task: Int, _ part: Range<Int>, _ worker: Int) -> Void
  ) {
    let step = max(1, productPositions / size.positions)
    work.pool.forEachBlock(size.instances, size: instancesPerTask(size)) { task, range, worker in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        body(task, start..<min(start + step, range.upperBound), worker)
      }
    }
  }

  /// Weights as [outputs][kernel][inputs]: the order of the values under the kernel.
  private static func pack(
    _ size: ConvolutionSize, _ weight: UnsafePointer<Float>, _ work: Workspace
  ) -> UnsafePointer<Float> {
    if size.kernel == 1 { return weight }
    let packed = work.packed(size.outputs * size.taps)
    for output in 0..<size.outputs {
      for tap in 0..<size.kernel {
        for input in 0..<size.inputs {
          packed[(output * size.kernel + tap) * size.inputs + input] =
            weight[(output * size.inputs + input) * size.kernel + tap]
        }
      }
    }
    return UnsafePointer(packed)
  }

  /// Weights in panels of [kernel][inputs], padded to `width` outputs with zeros, followed by the bias.
  private static func panelled(
    _ size: ConvolutionSize, _ width: Int, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ work: Workspace
  ) -> UnsafeMutablePointer<Float> {
    let packed = work.packed(width * (size.taps + 1))
    if width > size.outputs { packed.update(repeating: 0, count: width * (size.taps + 1)) }
    let lanes = Int(CK_PANEL)
    for first in stride(from: 0, to: size.outputs, by: lanes) {
      let panel = packed + FusedWeights.place(row: 0, column: first, depth: size.taps)
      let count = min(lanes, size.outputs - first)
      if count == lanes, size.kernel == 1 {
        kernels.table.pointee.transpose(weight + first * size.taps, lanes, size.taps, 0, panel)
        continue
      }
      for tap in 0..<size.kernel {
        for input in 0..<size.inputs {
          let to = panel + (tap * size.inputs + input) * lanes
          let from = weight + (first * size.inputs + input) * size.kernel + tap
          for lane in 0..<count { to[lane] = from[lane * size.taps] }
        }
      }
    }
    for output in 0..<size.outputs { packed[width * size.taps + output] = bias?[output] ?? 0 }
    return packed
  }

  /// The windows of a part, one row per position; the worker's scratch space holds another such table.
  private static func windows(
    _ size: ConvolutionSize, _ x: UnsafePointer<Float>, _ part: Range<Int>, _ work: Workspace, _ worker: Int
  ) -> UnsafePointer<Float> {
    let first = x + part.lowerBound * size.length * size.inputs
    if size.kernel == 1 || size.positions == 1 { return first }
    let table = work.scratch(worker, 2 * part.count * size.positions * size.taps)
    var row = table
    for instance in 0..<part.count {
      for position in 0..<size.positions {
        row.update(from: first + (instance * size.length + position) * size.inputs, count: size.taps)
        row += size.taps
      }
    }
    return UnsafePointer(table)
  }

  private static func addInputGradient(
    _ size: ConvolutionSize, _ packed: UnsafePointer<Float>, _ dOut: UnsafePointer<Float>, _ part: Range<Int>,
    adding: Bool, to dX: UnsafeMutablePointer<Float>, _ work: Workspace, _ worker: Int
  ) {
    let rows = part.count * size.positions
    let first = dX + part.lowerBound * size.length * size.inputs
    let direct = size.kernel == 1 || size.positions == 1
    let table = direct ? first : work.scratch(worker, 2 * rows * size.taps) + rows * size.taps
    BLAS.multiply(
      rows, size.taps, size.outputs, BLAS.Operand(dOut, stride: size.outputs),
      BLAS.Operand(packed, stride: size.taps), adding: direct && adding, to: table,
      stride: size.taps)
    if direct { return }
    for instance in 0..<part.count {
      kernels.table.pointee.add_rows(
        table + instance * size.positions * size.taps, size.positions, size.taps, size.inputs,
        first + instance * size.length * size.inputs)
    }
  }

  private static func addSums(
    _ size: ConvolutionSize, _ sums: UnsafePointer<Float>, _ stretch: Int, _ dWeight: UnsafeMutablePointer<Float>,
    _ dBias: UnsafeMutablePointer<Float>?
  ) {
    for task in 0..<tasks(size) {
      let sum = sums + task * stretch
      if size.kernel == 1 {
        for place in 0..<size.outputs * size.taps { dWeight[place] += sum[place] }
      } else {
        addTaps(size, sum, dWeight)
      }
      for output in 0..<size.outputs {
        dBias?[output] += sum[size.outputs * size.taps + output]
      }
    }
  }

  /// Adds derivatives of [outputs][kernel][inputs] to those of [outputs][inputs][kernel].
  private static func addTaps(
    _ size: ConvolutionSize, _ sum: UnsafePointer<Float>, _ dWeight: UnsafeMutablePointer<Float>
  ) {
    for output in 0..<size.outputs {
      for tap in 0..<size.kernel {
        for input in 0..<size.inputs {
          dWeight[(output * size.inputs + input) * size.kernel + tap] +=
            sum[(output * size.kernel + tap) * size.inputs + input]
        }
      }
    }
  }
}
