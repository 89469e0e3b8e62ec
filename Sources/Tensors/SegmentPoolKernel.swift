#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Pools of the rows of segments, column by column; a segment is one task, its rows are taken in order.
public enum SegmentPoolKernel {
  /// A pooling of values u_1 … u_n with a derivative in each.
  public enum Curve: Sendable {
    /// Σ u.
    case sum
    /// (1 / n) Σ u.
    case mean
    /// log(P / (1 − P)), P = (1 / n) Σ sigmoid(u).
    case meanProbability
    /// log(P / (1 − P)), P = 1 − Π (1 − sigmoid(u)).
    case noisyOr
    /// (1 / r) log((1 / n) Σ e^(r u)).
    case logSumExp(Double)
  }

  private static let blockSegments = 16

  /// The largest value of each column of a segment and its row, the first of ties; `y` and `winner` are segments ×
  /// width.
  public static func maximum(
    offsets: [Int32], width: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    winner: UnsafeMutablePointer<Int32>, _ work: Workspace
  ) {
    work.pool.forEachBlock(max(0, offsets.count - 1), size: blockSegments) { _, range, _ in
      for segment in range {
        let first = Int(offsets[segment])
        let (y, winner) = (y + segment * width, winner + segment * width)
        y.update(from: x + first * width, count: width)
        winner.update(repeating: Int32(first), count: width)
        for row in first + 1..<max(first + 1, Int(offsets[segment + 1])) {
          let from = x + row * width
          for column in 0..<width {
            let isGreater = from[column] > y[column]
            y[column] = isGreater ? from[column] : y[column]
            winner[column] = isGreater ? Int32(row) : winner[column]
          }
        }
      }
    }
  }

  /// dX[winner] += dY.
  public static func maximumBackward(
    segments: Int, width: Int, winner: UnsafePointer<Int32>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>
  ) {
    for segment in 0..<segments {
      for column in 0..<width {
        let place = segment * width + column
        dX[Int(winner[place]) * width + column] += dY[place]
      }
    }
  }

  /// Writes `y`, segments × width.
  public static func forward(
    _ curve: Curve, offsets: [Int32], width: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    forEachColumn(offsets, width, work) { segment, column, rows in
      y[segment * width + column] = Float(pool(curve, Column(x: x + column, stride: width, rows: rows)))
    }
  }

  /// Adds to `dX`, rows × width.
  public static func backward(
    _ curve: Curve, offsets: [Int32], width: Int, x: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    forEachColumn(offsets, width, work) { segment, column, rows in
      let values = Column(x: x + column, stride: width, rows: rows)
      let start = Double(dY[segment * width + column])
      let slope = slope(curve, values)
      for row in rows { dX[row * width + column] += Float(start * slope(values[row])) }
    }
  }

  // MARK: Formulas

  /// One column of a segment.
  private struct Column {
    let x: UnsafePointer<Float>
    let stride: Int
    let rows: Range<Int>

    var count: Double { Double(rows.count) }
    subscript(row: Int) -> Double { Double(x[row * stride]) }
    func sum(_ term: (Double) -> Double) -> Double { rows.reduce(0) { $0 + term(self[$1]) } }
    var greatest: Double { rows.reduce(-.infinity) { max($0, self[$1]) } }
    /// log Σ e^term, without overflow.
    func logSum(_ term: (Double) -> Double) -> Double {
      let top = rows.reduce(-.infinity) { max($0, term(self[$1])) }
      return top.isFinite ? top + log(sum { exp(term($0) - top) }) : top
    }
  }

  /// Below this all probabilities are so small that 1 − Π (1 − p) is Σ p to the last bit.
  private static let small = -37.0

  private static func pool(_ curve: Curve, _ values: Column) -> Double {
    switch curve {
    case .sum: return values.sum { $0 }
    case .mean: return values.sum { $0 } / values.count
    case .meanProbability:
      return values.logSum { logSigmoid($0) } - values.logSum { logSigmoid(-$0) }
    case .noisyOr:
      if values.greatest < small { return values.logSum { $0 } }
      let none = values.sum { logSigmoid(-$0) }
      return log(-expm1(none)) - none
    case .logSumExp(let r):
      return (values.logSum { r * $0 } - log(values.count)) / r
    }
  }

  /// The derivative of the pool in one of its values, as a function of that value.
  private static func slope(_ curve: Curve, _ values: Column) -> (Double) -> Double {
    let count = values.count
    switch curve {
    case .sum: return { _ in 1 }
    case .mean: return { _ in 1 / count }
    case .meanProbability:
      let (yes, no) = (values.logSum { logSigmoid($0) }, values.logSum { logSigmoid(-$0) })
      return { exp(logSigmoid($0) + logSigmoid(-$0) - yes - no + log(count)) }
    case .noisyOr:
      let any =
        values.greatest < small ? values.logSum { $0 } : log(-expm1(values.sum { logSigmoid(-$0) }))
      return { exp(logSigmoid($0) - any) }
    case .logSumExp(let r):
      let all = values.logSum { r * $0 }
      return { exp(r * $0 - all) }
    }
  }

  private static func forEachColumn(
    _ offsets: [Int32], _ width: Int, _ work: Workspace, _ body: (_ segment: Int, _ column: Int, Range<Int>) -> Void
  ) {
    work.pool.forEachBlock(max(0, offsets.count - 1), size: blockSegments) { _, range, _ in
      for segment in range {
        for column in 0..<width { body(segment, column, Int(offsets[segment])..<Int(offsets[segment + 1])) }
      }
    }
  }
}
