import Tensors

/// Batch normalisation of every channel over all rows and positions of the batch (Ioffe and Szegedy 2015).
///
/// In training mode it uses the batch's statistics and records them on the tape; in inference the running ones.
public struct BatchNorm: Layer {
  /// Makes the layer.
  public init() {}

  /// The input's shape.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

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
      BatchNormKernel.statistics(
        rows: rows, channels: channels, x: values.inputs[0], mean: mean, variance: deviation, values.tape.work)
      note(values, mean, deviation, rows, channels)
    }
    for channel in 0..<channels { deviation[channel] = 1 / (deviation[channel] + BatchNormKernel.epsilon).squareRoot() }
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
      deviation: mean + channels, throughStatistics: values.mode != .inference, dY: gradients.output,
      dX: gradients.inputs[0], dWeight: gradients.parameters?[0], dBias: gradients.parameters?[1], values.tape.work)
  }

  private func size(_ values: LayerValues) -> (rows: Int, channels: Int) {
    (values.rows.output * values.shapes.output.positions, values.shapes.output.channels)
  }

  /// Running variances are unbiased, as in PyTorch.
  private func note(
    _ values: LayerValues, _ mean: UnsafePointer<Float>, _ variance: UnsafePointer<Float>, _ rows: Int, _ channels: Int
  ) {
    let unbiased = Float(rows) / Float(max(rows - 1, 1))
    values.tape.statistics.append(
      BatchStatistics(place: values.places[2], values: (0..<channels).map { mean[$0] }))
    values.tape.statistics.append(
      BatchStatistics(place: values.places[3], values: (0..<channels).map { variance[$0] * unbiased }))
  }
}
