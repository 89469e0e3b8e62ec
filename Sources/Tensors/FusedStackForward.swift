import CKernels

extension FusedStack {
  /// The batch statistics of the norms: mean and biased variance of every channel, over `count` values.
  public struct Statistics: Sendable {
    /// The number of values per channel.
    public let count: Int
    /// The means, one per channel.
    public let mean: [Float]
    /// The biased variances, one per channel.
    public let variance: [Float]
  }

  /// The modules with running statistics; values go to `outputs`. `keepsCodes` keeps what won each pool, for
  /// `inputGradient`.
  public func infer(
    _ modules: FusedModules<UnsafePointer<Float>>, x: UnsafePointer<Float>, instances: Int, keepsCodes: Bool = false,
    _ pool: ThreadPool
  ) {
    prepareInference(modules, back: keepsCodes, pool)
    h.reserve(instances * shape.outputs)
    if keepsCodes {
      codes1.reserve(instances * width1)
      codes2.reserve(instances * width2)
      codes3.reserve(instances * shape.outputs)
    }
    pool.forEachBlock(instances, size: FusedKernels.group) { _, range, worker in
      let first = range.lowerBound
      let codes = keepsCodes ? (codes1.start + first * width1, codes2.start + first * width2) : nil
      inferGroup(modules, x + first * shape.features, count: range.count, codes: codes, worker) { place, pooled, last in
        kernels.table.pointee.last_convolution(pooled, shape.windows.2, weights.last.start, modules.2.bias[0], last)
        let at = (first + place) * shape.outputs
        lastPool(last, places: shape.pooled.2, to: h.start + at, keepsCodes ? codes3.start + at : nil)
      }
    }
  }

  /// Takes in the tensors, for runs with running statistics; those of the way back on request.
  func prepareInference(_ modules: FusedModules<UnsafePointer<Float>>, back: Bool = false, _ pool: ThreadPool) {
    let channels = FusedShape.channels
    norms = [
      FusedNorm(modules.0, channels: channels), FusedNorm(modules.1, channels: channels),
      FusedNorm(modules.2, channels: 1),
    ]
    fold(modules.0, norms[0])
    weights.load(modules, back: back)
    prepareWorkers(pool.threads)
  }

  /// Two modules on a group of rows with running statistics; `take` gets each row's place, its pooled values and room
  /// for the last convolution. With `codes` the winners of both pools are kept there.
  func inferGroup(
    _ modules: FusedModules<UnsafePointer<Float>>, _ x: UnsafePointer<Float>, count: Int,
    codes: (first: UnsafeMutablePointer<UInt8>, second: UnsafeMutablePointer<UInt8>)? = nil, _ worker: Int,
    _ take: (_ place: Int, _ pooled: UnsafeMutablePointer<Float>, _ last: UnsafeMutablePointer<Float>) -> Void
  ) {
    let (channels, windows) = (FusedShape.channels, shape.pooled.1)
    let all = count * windows
    let values = FusedWeights.points * all * channels
    let a = scratch(worker, width1 + 2 * values + width2 + shape.windows.2)
    let (d, m) = (a + width1, a + width1 + values)
    let (pooled, last) = (m + values, m + values + width2)
    for place in 0..<count {
      kernels.table.pointee.first_module(
        x + place * shape.features, shape.pooled.0, taps.start, offsets.start, nil, 0, a,
        codes.map { $0.first + place * width1 })
      kernels.table.pointee.toom_input(a, windows, all, d + place * windows * channels)
    }
    multiply(d, rows: all, weights.forward.start, bias: modules.1.bias, m)
    for place in 0..<count {
      kernels.table.pointee.toom_output_activate(
        m + place * windows * channels, windows, all, norms[1].scale, norms[1].shift, pooled,
        codes.map { $0.second + place * width2 })
      take(place, pooled, last)
    }
  }

