import Tensors

/// The weighted sum of nodes of one form: y = Σ_k s_k · x_k. With weights 1 it is a residual connection (He 2016).
public struct Add: Layer {
  private let scales: [Float]?

  /// A sum; `scales` holds one factor per input, 1 + ε for a row's own part in a graph isomorphism network (Xu 2019).
  public init(scales: [Float]? = nil) { self.scales = scales }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// The form of the inputs; nil unless all have the same, or where the factors are not one per input.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs.allSatisfy { $0 == inputs[0] } && (scales?.count ?? inputs.count) == inputs.count ? inputs[0] : nil
  }

  /// Adds in the order of the inputs.
  public func forward(_ values: LayerValues) {
    for place in 0..<values.count { values.output[place] = scale(0) * values.inputs[0][place] }
    for (input, x) in values.inputs.enumerated().dropFirst() {
      let scale = scale(input)
      for place in 0..<values.count { values.output[place] += scale * x[place] }
    }
  }

  /// dX_k += s_k · dY.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    for (input, dX) in gradients.inputs.enumerated() {
      guard let dX else { continue }
      let scale = scale(input)
      for place in 0..<values.count { dX[place] += scale * gradients.output[place] }
    }
  }

  private func scale(_ input: Int) -> Float { scales?[input] ?? 1 }
}

/// The product of two nodes of one form, value by value: y = a · b.
public struct Product: Layer {
  /// The layer has no choices.
  public init() {}

  /// The form of the two inputs; nil unless both have the same.
  public func shape(of inputs: [Shape]) -> Shape? { inputs.count == 2 && inputs[0] == inputs[1] ? inputs[0] : nil }

  /// y = a · b.
  public func forward(_ values: LayerValues) {
    let (a, b) = (values.inputs[0], values.inputs[1])
    for place in 0..<values.count { values.output[place] = a[place] * b[place] }
  }

  /// da += dY · b and db += dY · a, under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    for (input, other) in [(0, 1), (1, 0)] {
      guard let dX = gradients.inputs[input] else { continue }
      let factor = values.inputs[other]
      for place in 0..<values.count { dX[place] += gradients.output[place] * factor[place] }
    }
  }
}

/// The channels of several nodes side by side, at each position: y[p] = [x_1[p], x_2[p], …].
public struct Concatenate: Layer {
  /// The layer has no choices.
  public init() {}

  /// Relevance goes to the value that is copied.
  public var relevance: RelevanceRule? { .moved }

  /// The channels of all inputs together; nil unless they have one axis and the same number of positions.
  public func shape(of inputs: [Shape]) -> Shape? {
    guard inputs.allSatisfy({ $0.axis == inputs[0].axis && $0.positions == inputs[0].positions }) else { return nil }
    return Shape(
      inputs[0].axis, positions: inputs[0].positions, channels: inputs.reduce(0) { $0 + $1.channels })
  }

  /// Copies channels, input by input.
  public func forward(_ values: LayerValues) {
    forEachPart(values) { input, from, to, channels in
      (values.output + to).update(from: values.inputs[input] + from, count: channels)
    }
  }

  /// dX_k += its part of dY.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    forEachPart(values) { input, from, to, channels in
      guard let dX = gradients.inputs[input] else { return }
      for channel in 0..<channels { dX[from + channel] += gradients.output[to + channel] }
    }
  }

  private func forEachPart(_ values: LayerValues, _ body: (_ input: Int, _ from: Int, _ to: Int, _ count: Int) -> Void)
  {
    let (places, width) = (values.rows.output * values.shapes.output.positions, values.shapes.output.channels)
    var offset = 0
    for (input, shape) in values.shapes.inputs.enumerated() {
      for place in 0..<places { body(input, place * shape.channels, place * width + offset, shape.channels) }
      offset += shape.channels
    }
  }
}
