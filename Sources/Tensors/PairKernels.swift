import CKernels

/// A step of embeddings that are learnt from pairs by negative sampling (Mikolov et al. 2013; Tang et al. 2015).
///
/// The loss of a pair (i, j) with negatives n is −log σ(c_j · u_i) − Σ_n log σ(−c_n · u_i); a step takes `rate` times
/// its gradient off all rows. Rows are `width` × 16 floats long, with zeros behind the dimensions in use.
public struct PairSteps: Sendable {
  /// The floats of a vector: rows are multiples of it.
  public static let lanes = 16
  /// The most negatives of a pair.
  public static let mostNegatives = 63
  /// The pairs in a row that share their negatives.
  public let group: Int
  /// The number of negatives of a pair.
  public let negatives: Int
  /// Whether a negative that is the input of the pair is left out, and not only one that is its output.
  public let skipsInput: Bool
  private let kernels: FusedKernels

  /// Steps with so many negatives, on the best kernels of the processor.
  public init(group: Int, negatives: Int, skipsInput: Bool, kernels: FusedKernels? = nil) {
    precondition(group > 0 && (0...Self.mostNegatives).contains(negatives), "a group, and up to 63 negatives")
    (self.group, self.negatives, self.skipsInput) = (group, negatives, skipsInput)
    self.kernels = kernels ?? FusedKernels.best
  }

  /// The floats of a row of `dimension` numbers.
  public static func stride(_ dimension: Int) -> Int { (dimension + lanes - 1) / lanes * lanes }

  /// Takes a step for each pair in order.
  /// - Parameters:
  ///   - pairs: input row and output row of each pair, 2 × `count`.
  ///   - drawn: the negatives of each group, rows of `outputs`.
  ///   - stride: the floats of a row.
  public func take(
    _ pairs: UnsafePointer<Int32>, count: Int, drawn: UnsafePointer<Int32>, inputs: UnsafeMutablePointer<Float>,
    outputs: UnsafeMutablePointer<Float>, stride: Int, rate: Float
  ) {
    kernels.table.pointee.pair_steps(
      pairs, count, drawn, group, negatives, skipsInput ? 1 : 0, inputs, outputs, stride / Self.lanes, rate)
  }

  /// The plain twin of `take`, in double precision.
  public func takePlainly(
    _ pairs: [(input: Int, output: Int)], drawn: [Int], inputs: inout [Double], outputs: inout [Double],
    dimension: Int, isShared: Bool, rate: Double
  ) {
    for (place, pair) in pairs.enumerated() {
      let others = drawn[place / group * negatives..<(place / group + 1) * negatives]
      let kept = others.filter { $0 != pair.output && !(skipsInput && $0 == pair.input) }
      func row(_ number: Int, _ values: [Double]) -> [Double] {
        Array(values[number * dimension..<(number + 1) * dimension])
      }
      let h = row(pair.input, inputs)
      let rows = ([pair.output] + kept).map { (number: $0, values: row($0, isShared ? inputs : outputs)) }
      for (index, target) in rows.enumerated() {
        let product = zip(h, target.values).reduce(0) { $0 + $1.0 * $1.1 }
        let factor = rate * ((index == 0 ? 1 : 0) - sigmoid(product))
        for column in 0..<dimension {
          inputs[pair.input * dimension + column] += factor * target.values[column]
          if isShared {
            inputs[target.number * dimension + column] += factor * h[column]
          } else {
            outputs[target.number * dimension + column] += factor * h[column]
          }
        }
      }
    }
  }
}

/// The functions and the optimiser of GNE, and the products of Isomap, on the best kernels of the processor: the same
/// bits on all of them.
public enum NetworkKernels {
  private static var table: UnsafePointer<ck_kernels> { FusedKernels.best.table }

  /// y = tanh x, to 2e-7.
  public static func tanh(_ x: UnsafePointer<Float>, count: Int, to y: UnsafeMutablePointer<Float>) {
    table.pointee.fast_tanh(x, count, y)
  }

  /// y = x where x > 0, else e^x − 1, to 2e-7.
  public static func elu(_ x: UnsafePointer<Float>, count: Int, to y: UnsafeMutablePointer<Float>) {
    table.pointee.fast_elu(x, count, y)
  }

  /// y += factor · x.
  public static func add(_ x: UnsafePointer<Float>, count: Int, times factor: Float, to y: UnsafeMutablePointer<Float>)
  {
    table.pointee.add_scaled(x, count, factor, y)
  }

  /// Σ d² · x: whole numbers d, such as distances, with numbers x.
  public static func squaresDot(_ d: UnsafePointer<UInt16>, _ x: UnsafePointer<Float>, count: Int) -> Double {
    table.pointee.squares_dot(d, count, x)
  }

  /// Asks for a row that is read soon, while others are at work.
  public static func prefetch(_ row: UnsafePointer<Float>, count: Int) { ck_prefetch(row, 4 * count) }

