import CKernels

extension FusedStack {
  /// Adds the derivatives in all weights of the modules to `gradient`, from those in `outputs`; follows `learn` on the
  /// same x. Convolution biases stand before a norm that takes them out again: their derivative is exactly 0.
  public func backward(
    _ modules: FusedModules<UnsafePointer<Float>>, x: UnsafePointer<Float>, dOutputs: UnsafePointer<Float>,
    into gradient: FusedModules<UnsafeMutablePointer<Float>>, _ pool: ThreadPool
  ) {
    thirdBack(modules.2, dOutputs, into: gradient.2)
    let slopes = secondNormBack(modules.1, into: (gradient.1, gradient.2), pool)
    secondBack(slopes, modules.1.bias, x, into: gradient.1, pool)
    firstBack(modules.0, into: gradient.0)
  }

  /// Back through the last pool and norm: the derivative in every value of the last convolution, with two zeros before
  /// and after those of an instance.
  private func thirdBack(
    _ module: FusedModule<UnsafePointer<Float>>, _ dOutputs: UnsafePointer<Float>,
    into gradient: FusedModule<UnsafeMutablePointer<Float>>
  ) {
    let (positions, outputs, norm) = (shape.windows.2, shape.outputs, norms[2])
    var (plain, weighted) = (0.0, 0.0)
    let dRows = dRows3.fill(instances * (positions + 4), with: 0)
    for instance in 0..<instances {
      for place in 0..<outputs {
        let (code, d) = (codes3.start[instance * outputs + place], dOutputs[instance * outputs + place])
        guard code != UInt8(CK_INACTIVE), d != 0 else { continue }
        let at = 3 * place + Int(code)
        dRows[instance * (positions + 4) + 2 + at] = d
        plain += Double(d)
        weighted += Double(d) * (Double(rows3.start[instance * positions + at]) - norm.mean[0]) * norm.deviation[0]
      }
    }
    gradient.normBias[0] += Float(plain)
    gradient.normWeight[0] += Float(weighted)
    let count = Double(instances * positions)
    let scale = norm.deviation[0] * Double(module.normWeight[0])
    let slope = Float(scale * norm.deviation[0] * weighted / count)
    let base = Float(scale * (plain / count - norm.mean[0] * norm.deviation[0] * weighted / count))
    for instance in 0..<instances {
      let d = dRows + instance * (positions + 4) + 2
      let y = rows3.start + instance * positions
      for place in 0..<positions { d[place] = Float(scale) * d[place] - (base + slope * y[place]) }
    }
  }

  /// Derivatives in the last convolution's weight and the second norm; returns a, b, c of dy = a · g − (b + c · y).
  private func secondNormBack(
    _ module: FusedModule<UnsafePointer<Float>>,
    into gradient: (FusedModule<UnsafeMutablePointer<Float>>, FusedModule<UnsafeMutablePointer<Float>>),
    _ pool: ThreadPool
  ) -> (a: [Float], b: [Float], c: [Float]) {
    let (channels, positions, norm) = (FusedShape.channels, shape.windows.2, norms[1])
    let size = FusedKernels.chunk(instances)
    let chunks = ThreadPool.blocks(instances, size: size)
    let dLast = dWeights.fill(chunks * 3 * channels, with: 0)
    sums.fill(chunks * 2 * channels, with: 0)
    pool.forEachBlock(instances, size: size) { chunk, range, worker in
      let a = scratch(worker, 2 * width2)
      let g = a + width2
      for instance in range {
        let (codes, d) = (codes2.start + instance * width2, dRows3.start + instance * (positions + 4))
        let extremes = extremes2.start + instance * width2
        kernels.table.pointee.activate_again(
          extremes, shape.pooled.1, norm.scale, norm.shift, masks.second?.scale ?? 1, codes, a)
        kernels.table.pointee.last_convolution_gradient(a, positions, d + 2, dLast + chunk * 3 * channels)
        kernels.table.pointee.last_convolution_back(
          d, shape.pooled.1, weights.last.start, masks.second?.scale ?? 1, codes, g)
        kernels.table.pointee.norm_sums(
          g, extremes, shape.pooled.1, norm.center, sums.start + chunk * 2 * channels)
      }
    }
    for k in 0..<3 {
      for input in 0..<channels {
        var sum = 0.0
        for chunk in 0..<chunks { sum += Double(dLast[(chunk * 3 + k) * channels + input]) }
        gradient.1.weight[input * 3 + k] += Float(sum)
      }
    }
    let all = total(chunks, 2 * channels)
    var (a, b, c) = ([Float](), [Float](), [Float]())
    let count = Double(instances * shape.windows.1)
    for channel in 0..<channels {
      let (plain, deviation) = (all[channel], norm.deviation[channel])
      let weighted = (all[channels + channel] + plain * (Double(norm.center[channel]) - norm.mean[channel])) * deviation
      gradient.0.normBias[channel] += Float(plain)
      gradient.0.normWeight[channel] += Float(weighted)
      let scale = deviation * Double(module.normWeight[channel])
      let slope = scale * deviation * weighted / count
      a.append(Float(scale))
      b.append(Float(scale * plain / count - slope * norm.mean[channel]))
      c.append(Float(slope))
    }
    return (a, b, c)
  }

