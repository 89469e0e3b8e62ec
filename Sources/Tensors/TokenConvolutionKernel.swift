/// Convolution along the embedding of tokens, weights added by token first (see the layer `TokenConvolution`).
///
/// `embedding` is [symbol][width], `weight` [filter][position][kernel] as in PyTorch, `y` [row][filter][place]. A row
/// is one product: its values do not depend on the rows beside it.
public enum TokenConvolutionKernel {
  /// The sizes of one convolution.
  public struct Size: Sendable {
    /// Rows of the batch.
    public let rows: Int
    /// Tokens of a row.
    public let length: Int
    /// Different tokens.
    public let symbols: Int
    /// Numbers of an embedded token.
    public let width: Int
    /// Filters.
    public let filters: Int
    /// Places under a filter.
    public let kernel: Int

    /// These sizes.
    public init(rows: Int, length: Int, symbols: Int, width: Int, filters: Int, kernel: Int) {
      (self.rows, self.length, self.symbols) = (rows, length, symbols)
      (self.width, self.filters, self.kernel) = (width, filters, kernel)
    }

    /// Places that go out.
    public var places: Int { width - kernel + 1 }
    /// Rows of the matrix of windows of the embedding: symbol and tap.
    fileprivate var depth: Int { symbols * kernel }
    /// Weights of one position: tap and filter.
    fileprivate var step: Int { kernel * filters }
  }

  private static let mostSums = 8

  /// Writes `y`.
  public static func forward(
    _ size: Size, tokens: UnsafePointer<Int32>, embedding: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let (windows, packed) = pack(size, embedding, weight, work)
    work.pool.forEachBlock(size.rows, size: 1) { _, range, worker in
      let sums = work.scratch(worker, size.depth * size.filters)
      for row in range {
        add(size, tokens + row * size.length, packed, to: sums)
        let to = y + row * size.filters * size.places
        for filter in 0..<size.filters {
          (to + filter * size.places).update(repeating: bias[filter], count: size.places)
        }
        BLAS.multiply(
          size.filters, size.places, size.depth, BLAS.Operand(sums, stride: size.filters, transposed: true),
          BLAS.Operand(windows, stride: size.places), adding: true, to: to, stride: size.places)
      }
    }
  }

  /// Adds to the three gradients: partial sums over at most 8 stretches of rows, added in their order.
  public static func backward(
    _ size: Size, tokens: UnsafePointer<Int32>, embedding: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    dY: UnsafePointer<Float>, dEmbedding: UnsafeMutablePointer<Float>, dWeight: UnsafeMutablePointer<Float>,
    dBias: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let (windows, packed) = pack(size, embedding, weight, work)
    let stretch = max(1, (size.rows + mostSums - 1) / mostSums)
    let (forWindows, forWeights) = (size.depth * size.places, size.length * size.step)
    let one = forWindows + forWeights
    let blocks = ThreadPool.blocks(size.rows, size: stretch)
    let sums = work.sums(blocks * one)
    work.pool.forEachBlock(size.rows, size: stretch) { task, range, worker in
      let added = work.scratch(worker, 2 * size.depth * size.filters)
      let dAdded = added + size.depth * size.filters
      let (dWindows, dPacked) = (sums + task * one, sums + task * one + forWindows)
      for row in range {
        let from = BLAS.Operand(dY + row * size.filters * size.places, stride: size.places)
        add(size, tokens + row * size.length, packed, to: added)
        BLAS.multiply(
          size.depth, size.places, size.filters, BLAS.Operand(added, stride: size.filters), from, adding: true,
          to: dWindows, stride: size.places)
        BLAS.multiply(
          size.depth, size.filters, size.places, BLAS.Operand(windows, stride: size.places),
          BLAS.Operand(from.start, stride: size.places, transposed: true), adding: false, to: dAdded,
          stride: size.filters)
        for position in 0..<size.length {
          let (to, by) = (
            dPacked + position * size.step, dAdded + Int(tokens[row * size.length + position]) * size.step
          )
          for place in 0..<size.step { to[place] += by[place] }
        }
      }
    }
    for task in 0..<blocks { unpack(size, sums + task * one, sums + task * one + forWindows, dEmbedding, dWeight) }
    for row in 0..<size.rows {
      for place in 0..<size.filters * size.places {
        dBias[place / size.places] += dY[row * size.filters * size.places + place]
      }
    }
  }

  // MARK: Parts

  /// Windows of the embedding, [symbol][tap] × places, and weights as [position][tap][filter].
  private static func pack(
    _ size: Size, _ embedding: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ work: Workspace
  ) -> (windows: UnsafePointer<Float>, weights: UnsafePointer<Float>) {
    let windows = work.packed(size.depth * size.places + size.length * size.step)
    let weights = windows + size.depth * size.places
    for row in 0..<size.depth {
      (windows + row * size.places).update(
        from: embedding + row / size.kernel * size.width + row % size.kernel, count: size.places)
    }
    for filter in 0..<size.filters {
      for place in 0..<size.length * size.kernel {
        weights[place * size.filters + filter] = weight[filter * size.length * size.kernel + place]
      }
    }
    return (UnsafePointer(windows), UnsafePointer(weights))
  }

  /// The weights of the positions of each token, added in the order of the positions: [symbol][tap][filter].
  private static func add(
    _ size: Size, _ tokens: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
    to sums: UnsafeMutablePointer<Float>
  ) {
    sums.update(repeating: 0, count: size.depth * size.filters)
    for position in 0..<size.length {
      let (to, from) = (sums + Int(tokens[position]) * size.step, weights + position * size.step)
      for place in 0..<size.step { to[place] += from[place] }
    }
  }

  private static func unpack(
    _ size: Size, _ dWindows: UnsafePointer<Float>, _ dPacked: UnsafePointer<Float>,
    _ dEmbedding: UnsafeMutablePointer<Float>, _ dWeight: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<size.depth {
      let to = dEmbedding + row / size.kernel * size.width + row % size.kernel
      for place in 0..<size.places { to[place] += dWindows[row * size.places + place] }
    }
    for filter in 0..<size.filters {
      for place in 0..<size.length * size.kernel {
        dWeight[filter * size.length * size.kernel + place] += dPacked[place * size.filters + filter]
      }
    }
  }
}

/// The convolution of `TokenConvolutionKernel` written as its definition, forward only; tests hold both equal.
public enum PlainTokenConvolution {
  /// Writes `y`.
  public static func forward(
    _ size: TokenConvolutionKernel.Size, tokens: UnsafePointer<Int32>, embedding: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<size.rows {
      for filter in 0..<size.filters {
        for place in 0..<size.places {
          var sum = Double(bias[filter])
          for position in 0..<size.length {
            let embedded = embedding + Int(tokens[row * size.length + position]) * size.width + place
            for tap in 0..<size.kernel {
              sum += Double(weight[(filter * size.length + position) * size.kernel + tap]) * Double(embedded[tap])
            }
          }
          y[(row * size.filters + filter) * size.places + place] = Float(sum)
        }
      }
    }
  }
}
