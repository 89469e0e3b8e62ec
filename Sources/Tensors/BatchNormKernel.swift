/// Batch normalisation (Ioffe and Szegedy 2015), channel by channel over all rows:
/// y = γ · (x − mean) / √(variance + ε) + β.
///
/// `x` and `y` are [rows][channels]. `mean` and `deviation` (1 / √(variance + ε)) hold one value per channel.
public enum BatchNormKernel {
  private static let kernels = FusedKernels.best
  /// ε, added to the variance, as in PyTorch.
  public static let epsilon: Float = 1e-5
  private static let blockRows = 2048

  /// Mean and biased variance of every channel; `counts` holds how often each row counts, nil once.
  public static func statistics(
    rows: Int, channels: Int, counts: [Float]? = nil, x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let blocks = ThreadPool.blocks(rows, size: blockRows)
    let sums = work.doubleSums((blocks + 1) * 2 * channels)
    work.pool.forEachBlock(rows, size: blockRows) { block, range, _ in
      withRows(counts, range) { counts in
        kernels.table.pointee.column_sums(
          x + range.lowerBound * channels, counts, range.count, channels, sums + block * 2 * channels)
      }
    }
    let total = addBlocks(sums, blocks, 2 * channels)
    let number = max(1, counts.map(Self.sum) ?? Double(rows))
    for channel in 0..<channels {
      let average = total[channel] / number
      mean[channel] = Float(average)
      variance[channel] = Float(max(0, total[channels + channel] / number - average * average))
    }
  }

  private static func sum(_ counts: [Float]) -> Double { counts.reduce(0) { $0 + Double($1) } }

  /// Calls `body` with the counts from the first of these rows on; nil where each row counts once.
  private static func withRows(_ counts: [Float]?, _ rows: Range<Int>, _ body: (UnsafePointer<Float>?) -> Void) {
    guard let counts else { return body(nil) }
    counts.withUnsafeBufferPointer { buffer in body(buffer.baseAddress.map { $0 + rows.lowerBound }) }
  }

  /// Writes `y`.
  public static func forward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, deviation: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(rows, size: blockRows) { _, range, _ in
      let first = range.lowerBound * channels
      kernels.table.pointee.normalize(x + first, range.count, channels, mean, deviation, weight, bias, y + first)
    }
  }

  /// Adds the derivatives to `dX` (or writes them, without `adding`), `dWeight` and `dBias` where these are not nil.
  /// With `throughStatistics` mean and deviation depend on `x` (training); otherwise they are constants (inference). A
  /// row that counts several times has the sum of the derivatives of its copies in `dY`.
  public static func backward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    deviation: UnsafePointer<Float>, throughStatistics: Bool, counts: [Float]? = nil, adding: Bool = true,
    dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?,
    dBias: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let blocks = ThreadPool.blocks(rows, size: blockRows)
    let sums = work.doubleSums((blocks + 1) * 2 * channels)
    work.pool.forEachBlock(rows, size: blockRows) { block, range, _ in
      let first = range.lowerBound * channels
      kernels.table.pointee.normal_sums(
        x + first, dY + first, range.count, channels, mean, deviation, sums + block * 2 * channels)
    }
    let total = addBlocks(sums, blocks, 2 * channels)
    for channel in 0..<channels {
      dBias?[channel] += Float(total[channel])
      dWeight?[channel] += Float(total[channels + channel])
    }
    guard let dX else { return }
    let share = throughStatistics ? 1 / max(1, counts.map(Self.sum) ?? Double(rows)) : 0
    let means = (0..<2 * channels).map { Float(total[$0] * share) }
    means.withUnsafeBufferPointer { means in
      guard let plain = means.baseAddress else { return }
      work.pool.forEachBlock(rows, size: blockRows) { _, range, _ in
        let first = range.lowerBound * channels
        withRows(counts, range) { counts in
          kernels.table.pointee.normalize_back(
            x + first, dY + first, counts, range.count, channels, mean, deviation, weight, plain, plain + channels,
            adding ? 1 : 0, dX + first)
        }
      }
    }
  }

  /// Adds the sums of the blocks in their order, into the range that follows the last block.
  private static func addBlocks(
    _ sums: UnsafeMutablePointer<Double>, _ blocks: Int, _ width: Int
  ) -> UnsafeMutablePointer<Double> {
    let total = sums + blocks * width
    for block in 0..<blocks {
      for value in 0..<width { total[value] += sums[block * width + value] }
    }
    return total
  }
}
