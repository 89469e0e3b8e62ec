import Tensors

/// One-dimensional convolution without padding: [positions × channels] → [positions − kernel + 1 × outputs].
public struct Convolution: Layer {
  let outputs: Int
  let kernel: Int
  let bound: Float?

  /// A convolution with `outputs` channels and a kernel of `kernel` positions. Where `bound` is given, W starts uniform
  /// in ±bound, and b at 0.
  public init(to outputs: Int, kernel: Int, bound: Float? = nil) {
    (self.outputs, self.kernel, self.bound) = (outputs, kernel, bound)
  }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// positions − kernel + 1 positions of `outputs` channels; nil where the kernel is longer than the input.
  public func shape(of inputs: [Shape]) -> Shape? {
    let left = inputs[0].positions - kernel + 1
    return left < 1 ? nil : Shape(inputs[0].axis, positions: left, channels: outputs)
  }

  /// weight [outputs × channels × kernel] and bias [outputs], uniform in ±1/√(channels · kernel) as in PyTorch,
  /// unless a bound is given.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let start = Parameters.Start.uniform(bound: bound ?? 1 / Float(inputs[0].channels * kernel).squareRoot())
    return [
      Parameters.Request("weight", [outputs, inputs[0].channels, kernel], start),
      Parameters.Request("bias", [outputs], bound == nil ? start : .constant(0)),
    ]
  }

  /// y[p][o] = b[o] + Σ_{c,k} W[o][c][k] · x[p + k][c]: a cross-correlation, the kernel is not reversed.
  public func forward(_ values: LayerValues) { size(values).forward(values) }

  /// Adds to dX, dW and db where these are not nil; the layer is linear, so either rule is the derivative.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    size(values).backward(values, gradients)
  }

  private func size(_ values: LayerValues) -> ConvolutionSize {
    let shape = values.shapes.inputs[0]
    return ConvolutionSize(
      instances: values.rows.output, length: shape.positions, inputs: shape.channels, outputs: outputs, kernel: kernel)
  }
}

extension ConvolutionSize {
  /// Runs a convolution of this size with the layer's parameters: weight, and bias where there is one.
  func forward(_ values: LayerValues) { forward(x: values.inputs[0], values) }

  /// The same, of other values than those of the layer's input.
  func forward(x: UnsafePointer<Float>, _ values: LayerValues) {
    ConvolutionKernel.forward(
      self, x: x, weight: values.parameters[0],
      bias: values.parameters.count > 1 ? values.parameters[1] : nil, y: values.output,
      values.tape.work)
  }

  /// Adds the derivatives with respect to input, weight and bias where they are needed.
  func backward(_ values: LayerValues, _ gradients: LayerGradients) {
    ConvolutionKernel.backward(
      self, x: values.inputs[0], weight: values.parameters[0], dY: gradients.output, adding: gradients.adds,
      dX: gradients.inputs[0],
      dWeight: gradients.parameters?[0], dBias: gradients.parameters.flatMap { $0.count > 1 ? $0[1] : nil },
      values.tape.work)
  }
}
