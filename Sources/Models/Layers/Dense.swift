import Tensors

/// Every output sees every value of its row: y = W x + b, or W x.
public struct Dense: Layer {
  let outputs: Int
  let hasBias: Bool

  /// A dense layer to so many values, with or without b.
  public init(to outputs: Int, bias: Bool = true) { (self.outputs, hasBias) = (outputs, bias) }

  /// One position of `outputs` channels, however the values of the input are laid out.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: outputs) }

  /// weight [outputs × width] and bias [outputs], uniform in ±1/√width as in PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let bound = 1 / Float(inputs[0].width).squareRoot()
    let weight = Parameters.Request("weight", [outputs, inputs[0].width], .uniform(bound: bound))
    return hasBias ? [weight, Parameters.Request("bias", [outputs], .uniform(bound: bound))] : [weight]
  }

  /// Takes the values of a row in their order, channels running fastest.
  public func forward(_ values: LayerValues) {
    ConvolutionKernel.forward(
      size(values), x: values.inputs[0], weight: values.parameters[0], bias: hasBias ? values.parameters[1] : nil,
      y: values.output,
      values.tape.work)
  }

  /// dx += Wᵀ dy, and dW += Σ dy xᵀ and db += Σ dy over the rows where they are asked for.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    ConvolutionKernel.backward(
      size(values), x: values.inputs[0], weight: values.parameters[0], dY: gradients.output, dX: gradients.inputs[0],
      dWeight: gradients.parameters?[0], dBias: hasBias ? gradients.parameters?[1] : nil, values.tape.work)
  }

  /// A convolution over a single position.
  private func size(_ values: LayerValues) -> ConvolutionSize {
    ConvolutionSize(
      instances: values.rows.output, length: 1, inputs: values.shapes.inputs[0].width, outputs: outputs, kernel: 1)
  }
}