  /// The modules with the batch's own statistics, which it returns, and with dropout after modules 1 and 2.
  public func learn(
    _ modules: FusedModules<UnsafePointer<Float>>, x: UnsafePointer<Float>, instances: Int,
    masks: (first: DropoutMask, second: DropoutMask), _ pool: ThreadPool
  ) -> [Statistics] {
    self.instances = instances
    self.masks = (masks.first.kernel, masks.second.kernel)
    norms.removeAll()
    weights.load(modules, back: true)
    prepareWorkers(pool.threads)
    measureWindows(modules.0, x, pool)
    firstTwo(modules, x, pool)
    third(modules, pool)
    let counts = [shape.windows.0, shape.windows.1, shape.windows.2].map { $0 * instances }
    return zip(counts, norms).map { count, norm in
      Statistics(count: count, mean: norm.mean.map { Float($0) }, variance: norm.variance.map { Float($0) })
    }
  }

  /// Mean and variance of the first convolution, y = b + Σ w_k x_{t+k}, from the means and covariances of the windows.
  private func measureWindows(
    _ module: FusedModule<UnsafePointer<Float>>, _ x: UnsafePointer<Float>, _ pool: ThreadPool
  ) {
    let size = FusedKernels.chunk(instances)
    let chunks = ThreadPool.blocks(instances, size: size)
    sums.fill(9 * chunks, with: 0)
    pool.forEachBlock(instances, size: size) { chunk, range, _ in
      for instance in range {
        kernels.table.pointee.window_sums(x + instance * shape.features, shape.features, sums.start + 9 * chunk)
      }
    }
    windowSums = total(chunks, 9)
    let count = Double(instances * shape.windows.0)
    let means = windowSums[0..<3].map { $0 / count }
    var (mean, variance) = ([Double](), [Double]())
    for channel in 0..<FusedShape.channels {
      let w = (0..<3).map { Double(module.weight[3 * channel + $0]) }
      mean.append(Double(module.bias[channel]) + (0..<3).reduce(0) { $0 + w[$1] * means[$1] })
      var sum = 0.0
      for i in 0..<3 {
        for j in 0..<3 { sum += w[i] * w[j] * (product(i, j) / count - means[i] * means[j]) }
      }
      variance.append(max(0, sum))
    }
    norms.append(FusedNorm(mean: mean, variance: variance, module))
    fold(module, norms[0])
  }

  /// The sum over all windows of x_{t+i} · x_{t+j}.
  func product(_ i: Int, _ j: Int) -> Double {
    let places = [[3, 4, 5], [4, 6, 7], [5, 7, 8]]
    return windowSums[places[i][j]]
  }

  /// First module, second convolution and its pool; the second norm follows from moments of its rows around the running
  /// mean, which is near enough to theirs.
  private func firstTwo(
    _ modules: FusedModules<UnsafePointer<Float>>, _ x: UnsafePointer<Float>, _ pool: ThreadPool
  ) {
    let channels = FusedShape.channels
    let size = FusedKernels.chunk(instances)
    let chunks = ThreadPool.blocks(instances, size: size)
    let groups = size / FusedKernels.group
    codes1.reserve(instances * width1)
    codes2.reserve(instances * width2)
    keepsRows = instances * rowWidth2 <= Self.mostRows
    rows2.reserve(keepsRows ? instances * rowWidth2 : 0)
    extremes2.reserve(instances * width2)
    sums.fill(chunks * groups * 2 * channels, with: 0)
    let sign = (0..<channels).map { modules.1.normWeight[$0] < 0 ? Float(-1) : 1 }
    pool.forEachBlock(instances, size: size) { chunk, range, worker in
      forEachGroup(range) { group in
        let number = chunk * groups + (group.lowerBound - range.lowerBound) / FusedKernels.group
        firstTwoGroup(
          group, modules.1.bias, x, sign, modules.1.runningMean, worker, sums.start + number * 2 * channels)
      }
    }
    var all = FusedMoments()
    for group in 0..<ThreadPool.blocks(instances, size: FusedKernels.group) {
      let count = min(FusedKernels.group, instances - group * FusedKernels.group) * shape.windows.1
      let own = sums.start + group * 2 * channels
      all.add(count: Double(count), center: modules.1.runningMean, sums: own, squares: own + channels)
    }
    norms.append(FusedNorm(mean: all.mean, variance: all.squares.map { $0 / all.count }, modules.1))
  }

