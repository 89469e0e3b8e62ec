import Tensors

/// y = tanh x.
public struct Tanh: Layer {
  /// The layer has no choices.
  public init() {}

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// In Float.
  public func forward(_ values: LayerValues) {
    ElementKernels.tanh(values.count, x: values.inputs[0], y: values.output, values.work)
  }

  /// dX += dY · (1 − y²), under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    ElementKernels.tanhBackward(values.count, y: values.output, dY: gradients.output, dX: dX, values.work)
  }
}

/// y = x where x > 0, else e^x − 1 (Clevert 2016); guided backpropagation treats it as any other layer.
public struct ELU: Layer {
  /// The layer has no choices.
  public init() {}

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// In Float, by expm1.
  public func forward(_ values: LayerValues) {
    ElementKernels.elu(values.count, x: values.inputs[0], y: values.output, values.work)
  }

  /// dX += dY where y > 0, else dY · (y + 1).
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    ElementKernels.eluBackward(values.count, y: values.output, dY: gradients.output, dX: dX, values.work)
  }
}
