import Tensors

/// Every channel less its mean, over its standard deviation, in the training data: y = (x − m) / √v.
///
/// The mean m and the variance v are buffers, those of no data (0 and 1) at first. Training takes them from the batches
/// on which it centres the model, before its first epoch, as the means of the batches' own; they stay then. A channel
/// that hardly varies is divided by no less than 10⁻³.
public struct Standardize: Layer {
  /// The layer has no choices.
  public init() {}

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// mean and variance [channels].
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let shape = [inputs[0].channels]
    return [
      Parameters.Request("mean", shape, .constant(0), kind: .buffer),
      Parameters.Request("variance", shape, .constant(1), kind: .buffer),
    ]
  }

  /// y = (x − m) / d; in epoch 0 of training, the one before the first, the batch's statistics go to the tape.
  public func forward(_ values: LayerValues) {
    let (x, channels) = (values.inputs[0], values.shapes.output.channels)
    if case .training(_, 0, _) = values.mode { note(values) }
    let (mean, y) = (values.parameters[0], values.output)
    scale(values).withUnsafeBufferPointer { scale in
      for start in stride(from: 0, to: values.count, by: max(1, channels)) {
        for channel in 0..<channels { y[start + channel] = (x[start + channel] - mean[channel]) * scale[channel] }
      }
    }
  }

  /// dX += dY / d: the statistics are constants.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let (dY, channels) = (gradients.output, values.shapes.output.channels)
    scale(values).withUnsafeBufferPointer { scale in
      for start in stride(from: 0, to: values.count, by: max(1, channels)) {
        for channel in 0..<channels { dX[start + channel] += dY[start + channel] * scale[channel] }
      }
    }
  }

  private func scale(_ values: LayerValues) -> [Float] {
    (0..<values.shapes.output.channels).map { 1 / max(1e-3, values.parameters[1][$0].squareRoot()) }
  }

  private func note(_ values: LayerValues) {
    let (x, channels) = (values.inputs[0], values.shapes.output.channels)
    let rows = values.count / max(1, channels)
    var (mean, variance) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    for place in 0..<rows * channels { mean[place % channels] += Double(x[place]) / Double(rows) }
    for place in 0..<rows * channels {
      let difference = Double(x[place]) - mean[place % channels]
      variance[place % channels] += difference * difference / Double(rows)
    }
    for (place, statistic) in [mean, variance].enumerated() {
      values.tape.statistics.append(
        BatchStatistics(place: values.places[place], values: statistic.map { Float($0) }, momentum: 1))
    }
  }
}
