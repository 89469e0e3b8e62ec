import Tensors

/// Every output depends on every value of its row: y = W x + b, or W x. A convolution over one position.
public struct Dense: Layer {
  let outputs: Int
  let hasBias: Bool
  let bound: Float?

  /// A dense layer with `outputs` values per row, with or without b. Where `bound` is given, W starts uniform in
  /// ±bound, and b at 0.
  public init(to outputs: Int, bias: Bool = true, bound: Float? = nil) {
    (self.outputs, hasBias, self.bound) = (outputs, bias, bound)
  }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// The derivative of every value is known at once.
  public var writes: Bool { true }

  /// One position of `outputs` channels, whatever the shape of the input.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: outputs) }

  /// weight [outputs × width] and bias [outputs], uniform in ±1/√width as in PyTorch, unless a bound is given.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let start = Parameters.Start.uniform(bound: bound ?? 1 / Float(inputs[0].width).squareRoot())
    let weight = Parameters.Request("weight", [outputs, inputs[0].width], start)
    let bias = Parameters.Request("bias", [outputs], bound == nil ? start : .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  /// Takes the values of a row in their order, channels contiguous.
  public func forward(_ values: LayerValues) { size(values).forward(values) }

  /// dx += Wᵀ dy, and dW += Σ dy xᵀ and db += Σ dy over the rows where these are not nil.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    size(values).backward(values, gradients)
  }

  /// A convolution over one position whose channels are all values of the row.
  private func size(_ values: LayerValues) -> ConvolutionSize {
    ConvolutionSize(
      instances: values.rows.output, length: 1, inputs: values.shapes.inputs[0].width, outputs: outputs, kernel: 1)
  }
}