  /// Back through the second convolution, and the first module's pool; leaves in `sums` what the first norm needs.
  private func secondBack(
    _ slopes: (a: [Float], b: [Float], c: [Float]), _ bias: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into gradient: FusedModule<UnsafeMutablePointer<Float>>, _ pool: ThreadPool
  ) {
    let channels = FusedShape.channels
    let size = FusedKernels.chunk(instances)
    let chunks = ThreadPool.blocks(instances, size: size)
    let count = FusedWeights.points * FusedWeights.square
    dWeights.reserve(chunks * count)
    sums.fill(chunks * 4 * channels, with: 0)
    pool.forEachBlock(instances, size: size) { chunk, range, worker in
      (dWeights.start + chunk * count).update(repeating: 0, count: count)
      forEachGroup(range) { group in
        secondBackGroup(
          group, slopes, bias, x, worker, dWeight: dWeights.start + chunk * count,
          sums: sums.start + chunk * 4 * channels)
      }
    }
    let products = self.products.fill(count, with: 0)
    pool.forEachBlock(count, size: FusedWeights.square / 2) { _, places, _ in
      for chunk in 0..<chunks {
        let own = dWeights.start + chunk * count
        for place in places { products[place] += Double(own[place]) }
      }
    }
    for output in 0..<channels {
      for input in 0..<channels {
        let d = FusedWeights.gradient(products, output, input)
        let to = gradient.weight + (output * channels + input) * 3
        to[0] += d.0
        to[1] += d.1
        to[2] += d.2
      }
    }
    windowGradient = total(chunks, 4 * channels)
  }

