import Tensors

/// The largest of each `size` positions, channel by channel; remaining positions at the end are dropped.
public struct MaxPool: Layer {
  let size: Int

  /// A pool over windows of 1 to 256 positions.
  public init(_ size: Int) {
    precondition(size >= 1 && size <= 256, "a winner is one byte")
    self.size = size
  }

  /// Relevance goes to the winner.
  public var relevance: RelevanceRule? { .moved }

  /// ⌊positions / size⌋ positions of the same channels; nil where the input is shorter than one window.
  public func shape(of inputs: [Shape]) -> Shape? {
    let left = inputs[0].positions / size
    return left < 1 ? nil : Shape(inputs[0].axis, positions: left, channels: inputs[0].channels)
  }

  /// Records the winner of each window on the tape; ties go to the first position.
  public func forward(_ values: LayerValues) {
    let shape = values.shapes.inputs[0]
    MaxPoolKernel.forward(
      instances: values.rows.output, length: shape.positions, channels: shape.channels, size: size,
      x: values.inputs[0], y: values.output, winner: values.node.bytes.reserve(values.count), values.tape.work)
  }

  /// The whole derivative goes to the winner of the window.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let shape = values.shapes.inputs[0]
    MaxPoolKernel.backward(
      instances: values.rows.output, length: shape.positions, channels: shape.channels, size: size,
      winner: values.node.bytes.start, dY: gradients.output, dX: dX, values.tape.work)
  }
}
