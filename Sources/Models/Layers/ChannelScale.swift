import Tensors

/// One factor per channel: y = w · x (the weights of a diffusion-convolutional network, Atwood and Towsley 2016).
public struct ChannelScale: Layer {
  /// The layer has no choices.
  public init() {}

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// weight [channels], uniform in ±1.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    [Parameters.Request("weight", [inputs[0].channels], .uniform(bound: 1))]
  }

  /// y = w · x.
  public func forward(_ values: LayerValues) {
    let (x, weight, channels) = (values.inputs[0], values.parameters[0], values.shapes.output.channels)
    for place in 0..<values.count { values.output[place] = weight[place % channels] * x[place] }
  }

  /// dX += w · dY, and dw += Σ dY · x over rows and positions, in their order.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let (x, weight, channels) = (values.inputs[0], values.parameters[0], values.shapes.output.channels)
    for place in 0..<values.count {
      gradients.inputs[0]?[place] += weight[place % channels] * gradients.output[place]
      gradients.parameters?[0][place % channels] += x[place] * gradients.output[place]
    }
  }
}
