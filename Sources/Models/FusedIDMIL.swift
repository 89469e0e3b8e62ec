import Arrays
import Tensors

/// IDMIL-III with kernels of 3 as one fused engine for training and scoring: the parameters of its layer network and,
/// to rounding, its values, without memory for intermediate values.
///
/// Derivatives in the parameters in inference mode are the layer network's.
public struct FusedIDMIL: Differentiable {
  private var network: Network
  let shape: FusedShape
  let options: IDMIL.Options
  let kernels: FusedKernels

  /// The tensors of the layer network, by the same names.
  public var parameters: Parameters {
    get { network.parameters }
    set { network.parameters = newValue }
  }
  /// The features of the instances, as the layer network takes them.
  public var ports: [PortSpec] { network.ports }
  /// The axis of the instances.
  public var unit: Axis { network.unit }
  /// The axis of the bags.
  public var target: Axis { network.target }

  /// The engine for `network`, built from these options; nil where it has no kernels for them: other kernel widths,
  /// fewer than three modules, or a processor for which there is only plain C (unless `kernels` asks for that).
  public init?(network: Network, options: IDMIL.Options, kernels: FusedKernels? = nil) {
    guard let features = network.ports.first?.width, let shape = FusedShape(features: features), options.kernel == 3,
      options.modules == 3, options.pooling == .max, options.channels == 64,
      let kernels = kernels ?? FusedKernels().flatMap({ $0.strength == .plain ? nil : $0 }),
      network.parameters.index(of: "conv3.weight") != nil
    else { return nil }
    (self.network, self.shape, self.options, self.kernels) = (network, shape, options, kernels)
  }

  /// Returns logits, witnesses and gates; in training mode records on the tape what `backward` and `commit` need.
  public func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Scores {
    forward(batch, mode, keepsCodes: false, tape)
  }

  /// `keepsCodes`, in inference mode, is for derivatives in x.
  private func forward(_ batch: Batch, _ mode: Mode, keepsCodes: Bool, _ tape: Tape) -> Scores {
    guard let x = batch.dense("x"), x.columns == shape.features else {
      preconditionFailure("a batch with the port x, \(shape.features) wide")
    }
    guard x.rows > 0 else { return network.forward(batch, mode, tape) }
    let memory = memory(of: tape)
    memory.mode = mode
    tape.statistics.removeAll(keepingCapacity: true)
    return x.withUnsafeBufferPointer { x in
      parameters.storage.withUnsafeBufferPointer { weights in
        guard let x = x.baseAddress, let weights = weights.baseAddress else { preconditionFailure("a batch") }
        return run(batch, x, UnsafeTensors(weights, parameters), mode, keepsCodes, tape, memory)
      }
    }
  }

  private func run(
    _ batch: Batch, _ x: UnsafePointer<Float>, _ tensors: UnsafeTensors<UnsafePointer<Float>>, _ mode: Mode,
    _ keepsCodes: Bool, _ tape: Tape, _ memory: FusedMemory
  ) -> Scores {
    let instances = batch.count[.instance] ?? 0
    let pool = tape.work.pool
    switch mode {
    case .inference:
      memory.stack.infer(tensors.modules, x: x, instances: instances, keepsCodes: keepsCodes, pool)
    case .training:
      let seen = memory.stack.learn(
        tensors.modules, x: x, instances: instances, masks: (mask(1, mode), mask(2, mode)), pool)
      note(seen, tape)
    }
    if let attention = tensors.attention {
      let mask = mode == .inference ? nil : mask(0, mode)
      memory.attention.forward(attention, x: x, instances: instances, mask: mask, pool)
    }
    let gates = tensors.attention == nil ? nil : memory.attention.values
    let h = memory.stack.outputs
    let unit = (0..<instances).map { instance in
      tensors.logit(h + instance * shape.outputs, gate: gates?[instance], count: shape.outputs)
    }
    let notes = gates.map { [Scores.attention: Array(UnsafeBufferPointer(start: $0, count: instances))] } ?? [:]
    let scores = join(Scores(unit: self.unit, unit, notes: notes), batch, tape)
    memory.witness = scores.witness ?? []
    return scores
  }

