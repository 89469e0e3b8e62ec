import Arrays
import CKernels

/// The stack and the gate on pairs, in inference: values that depend on one partner alone are computed once and kept,
/// the rest for every pair. All values equal those computed from whole rows, to the last bit. Not thread-safe.
public final class FusedPairs {
  /// The tensors of a model.
  public struct Tensors {
    let modules: FusedModules<UnsafePointer<Float>>
    let attention: FusedAttention.Tensors<UnsafePointer<Float>>?

    /// Pointers to the tensors.
    public init(
      modules: FusedModules<UnsafePointer<Float>>, attention: FusedAttention.Tensors<UnsafePointer<Float>>?
    ) {
      (self.modules, self.attention) = (modules, attention)
    }
  }

  private let stack: FusedStack
  private let attention: FusedAttention
  private let plan: FusedPairPlan
  private let pool: ThreadPool
  private let kernels: FusedKernels
  private let h = Buffer<Float>()
  private let gateValues = Buffer<Float>()
  /// The windows computed per pair, and the pairs that pass through the kernels together.
  private let made: Int
  private let group: Int

  /// The number of floats kept per partner.
  public var keptWidth: Int { plan.width }
  /// Values of the last pairs, pairs × the shape's outputs; overwritten by the next run.
  public var outputs: UnsafePointer<Float> { UnsafePointer(h.start) }
  /// Attention values of the last pairs, one per pair; undefined for a model without attention.
  public var gates: UnsafePointer<Float> { UnsafePointer(gateValues.start) }

  /// An engine for columns of these owners; nil where no output depends on one partner alone.
  public init?(
    shape: FusedShape, lastReLU: Bool, kernels: FusedKernels, columns: PairColumns, hasAttention: Bool,
    tensors: Tensors, _ pool: ThreadPool
  ) {
    attention = FusedAttention(features: shape.features, kernels: kernels)
    guard let plan = FusedPairPlan(shape: shape, columns: columns, attention: hasAttention ? attention.chunks : [])
    else { return nil }
    stack = FusedStack(shape: shape, lastReLU: lastReLU, kernels: kernels)
    (self.plan, self.pool, self.kernels) = (plan, pool, kernels)
    made = plan.madeWindows.reduce(0) { $0 + $1.count }
    // Enough rows for full register tiles, few enough for the second cache.
    group = max(4, min(32, 48 / max(1, made)))
    stack.prepareInference(tensors.modules, pool)
    if let tensors = tensors.attention { attention.load(tensors) }
  }

  /// Writes the kept values of partners, count × `keptWidth`, from their rows, count × features.
  public func keep(
    _ tensors: Tensors, _ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>
  ) {
    let features = stack.shape.features
    pool.forEachBlock(count, size: FusedKernels.group) { _, range, worker in
      let (x, first) = (rows + range.lowerBound * features, kept + range.lowerBound * plan.width)
      stack.inferGroup(tensors.modules, x, count: range.count, worker) { place, pooled, last in
        let to = first + place * plan.width
        kernels.table.pointee.last_convolution(
          pooled, stack.shape.windows.2, stack.weights.last.start, tensors.modules.2.bias[0], last)
        // The third module takes three places for one, so its values fit where they come from.
        stack.lastPool(last, places: stack.shape.pooled.2, to: last, nil)
        for copy in plan.outputs { to[copy.from] = last[copy.to] }
        for copy in plan.windows { (to + copy.from).update(from: pooled + copy.to, count: copy.count) }
        for copy in plan.columns where copy.owner != .both {
          (to + copy.from).update(from: x + place * features + copy.to, count: copy.count)
        }
      }
      for (sum, chunk) in zip(plan.sums, attention.chunks) {
        guard case .kept(_, let at) = sum else { continue }
        for place in 0..<range.count {
          attention.multiply(chunk, x + place * features, rows: 1, to: first + place * plan.width + at)
        }
      }
    }
  }

