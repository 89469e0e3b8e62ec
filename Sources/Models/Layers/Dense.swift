import Tensors

/// Every output sees every value of its row: y = W x + b.
public struct Dense: Layer {
  let outputs: Int

  /// A dense layer to so many values.
  public init(to outputs: Int) { self.outputs = outputs }

  /// One position of `outputs` channels, however the values of the input are laid out.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: outputs) }

  /// weight [outputs × width] and bias [outputs], uniform in ±1/√width as in PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let bound = 1 / Float(inputs[0].width).squareRoot()
    return [
      Parameters.Request("weight", [outputs, inputs[0].width], .uniform(bound: bound)),
      Parameters.Request("bias", [outputs], .uniform(bound: bound)),
    ]
  }

  /// Takes the values of a row in their order, channels running fastest.
  public func forward(_ values: LayerValues) {
    ConvolutionKernel.forward(
      size(values), x: values.inputs[0], weight: values.parameters[0], bias: values.parameters[1], y: values.output,
      values.tape.work)
  }

  /// dx += Wᵀ dy, and dW += Σ dy xᵀ and db += Σ dy over the rows where they are asked for.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    ConvolutionKernel.backward(
      size(values), x: values.inputs[0], weight: values.parameters[0], dY: gradients.output, dX: gradients.inputs[0],
      dWeight: gradients.parameters?[0], dBias: gradients.parameters?[1], values.tape.work)
  }

  /// A convolution over a single position.
  private func size(_ values: LayerValues) -> ConvolutionSize {
    ConvolutionSize(
      instances: values.rows.output, length: 1, inputs: values.shapes.inputs[0].width, outputs: outputs, kernel: 1)
  }
}