  /// A step of Adam on a row; see `LazyAdam`.
  static func adam(
    _ gradient: UnsafePointer<Float>?, count: Int, _ step: ck_adam, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: step) { table.pointee.adam_row(gradient, count, $0, first, second, weight) }
  }
}

/// Products of row-major matrices by the kernels of this module: the same bits on all processors and at any number of
/// threads.
public final class MatrixProduct {
  private let pool: ThreadPool
  private let packed = Buffer<Float>()
  private let scratch: [Buffer<Float>]
  /// The rows of a result that are computed together, a multiple of the kernels' six.
  private static let block = 96
  private static let panel = Int(CK_PANEL)
  private static let wide = Int(CK_CHANNELS)

  /// Products on these threads.
  public init(_ pool: ThreadPool) {
    self.pool = pool
    scratch = (0..<pool.threads).map { _ in Buffer<Float>() }
  }

  /// result (m × n) = left (m × k) · right (k × n), added to what is there if `adding`. With `rightIsTransposed` the
  /// right one is given as n × k. Rows follow each other without gaps.
  public func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    rightIsTransposed: Bool = false, adding: Bool = false, to result: UnsafeMutablePointer<Float>
  ) {
    let (panels, wide) = (ThreadPool.blocks(n, size: Self.panel), ThreadPool.blocks(n, size: Self.panel) * Self.panel)
    pack(right, n, k, isTransposed: rightIsTransposed)
    nonisolated(unsafe) let (left, weights, result) = (left, packed.start, result)
    let (table, scratch, isDirect) = (FusedKernels.best.table, scratch, wide == n && !adding)
    pool.forEachBlock(m, size: Self.block) { _, range, worker in
      let (first, count) = (range.lowerBound, range.count)
      let out = isDirect ? result + first * n : scratch[worker].reserve(count * wide)
      table.pointee.rows(
        left + first * k, k, 0, 1, count, k, weights, panels, nil, out, isDirect ? n : wide, 0)
      if isDirect { return }
      for row in 0..<count {
        let (from, to) = (out + row * wide, result + (first + row) * n)
        if adding { for column in 0..<n { to[column] += from[column] } } else { to.update(from: from, count: n) }
      }
    }
  }

  /// result (m × n) = leftᵀ (m × k) · right (k × n), where left is given as k × m.
  public func multiplyTransposed(
    _ m: Int, _ n: Int, _ k: Int, _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    to result: UnsafeMutablePointer<Float>
  ) {
    nonisolated(unsafe) let (left, right, result) = (left, right, result)
    let (size, tops) = (Self.wide, ThreadPool.blocks(m, size: Self.wide))
    let (table, scratch) = (FusedKernels.best.table, scratch)
    pool.forEachBlock(tops * ThreadPool.blocks(n, size: size), size: 1) { block, _, worker in
      let (top, first) = (block % tops * size, block / tops * size)
      let (rows, columns) = (min(size, m - top), min(size, n - first))
      let sums = scratch[worker].fill((size + (columns < size ? k : 0)) * size, with: 0)
      var (values, stride) = (right + first, n)
      if columns < size {
        let padded = sums + size * size
        for row in 0..<k { (padded + row * size).update(from: right + row * n + first, count: columns) }
        (values, stride) = (UnsafePointer(padded), size)
      }
      table.pointee.rows_gradient(left + top, m, k, rows, values, stride, sums)
      for row in 0..<rows {
        (result + (top + row) * n + first).update(from: sums + row * size, count: columns)
      }
    }
  }

  /// Puts the columns of a k × n matrix in panels of 16, with zeros behind the last one.
  private func pack(_ matrix: UnsafePointer<Float>, _ n: Int, _ k: Int, isTransposed: Bool) {
    let panels = ThreadPool.blocks(n, size: Self.panel)
    let out = packed.reserve(panels * k * Self.panel)
    for number in 0..<panels {
      let count = min(Self.panel, n - number * Self.panel)
      let (to, first) = (out + number * k * Self.panel, number * Self.panel)
      if count < Self.panel { to.update(repeating: 0, count: k * Self.panel) }
      if isTransposed {
        for column in 0..<count {
          let from = matrix + (first + column) * k
          for row in 0..<k { to[row * Self.panel + column] = from[row] }
        }
      } else {
        for row in 0..<k { (to + row * Self.panel).update(from: matrix + row * n + first, count: count) }
      }
    }
  }
}

extension DropoutMask {
  /// The factors of the first `count` elements.
  public func factors(_ count: Int) -> [Float] {
    let ones = [Float](repeating: 1, count: count)
    var mask = numbers
    return [Float](unsafeUninitializedCapacity: count) { factors, initialized in
      if let start = factors.baseAddress {
        FusedKernels.best.table.pointee.dropout(ones, count, &mask, 0, 0, start)
      }
      initialized = count
    }
  }
}