  /// Pools unit logits by maximum; ties go to the first unit.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    let offsets = grouping.segments("bag")
    var logit = [Float](repeating: 0, count: offsets.count - 1)
    var witness = [Int32](repeating: 0, count: offsets.count - 1)
    units.values[unit]?.withUnsafeBufferPointer { x in
      logit.withUnsafeMutableBufferPointer { y in
        witness.withUnsafeMutableBufferPointer { rows in
          guard let x = x.baseAddress, let y = y.baseAddress, let rows = rows.baseAddress else { return }
          SegmentMaxKernel.forward(offsets: offsets, x: x, y: y, witness: rows)
        }
      }
    }
    var result = units
    result.values[target] = Matrix(rows: logit.count, columns: 1, values: logit)
    result.witness = witness
    return result
  }

  /// Loads nothing: the engine has kernels of its own.
  public func prepare(forAttribution: Bool, threads: Int) throws {}

  /// Adds the derivatives with respect to all weights to `gradient`; those of convolution biases before a norm are 0.
  public func backward(_ batch: Batch, _ start: Start, _ tape: Tape, into gradient: inout Parameters) {
    precondition(gradient.entries == parameters.entries, "a gradient of the model's layout")
    let memory = memory(of: tape)
    guard memory.mode != .inference, let x = batch.dense("x"), x.rows > 0 else {
      let other = Tape(threads: tape.work.pool.threads)
      _ = network.forward(batch, memory.mode, other)
      return network.backward(batch, start, other, into: &gradient)
    }
    let dUnit = unitGradient(start, memory, x.rows)
    x.withUnsafeBufferPointer { x in
      parameters.storage.withUnsafeBufferPointer { weights in
        gradient.storage.withUnsafeMutableBufferPointer { sums in
          guard let x = x.baseAddress, let weights = weights.baseAddress, let sums = sums.baseAddress else { return }
          runBack(
            x, UnsafeTensors(weights, parameters), dUnit, UnsafeTensors(sums, parameters), memory, tape.work.pool)
        }
      }
    }
  }

  private func runBack(
    _ x: UnsafePointer<Float>, _ tensors: UnsafeTensors<UnsafePointer<Float>>, _ dUnit: [Float],
    _ gradient: UnsafeTensors<UnsafeMutablePointer<Float>>, _ memory: FusedMemory, _ pool: ThreadPool
  ) {
    let outputs = shape.outputs
    let h = memory.stack.outputs
    let dH = memory.dOutputs.fill(dUnit.count * outputs, with: 0)
    var dGates: [(instance: Int, value: Float)] = []
    for (instance, d) in dUnit.enumerated() where d != 0 {
      let gate = tensors.attention == nil ? 1 : memory.attention.values[instance]
      var dGate: Float = 0
      gradient.outputBias[0] += d
      for place in 0..<outputs {
        let value = h[instance * outputs + place]
        gradient.outputWeight[place] += d * (gate * value)
        dGate += d * tensors.outputWeight[place] * value
        dH[instance * outputs + place] = d * tensors.outputWeight[place] * gate
      }
      dGates.append((instance, dGate))
    }
    if let attention = tensors.attention, let into = gradient.attention {
      memory.attention.backward(attention, x: x, dGates: dGates, into: into, pool)
    }
    memory.stack.backward(tensors.modules, x: x, dOutputs: dH, into: gradient.modules, pool)
  }

  /// That of the layer network.
  public func obstacle(to rule: Rule) -> String? { network.obstacle(to: rule) }

  /// One run forward, with the scores of `score`, and back to x; relevance is the layer network's.
  public func gradients(
    _ batch: Batch, _ rule: Rule, _ tape: Tape, from start: (Scores) -> Start
  ) -> (scores: Scores, ports: [String: Matrix]) {
    guard let x = batch.dense("x"), x.rows > 0, rule == .gradient || rule == .guided else {
      return network.gradients(batch, rule, tape, from: start)
    }
    let scores = forward(batch, .inference, keepsCodes: true, tape)
    let memory = memory(of: tape)
    let dUnit = unitGradient(start(scores), memory, x.rows)
    var dX = Matrix(rows: x.rows, columns: x.columns)
    dX.withUnsafeMutableBufferPointer { dX in
      guard let dX = dX.baseAddress else { return }
      withTensors { runBackToInput($0, dUnit, guided: rule == .guided, to: dX, memory, tape.work.pool) }
    }
    return (scores, ["x": dX])
  }

  private func runBackToInput(
    _ tensors: UnsafeTensors<UnsafePointer<Float>>, _ dUnit: [Float], guided: Bool,
    to dX: UnsafeMutablePointer<Float>, _ memory: FusedMemory, _ pool: ThreadPool
  ) {
    let (outputs, h) = (shape.outputs, memory.stack.outputs)
    let dH = memory.dOutputs.reserve(dUnit.count * outputs)
    let dGates = dUnit.enumerated().map { instance, d in
      let gate = tensors.attention == nil ? 1 : memory.attention.values[instance]
      var dGate: Float = 0
      for place in 0..<outputs {
        let dGated = d * tensors.outputWeight[place]
        dGate += dGated * h[instance * outputs + place]
        dH[instance * outputs + place] = dGated * gate
      }
      return dGate
    }
    if let attention = tensors.attention {
      memory.attention.inputGradient(
        attention, dGates: dGates, instances: dUnit.count, guided: guided, to: dX, pool)
    }
    memory.stack.inputGradient(dOutputs: dH, instances: dUnit.count, guided: guided, to: dX, pool)
  }

  // MARK: Parts of a run

  /// Calls `body` with the tensors.
  func withTensors<Result>(_ body: (UnsafeTensors<UnsafePointer<Float>>) -> Result) -> Result {
    parameters.storage.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { preconditionFailure("a model has weights") }
      return body(UnsafeTensors(weights, parameters))
    }
  }

  private func memory(of tape: Tape) -> FusedMemory {
    if let memory = tape.engine as? FusedMemory, memory.fits(shape, options, kernels) { return memory }
    let memory = FusedMemory(shape, options, kernels)
    tape.engine = memory
    return memory
  }

  private func mask(_ layer: Int, _ mode: Mode) -> DropoutMask {
    guard case .training(let seed, let epoch, let batch) = mode else {
      return DropoutMask(probability: 0, seed: 0, epoch: 0, batch: 0, layer: layer)
    }
    return DropoutMask(probability: options.dropout, seed: seed, epoch: epoch, batch: batch, layer: layer)
  }

  /// Running variances are unbiased, as in PyTorch.
  private func note(_ seen: [FusedStack.Statistics], _ tape: Tape) {
    for (module, statistics) in seen.enumerated() {
      let unbiased = Float(statistics.count) / Float(max(statistics.count - 1, 1))
      for (name, values) in [
        ("running_mean", statistics.mean), ("running_var", statistics.variance.map { $0 * unbiased }),
      ] {
        guard let place = parameters.index(of: "norm\(module + 1).\(name)") else { continue }
        tape.statistics.append(BatchStatistics(place: place, values: values))
      }
    }
  }

  private func unitGradient(_ start: Start, _ memory: FusedMemory, _ instances: Int) -> [Float] {
    let values = start.slope.values
    if start.axis == unit {
      precondition(values.count == instances, "one derivative per instance")
      return values
    }
    precondition(values.count == memory.witness.count, "one derivative per bag")
    var result = [Float](repeating: 0, count: instances)
    for (row, value) in zip(memory.witness, values) { result[Int(row)] += value }
    return result
  }
}