  /// Computes outputs and gates of pairs from the kept values of their partners and the shared columns.
  public func run(
    _ tensors: Tensors, first: [UnsafePointer<Float>], second: [UnsafePointer<Float>], shared: UnsafePointer<Float>,
    sharedWidth: Int
  ) {
    let (features, outputs) = (stack.shape.features, stack.shape.outputs)
    h.reserve(first.count * outputs)
    gateValues.reserve(first.count)
    pool.forEachBlock(first.count, size: group) { _, range, worker in
      let values = FusedWeights.points * range.count * made * FusedShape.channels
      let room = stack.scratch(
        worker, range.count * (features + FusedAttention.hidden) + stack.width1 + stack.width2 + 2 * values)
      let hidden = room + range.count * features
      for (place, pair) in range.enumerated() {
        let x = room + place * features
        for copy in plan.columns {
          let from: UnsafePointer<Float> =
            switch copy.owner {
            case .first: first[pair]
            case .second: second[pair]
            case .both: shared + pair * sharedWidth
            }
          (x + copy.to).update(from: from + copy.from, count: copy.count)
        }
      }
      let partners = (first[range], second[range])
      makeOutputs(
        tensors, partners, room, hidden + range.count * FusedAttention.hidden, to: h.start + range.lowerBound * outputs)
      if let tensors = tensors.attention {
        makeGates(tensors, partners, room, hidden, to: gateValues.start + range.lowerBound)
      }
    }
  }

  /// Computes the windows of a group of pairs, then each pair's outputs.
  private func makeOutputs(
    _ tensors: Tensors, _ partners: (ArraySlice<UnsafePointer<Float>>, ArraySlice<UnsafePointer<Float>>),
    _ x: UnsafePointer<Float>, _ room: UnsafeMutablePointer<Float>, to h: UnsafeMutablePointer<Float>
  ) {
    let (channels, shape, count) = (FusedShape.channels, stack.shape, partners.0.count)
    let (all, table) = (count * made, kernels.table)
    let (a, pooled) = (room, room + stack.width1)
    let d = pooled + stack.width2
    let m = d + FusedWeights.points * all * channels
    for place in 0..<count {
      var to = place * made
      for run in plan.madeWindows {
        table.pointee.first_module(
          x + place * shape.features + 9 * run.lowerBound, 3 * run.count + 2, stack.taps.start, stack.offsets.start,
          nil, 0, a, nil)
        table.pointee.toom_input(a, run.count, all, d + to * channels)
        to += run.count
      }
    }
    stack.multiply(d, rows: all, stack.weights.forward.start, bias: tensors.modules.1.bias, m)
    for (place, (first, second)) in zip(partners.0, partners.1).enumerated() {
      var from = place * made
      for run in plan.madeWindows {
        table.pointee.toom_output_activate(
          m + from * channels, run.count, all, stack.norms[1].scale, stack.norms[1].shift,
          pooled + run.lowerBound * channels, nil)
        from += run.count
      }
      for copy in plan.windows {
        (pooled + copy.to).update(from: (copy.owner == .first ? first : second) + copy.from, count: copy.count)
      }
      let own = h + place * shape.outputs
      for run in plan.madeOutputs {
        table.pointee.last_convolution(
          pooled + 3 * run.lowerBound * channels, 3 * run.count, stack.weights.last.start, tensors.modules.2.bias[0], a)
        stack.lastPool(a, places: run.count, to: own + run.lowerBound, nil)
      }
      for copy in plan.outputs { own[copy.to] = (copy.owner == .first ? first : second)[copy.from] }
    }
  }

  private func makeGates(
    _ tensors: FusedAttention.Tensors<UnsafePointer<Float>>,
    _ partners: (ArraySlice<UnsafePointer<Float>>, ArraySlice<UnsafePointer<Float>>), _ x: UnsafePointer<Float>,
    _ hidden: UnsafeMutablePointer<Float>, to gates: UnsafeMutablePointer<Float>
  ) {
    let (width, count) = (FusedAttention.hidden, partners.0.count)
    attention.begin(tensors, rows: count, hidden)
    for sum in plan.sums {
      switch sum {
      case .made(let chunk): attention.add(chunk, x, rows: count, to: hidden)
      case .kept(let owner, let at):
        for (place, kept) in (owner == .first ? partners.0 : partners.1).enumerated() {
          kernels.table.pointee.add_scaled(kept + at, width, 1, hidden + place * width)
        }
      }
    }
    for place in 0..<count { gates[place] = attention.gate(tensors, hidden + place * width) }
  }
}
