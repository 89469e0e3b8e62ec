/// Batch normalisation (Ioffe and Szegedy 2015), channel by channel over all rows:
/// y = γ · (x − mean) / √(variance + ε) + β.
///
/// `x` and `y` are [rows][channels]. `mean` and `deviation` (1 / √(variance + ε)) hold one value a channel.
public enum BatchNormKernel {
  /// What is added to the variance, as in PyTorch.
  public static let epsilon: Float = 1e-5
  private static let blockRows = 2048

  /// Mean and biased variance of every channel.
  public static func statistics(
    rows: Int, channels: Int, x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let blocks = ThreadPool.blocks(rows, size: blockRows)
    let sums = work.doubleSums((blocks + 1) * 2 * channels)
    work.pool.forEachBlock(rows, size: blockRows) { block, range, _ in
      let (sum, squares) = (sums + block * 2 * channels, sums + (block * 2 + 1) * channels)
      for row in range {
        let values = x + row * channels
        for channel in 0..<channels {
          let value = Double(values[channel])
          sum[channel] += value
          squares[channel] += value * value
        }
      }
    }
    let total = addBlocks(sums, blocks, 2 * channels)
    for channel in 0..<channels {
      let average = total[channel] / Double(max(rows, 1))
      mean[channel] = Float(average)
      variance[channel] = Float(max(0, total[channels + channel] / Double(max(rows, 1)) - average * average))
    }
  }

  /// Writes `y`.
  public static func forward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, deviation: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(rows, size: blockRows) { _, range, _ in
      for row in range {
        let (from, to) = (x + row * channels, y + row * channels)
        for channel in 0..<channels {
          to[channel] = (from[channel] - mean[channel]) * (deviation[channel] * weight[channel]) + bias[channel]
        }
      }
    }
  }

  /// Adds to `dX`, `dWeight` and `dBias` where they are wanted. `throughStatistics` says that mean and deviation are
  /// those of `x` itself (training); otherwise they are constants (inference).
  public static func backward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    deviation: UnsafePointer<Float>, throughStatistics: Bool, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?, dBias: UnsafeMutablePointer<Float>?,
    _ work: Workspace
  ) {
    let blocks = ThreadPool.blocks(rows, size: blockRows)
    let sums = work.doubleSums((blocks + 1) * 2 * channels)
    work.pool.forEachBlock(rows, size: blockRows) { block, range, _ in
      let (sum, products) = (sums + block * 2 * channels, sums + (block * 2 + 1) * channels)
      for row in range {
        let (from, d) = (x + row * channels, dY + row * channels)
        for channel in 0..<channels {
          sum[channel] += Double(d[channel])
          products[channel] += Double(d[channel] * ((from[channel] - mean[channel]) * deviation[channel]))
        }
      }
    }
    let total = addBlocks(sums, blocks, 2 * channels)
    for channel in 0..<channels {
      dBias?[channel] += Float(total[channel])
      dWeight?[channel] += Float(total[channels + channel])
    }
    guard let dX else { return }
    let share = throughStatistics ? 1 / Double(max(rows, 1)) : 0
    for value in 0..<2 * channels { total[value] *= share }
    work.pool.forEachBlock(rows, size: blockRows) { _, range, _ in
      for row in range {
        let (from, d, to) = (x + row * channels, dY + row * channels, dX + row * channels)
        for channel in 0..<channels {
          let normal = (from[channel] - mean[channel]) * deviation[channel]
          let centred = d[channel] - Float(total[channel]) - normal * Float(total[channels + channel])
          to[channel] += weight[channel] * deviation[channel] * centred
        }
      }
    }
  }

  /// The sums of the blocks, in their order, in the stretch behind the last block.
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
