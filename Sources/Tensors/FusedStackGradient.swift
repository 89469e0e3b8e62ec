import CKernels

extension FusedStack {
  /// Adds to `dX` (instances × features) the derivatives in x, from those in `outputs`; follows `infer` with
  /// `keepsCodes` on the same modules. `guided` lets only derivatives above 0 pass a ReLU (Springenberg 2015).
  ///
  /// With running statistics a norm is a factor per channel: the codes are all that the way back needs.
  public func inputGradient(
    dOutputs: UnsafePointer<Float>, instances: Int, guided: Bool, to dX: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let width = shape.windows.2 + 4
    let dRows = dRows3.fill(instances * width, with: 0)
    pool.forEachBlock(instances, size: FusedKernels.group) { _, range, worker in
      let active = range.filter { lastBack($0, dOutputs, guided: guided, to: dRows + $0 * width) }
      if !active.isEmpty { inputGradient(of: active, guided: guided, to: dX, worker) }
    }
  }

  /// Back through the last pool, ReLU and norm: the derivative in every value of the last convolution of an instance,
  /// with two values before and after that are left as they are. Returns whether one of them is not 0.
  private func lastBack(
    _ instance: Int, _ dOutputs: UnsafePointer<Float>, guided: Bool, to dRows: UnsafeMutablePointer<Float>
  ) -> Bool {
    var isActive = false
    for place in 0..<shape.outputs {
      let at = instance * shape.outputs + place
      let (code, d) = (codes3.start[at], dOutputs[at])
      guard code != UInt8(CK_INACTIVE), d != 0, !(guided && lastReLU && d < 0) else { continue }
      dRows[2 + 3 * place + Int(code)] = norms[2].scale[0] * d
      isActive = true
    }
    return isActive
  }

  /// The derivatives in x of some instances of a group, from those in their last convolutions.
  private func inputGradient(
    of instances: [Int], guided: Bool, to dX: UnsafeMutablePointer<Float>, _ worker: Int
  ) {
    let (channels, cover, positions) = (FusedShape.channels, shape.covers.input, shape.pooled.1)
    let all = instances.count * cover
    let values = FusedWeights.points * all * channels
    let bordered = (3 * cover + 2) * channels
    let g = scratch(worker, width2 + bordered + 2 * values)
    let (rows, d) = (g + width2, g + width2 + bordered)
    let e = d + values
    rows.update(repeating: 0, count: bordered)
    for (place, instance) in instances.enumerated() {
      let codes = codes2.start + instance * width2
      kernels.table.pointee.last_convolution_back(
        dRows3.start + instance * (shape.windows.2 + 4), positions, weights.last.start, 1, codes, g)
      kernels.table.pointee.pool_back(
        g, positions, codes, norms[1].scale, guided ? 1 : 0, rows + 2 * channels)
      kernels.table.pointee.toom_input(rows, cover, all, d + place * cover * channels)
    }
    multiply(d, rows: all, weights.back.start, bias: nil, e)
    for (place, instance) in instances.enumerated() {
      kernels.table.pointee.toom_output(e + place * cover * channels, cover, all, rows)
      kernels.table.pointee.first_module_back(
        rows, shape.pooled.0, taps.start, codes1.start + instance * width1, guided ? 1 : 0,
        dX + instance * shape.features)
    }
  }
}
