import Tensors

/// y = max(x, 0). The one layer that guided backpropagation treats differently.
public struct ReLU: Layer {
  /// Makes the layer.
  public init() {}

  /// Relevance passes.
  public var relevance: RelevanceRule? { .passed }

  /// The derivative of every value is known at once.
  public var writes: Bool { true }

  /// The input's shape.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// Values that are not above 0, NaN included, become 0.
  public func forward(_ values: LayerValues) {
    ElementKernels.relu(values.count, x: values.inputs[0], y: values.output, values.tape.work)
  }

  /// dX += dY · [y > 0]; under `Rule.guided` only where dY > 0 as well (Springenberg 2015).
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    ElementKernels.reluBackward(
      values.count, y: values.output, dY: gradients.output, guided: rule == .guided, adding: gradients.adds, dX: dX,
      values.tape.work)
  }
}

/// y = 1 / (1 + e^−x).
public struct Sigmoid: Layer {
  /// Makes the layer.
  public init() {}

  /// The input's shape.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// In Float: from about x = 17 on y is 1, and its derivative 0.
  public func forward(_ values: LayerValues) {
    ElementKernels.sigmoid(values.count, x: values.inputs[0], y: values.output, values.tape.work)
  }

  /// dX += dY · y · (1 − y), under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    ElementKernels.sigmoidBackward(values.count, y: values.output, dY: gradients.output, dX: dX, values.tape.work)
  }
}

/// Multiplies every row of its second input by the one value in the same row of its first input: ν = a · h.
public struct Gate: Layer {
  /// Makes the layer.
  public init() {}

  /// The shape of the second input; the first input has one value per row.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[1] }

  /// ν[row][i] = a[row] · h[row][i].
  public func forward(_ values: LayerValues) {
    ElementKernels.gate(
      rows: values.rows.output, width: values.shapes.output.width, gate: values.inputs[0], x: values.inputs[1],
      y: values.output, values.tape.work)
  }

  /// da[row] += Σ_i dν[row][i] · h[row][i] and dh += a · dν, under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    ElementKernels.gateBackward(
      rows: values.rows.output, width: values.shapes.output.width, gate: values.inputs[0], x: values.inputs[1],
      dY: gradients.output, dGate: gradients.inputs[0], dX: gradients.inputs[1], values.tape.work)
  }
}

/// y = tanh x.
public struct Tanh: Layer {
  /// The layer has no choices.
  public init() {}

  /// Relevance passes.
  public var relevance: RelevanceRule? { .passed }

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
