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

  /// A step of Adam on a row; see `LazyAdam`.
  static func adam(
    _ gradient: UnsafePointer<Float>?, count: Int, _ step: ck_adam, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: step) { table.pointee.adam_row(gradient, count, $0, first, second, weight) }
  }
}

/// A product of two row-major matrices in memory, by OpenBLAS in fixed blocks of rows: the same bits at any number of
/// threads. `BLAS.prepare` is called first.
public enum MatrixProduct {
  private static let block = 64

  /// result (m × n) = left (m × k) · right (k × n), added to what is there if `adding`; a transposed one is given as
  /// its transpose. Rows follow each other without gaps.
  public static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ left: UnsafePointer<Float>, leftIsTransposed: Bool = false,
    _ right: UnsafePointer<Float>, rightIsTransposed: Bool = false, adding: Bool = false,
    to result: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    nonisolated(unsafe) let (left, right, result) = (left, right, result)
    pool.forEachBlock(m, size: block) { _, range, _ in
      BLAS.multiply(
        range.count, n, k,
        BLAS.Operand(
          left + range.lowerBound * (leftIsTransposed ? 1 : k), stride: leftIsTransposed ? m : k,
          transposed: leftIsTransposed),
        BLAS.Operand(right, stride: rightIsTransposed ? k : n, transposed: rightIsTransposed), adding: adding,
        to: result + range.lowerBound * n, stride: n)
    }
  }
}
