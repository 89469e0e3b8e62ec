import Arrays
import Tensors

/// Batch normalisation of every channel over all rows and positions of the batch (Ioffe and Szegedy 2015).
///
/// In training mode it uses the batch's statistics and records them on the tape; in inference the running ones.
///
/// Where rows belong to entities that several examples share, each row counts as often as its entity occurs: mean,
/// variance and derivatives are those of a batch in which every example has rows of its own.
public struct BatchNorm: Layer {
  /// ε, what a batch counts in the running statistics, and whether their variance is the biased one.
  public struct Convention: Sendable, Equatable {
    let epsilon: Float
    let momentum: Float
    let isBiased: Bool

    /// PyTorch's: ε 10⁻⁵, a batch counts 0.1, unbiased variance.
    public static let torch = Convention(epsilon: BatchNormKernel.epsilon, momentum: 0.1, isBiased: false)
    /// Keras' of dense layers: ε 10⁻³, biased variance; `momentum` is what the running statistics keep of themselves.
    public static func keras(momentum: Float = 0.99) -> Convention {
      Convention(epsilon: 1e-3, momentum: 1 - momentum, isBiased: true)
    }
  }

  private let convention: Convention
  private let counting: (index: String, segments: String)?

  /// A norm that counts each row once, with PyTorch's numbers, or others.
  public init(_ convention: Convention = .torch) { (self.convention, counting) = (convention, nil) }

  /// A norm that counts each row as often as its entity occurs: the segments of `segments` make rows of the entities,
  /// to which the rows of another axis point by `index`.
  public init(counting index: String, in segments: String) { (convention, counting) = (.torch, (index, segments)) }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// The derivative of every value is known at once.
  public var writes: Bool { true }

  /// The input's shape.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// An index or segments that do not fit each other, or the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard let counting else { return nil }
    guard case .segments(let offsets)? = batch.relations[counting.segments] else {
      return "relation \(counting.segments): is not segments of the batch"
    }
    guard case .index(let rows)? = batch.relations[counting.index] else {
      return "relation \(counting.index): is no index of the batch"
    }
    let groups = offsets.count - 1
    if let fault = batch.relations[counting.segments]?.fault(rows: batch.count[inputs[0].axis] ?? 0, others: groups) {
      return "relation \(counting.segments): \(fault)"
    }
    return batch.relations[counting.index]?.fault(rows: rows.count, others: groups).map {
      "relation \(counting.index): \($0)"
    }
  }

  /// One value per channel of each: γ (weight) from 1, β (bias) from 0, and the running statistics, which are buffers;
  /// names and starts as in PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let shape = [inputs[0].channels]
    return [
      Parameters.Request("weight", shape, .constant(1)), Parameters.Request("bias", shape, .constant(0)),
      Parameters.Request("running_mean", shape, .constant(0), kind: .buffer),
      Parameters.Request("running_var", shape, .constant(1), kind: .buffer),
    ]
  }

  /// y = γ · (x − mean) / √(variance + ε) + β; in training with the biased variance of the batch.
  public func forward(_ values: LayerValues) {
    let (rows, channels) = size(values)
    let mean = values.node.notes.reserve(2 * channels)
    let deviation = mean + channels
    if values.mode == .inference {
      mean.update(from: values.parameters[2], count: channels)
      deviation.update(from: values.parameters[3], count: channels)
    } else {
      let counts = counts(values)
      BatchNormKernel.statistics(
        rows: rows, channels: channels, counts: counts, x: values.inputs[0], mean: mean, variance: deviation,
        values.tape.work)
      note(values, mean, deviation, counts.map { $0.reduce(0) { $0 + Int($1) } } ?? rows, channels)
    }
    for channel in 0..<channels { deviation[channel] = 1 / (deviation[channel] + convention.epsilon).squareRoot() }
    BatchNormKernel.forward(
      rows: rows, channels: channels, x: values.inputs[0], weight: values.parameters[0], bias: values.parameters[1],
      mean: mean, deviation: deviation, y: values.output, values.tape.work)
  }

  /// In training mode derivatives pass through the batch's mean and variance too; in inference these are constants.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let (rows, channels) = size(values)
    let mean = values.node.notes.start
    BatchNormKernel.backward(
      rows: rows, channels: channels, x: values.inputs[0], weight: values.parameters[0], mean: mean,
      deviation: mean + channels, throughStatistics: values.mode != .inference,
      counts: values.mode == .inference ? nil : counts(values), adding: gradients.adds,
      dY: gradients.output, dX: gradients.inputs[0], dWeight: gradients.parameters?[0], dBias: gradients.parameters?[1],
      values.tape.work)
  }

  private func size(_ values: LayerValues) -> (rows: Int, channels: Int) {
    (values.rows.output * values.shapes.output.positions, values.shapes.output.channels)
  }

  /// The number of times each row of the output, a position of an entity's row, counts; nil where each counts once.
  private func counts(_ values: LayerValues) -> [Float]? {
    guard let counting else { return nil }
    if let fault = fault(in: values.batch, inputs: values.shapes.inputs, output: values.shapes.output) {
      preconditionFailure(fault)
    }
    let (offsets, positions) = (values.batch.segments(counting.segments), values.shapes.output.positions)
    var times = [Float](repeating: 0, count: offsets.count - 1)
    for entity in values.batch.index(counting.index) { times[Int(entity)] += 1 }
    return times.indices.flatMap { entity in
      repeatElement(times[entity], count: Int(offsets[entity + 1] - offsets[entity]) * positions)
    }
  }

  /// The running variance is the unbiased one but for Keras.
  private func note(
    _ values: LayerValues, _ mean: UnsafePointer<Float>, _ variance: UnsafePointer<Float>, _ rows: Int, _ channels: Int
  ) {
    let unbiased = convention.isBiased ? 1 : Float(rows) / Float(max(rows - 1, 1))
    values.tape.statistics.append(
      BatchStatistics(
        place: values.places[2], values: (0..<channels).map { mean[$0] }, momentum: convention.momentum))
    values.tape.statistics.append(
      BatchStatistics(
        place: values.places[3], values: (0..<channels).map { variance[$0] * unbiased }, momentum: convention.momentum))
  }
}