/// The memory of one run, held by its tape.
private final class FusedMemory {
  let stack: FusedStack
  let attention: FusedAttention
  let dOutputs = Buffer<Float>()
  let options: IDMIL.Options
  let strength: FusedKernels.Strength
  var mode = Mode.inference
  var witness: [Int32] = []

  init(_ shape: FusedShape, _ options: IDMIL.Options, _ kernels: FusedKernels) {
    stack = FusedStack(shape: shape, lastReLU: options.lastReLU, kernels: kernels)
    attention = FusedAttention(features: shape.features, kernels: kernels)
    (self.options, strength) = (options, kernels.strength)
  }

  func fits(_ shape: FusedShape, _ options: IDMIL.Options, _ kernels: FusedKernels) -> Bool {
    stack.shape == shape && self.options == options && strength == kernels.strength
  }
}

/// The tensors of the network, found by their names.
struct UnsafeTensors<Pointer> {
  let modules: FusedModules<Pointer>
  let attention: FusedAttention.Tensors<Pointer>?
  let outputWeight, outputBias: Pointer

  init(_ start: Pointer, _ parameters: Parameters) where Pointer: Strideable, Pointer.Stride == Int {
    func tensor(_ name: String) -> Pointer {
      guard let place = parameters.index(of: name) else { preconditionFailure("a tensor \(name)") }
      return start.advanced(by: parameters.entries[place].offset)
    }
    func module(_ number: Int) -> FusedModule<Pointer> {
      FusedModule(
        weight: tensor("conv\(number).weight"), bias: tensor("conv\(number).bias"),
        normWeight: tensor("norm\(number).weight"), normBias: tensor("norm\(number).bias"),
        runningMean: tensor("norm\(number).running_mean"), runningVariance: tensor("norm\(number).running_var"))
    }
    modules = (module(1), module(2), module(3))
    attention =
      parameters.index(of: "attention1.weight") == nil
      ? nil
      : FusedAttention.Tensors(
        weight1: tensor("attention1.weight"), bias1: tensor("attention1.bias"), weight2: tensor("attention2.weight"),
        bias2: tensor("attention2.bias"))
    (outputWeight, outputBias) = (tensor("output.weight"), tensor("output.bias"))
  }
}

extension UnsafeTensors where Pointer == UnsafePointer<Float> {
  /// The tensors as the engine for pairs takes them.
  var paired: FusedPairs.Tensors { FusedPairs.Tensors(modules: modules, attention: attention) }

  /// The logit of an instance from its `count` outputs and its gate.
  func logit(_ h: UnsafePointer<Float>, gate: Float?, count: Int) -> Float {
    var sum = outputBias[0]
    for place in 0..<count { sum += outputWeight[place] * (h[place] * (gate ?? 1)) }
    return sum
  }
}
