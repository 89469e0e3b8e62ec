import Tensors

/// The largest of all positions, channel by channel: global maximum pooling.
public struct PositionMaximum: Layer {
  /// The layer has no choices.
  public init() {}

  /// Relevance goes to the winner.
  public var relevance: RelevanceRule? { .moved }

  /// One position of the same channels.
  public func shape(of inputs: [Shape]) -> Shape? {
    Shape(inputs[0].axis, positions: 1, channels: inputs[0].channels)
  }

  /// Records the winner of each channel; ties go to the first position.
  public func forward(_ values: LayerValues) {
    let shape = values.shapes.inputs[0]
    SegmentPoolKernel.maximum(
      offsets: (0...values.rows.output).map { Int32($0 * shape.positions) }, width: shape.channels,
      x: values.inputs[0], y: values.output, winner: values.lists.reserve(values.count), values.work)
  }

  /// The whole derivative goes to the winner.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    SegmentPoolKernel.maximumBackward(
      segments: values.rows.output, width: values.shapes.output.channels, winner: values.lists.start,
      dY: gradients.output, dX: dX)
  }
}