  private func secondBackGroup(
    _ group: Range<Int>, _ slopes: (a: [Float], b: [Float], c: [Float]), _ bias: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, _ worker: Int, dWeight: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) {
    let (channels, cover) = (FusedShape.channels, shape.covers)
    let bordered = (3 * cover.input + 2) * channels
    let (outputs, inputs) = (group.count * cover.output, group.count * cover.input)
    let values = FusedWeights.points * inputs * channels
    let a = scratch(
      worker, bordered + width2 + group.count * bordered + 2 * values + (keepsRows ? 0 : group.count * rowWidth2))
    let (g, dRows) = (a + bordered, a + bordered + width2)
    let d = dRows + group.count * bordered
    let (e, rows) = (d + values, d + 2 * values)
    (a + width1).update(repeating: 0, count: bordered - width1)
    for (place, instance) in group.enumerated() {
      kernels.table.pointee.first_module_again(
        x + instance * shape.features, shape.pooled.0, taps.start, offsets.start, masks.first?.scale ?? 1,
        codes1.start + instance * width1, a)
      kernels.table.pointee.toom_input(a, cover.output, outputs, d + place * cover.output * channels)
    }
    if !keepsRows {
      multiply(d, rows: outputs, weights.forward.start, bias: bias, e)
      for place in 0..<group.count {
        kernels.table.pointee.toom_output(
          e + place * cover.output * channels, cover.output, outputs, rows + place * rowWidth2)
      }
    }
    for (place, instance) in group.enumerated() {
      let y = keepsRows ? rows2.start + instance * rowWidth2 : rows + place * rowWidth2
      rowGradient(instance, slopes, y, g: g, dRows: dRows + place * bordered)
      kernels.table.pointee.toom_gradient_input(
        dRows + place * bordered + 2 * channels, cover.output, outputs, e + place * cover.output * channels)
    }
    for place in 0..<group.count {
      // The values at 0 and at infinity are every third row itself.
      let from = d + place * cover.output * channels
      let rows = dRows + place * bordered + 2 * channels
      kernels.table.pointee.rows_gradient(from, channels, cover.output, channels, rows, 3 * channels, dWeight)
      kernels.table.pointee.rows_gradient(
        from + 4 * outputs * channels, channels, cover.output, channels, rows + 2 * channels, 3 * channels,
        dWeight + 4 * FusedWeights.square)
    }
    for point in 1..<4 {
      kernels.table.pointee.rows_gradient(
        d + point * outputs * channels, channels, outputs, channels, e + (point - 1) * outputs * channels, channels,
        dWeight + point * FusedWeights.square)
    }
    for place in 0..<group.count {
      kernels.table.pointee.toom_input(
        dRows + place * bordered, cover.input, inputs, d + place * cover.input * channels)
    }
    multiply(d, rows: inputs, weights.back.start, bias: nil, e)
    for (place, instance) in group.enumerated() {
      kernels.table.pointee.toom_output(e + place * cover.input * channels, cover.input, inputs, a)
      kernels.table.pointee.first_module_gradient(
        x + instance * shape.features, shape.pooled.0, a, masks.first?.scale ?? 1, codes1.start + instance * width1,
        sums)
    }
  }

  /// The derivative in the rows y of an instance's second convolution, with zeros before and after.
  private func rowGradient(
    _ instance: Int, _ slopes: (a: [Float], b: [Float], c: [Float]), _ y: UnsafePointer<Float>,
    g: UnsafeMutablePointer<Float>, dRows: UnsafeMutablePointer<Float>
  ) {
    let channels = FusedShape.channels
    let codes = codes2.start + instance * width2
    kernels.table.pointee.last_convolution_back(
      dRows3.start + instance * (shape.windows.2 + 4), shape.pooled.1, weights.last.start, masks.second?.scale ?? 1,
      codes, g)
    dRows.update(repeating: 0, count: 2 * channels)
    kernels.table.pointee.norm_back(
      y, shape.windows.1, shape.pooled.1, g, codes, slopes.a, slopes.b, slopes.c, dRows + 2 * channels)
    let end = 2 + shape.windows.1
    (dRows + end * channels).update(repeating: 0, count: (3 * shape.covers.input + 2 - end) * channels)
  }

  /// Back through the first norm and convolution, in closed form from sums over the winners and over all windows.
  private func firstBack(
    _ module: FusedModule<UnsafePointer<Float>>, into gradient: FusedModule<UnsafeMutablePointer<Float>>
  ) {
    let (channels, norm) = (FusedShape.channels, norms[0])
    let count = Double(instances * shape.windows.0)
    for channel in 0..<channels {
      let w = (0..<3).map { Double(module.weight[3 * channel + $0]) }
      let deviation = norm.deviation[channel]
      let rest = Double(module.bias[channel]) - norm.mean[channel]
      let plain = windowGradient[3 * channels + channel]
      let winners = (0..<3).map { windowGradient[$0 * channels + channel] }
      let weighted = deviation * ((0..<3).reduce(0) { $0 + w[$1] * winners[$1] } + rest * plain)
      gradient.normBias[channel] += Float(plain)
      gradient.normWeight[channel] += Float(weighted)
      let scale = deviation * Double(module.normWeight[channel])
      for k in 0..<3 {
        let all = deviation * ((0..<3).reduce(0) { $0 + w[$1] * product($1, k) } + rest * windowSums[k])
        let d = winners[k] - plain / count * windowSums[k] - weighted / count * all
        gradient.weight[3 * channel + k] += Float(scale * d)
      }
    }
  }
}