  private func firstTwoGroup(
    _ group: Range<Int>, _ bias: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ sign: [Float],
    _ center: UnsafePointer<Float>, _ worker: Int, _ own: UnsafeMutablePointer<Double>
  ) {
    let (channels, windows) = (FusedShape.channels, shape.covers.output)
    let all = group.count * windows
    let values = FusedWeights.points * all * channels
    let bordered = (3 * windows + 2) * channels
    let a = scratch(worker, bordered + 2 * values)
    let (d, m) = (a + bordered, a + bordered + values)
    (a + width1).update(repeating: 0, count: bordered - width1)
    for (place, instance) in group.enumerated() {
      withMask(masks.first) { mask in
        kernels.table.pointee.first_module(
          x + instance * shape.features, shape.pooled.0, taps.start, offsets.start, mask,
          UInt32(truncatingIfNeeded: instance * width1), a, codes1.start + instance * width1)
      }
      kernels.table.pointee.toom_input(a, windows, all, d + place * windows * channels)
    }
    multiply(d, rows: all, weights.forward.start, bias: bias, m)
    let full = shape.pooled.1
    for (place, instance) in group.enumerated() {
      let from = m + place * windows * channels
      let y = keepsRows ? rows2.start + instance * rowWidth2 : a
      kernels.table.pointee.toom_output_pool(
        from, full, all, sign, center, y, extremes2.start + instance * width2, codes2.start + instance * width2, own)
      guard full < windows else { continue }
      let rest = y + 3 * full * channels
      kernels.table.pointee.toom_output(from + full * channels, 1, all, rest)
      kernels.table.pointee.column_moments(rest, shape.windows.1 - 3 * full, center, own)
    }
  }

  /// Second norm, ReLU and dropout; last convolution, its norm and pool.
  private func third(_ modules: FusedModules<UnsafePointer<Float>>, _ pool: ThreadPool) {
    let size = FusedKernels.chunk(instances)
    let chunks = ThreadPool.blocks(instances, size: size)
    let positions = shape.windows.2
    rows3.reserve(instances * positions)
    sums.fill(2 * chunks, with: 0)
    let norm = norms[1]
    pool.forEachBlock(instances, size: size) { chunk, range, worker in
      let a = scratch(worker, width2)
      let own = sums.start + 2 * chunk
      for instance in range {
        withMask(masks.second) { mask in
          kernels.table.pointee.activate(
            extremes2.start + instance * width2, shape.pooled.1, norm.scale, norm.shift, mask,
            UInt32(truncatingIfNeeded: instance * width2), a, codes2.start + instance * width2)
        }
        let y = rows3.start + instance * positions
        kernels.table.pointee.last_convolution(a, positions, weights.last.start, modules.2.bias[0], y)
        for place in 0..<positions {
          own[0] += Double(y[place])
          own[1] += Double(y[place]) * Double(y[place])
        }
      }
    }
    let all = total(chunks, 2)
    let count = Double(instances * positions)
    let mean = all[0] / count
    norms.append(FusedNorm(mean: [mean], variance: [max(0, all[1] / count - mean * mean)], modules.2))
    h.reserve(instances * shape.outputs)
    codes3.reserve(instances * shape.outputs)
    for instance in 0..<instances {
      lastPool(
        rows3.start + instance * positions, places: shape.pooled.2, to: h.start + instance * shape.outputs,
        codes3.start + instance * shape.outputs)
    }
  }

  /// Calls `body` with the mask's address, or nil without a mask.
  func withMask(_ mask: ck_dropout?, _ body: (UnsafePointer<ck_dropout>?) -> Void) {
    if let mask { withUnsafePointer(to: mask) { body($0) } } else { body(nil) }
  }
}
