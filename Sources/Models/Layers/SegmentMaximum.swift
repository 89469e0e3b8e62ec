import Arrays
import Tensors

/// The largest logit of each segment (bag); the row it stands in is the witness, the first of equals.
public struct SegmentMaximum: Layer {
  private let segments: String
  let axis: Axis

  /// `relation` names the segments in the batch, `axis` what a segment stands for.
  public init(_ relation: String, _ axis: Axis) { (segments, self.axis) = (relation, axis) }

  /// The segments; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { segments }

  /// One value a segment; nil unless the input has one value a row.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs[0].width == 1 ? Shape(axis, positions: 1) : nil
  }

  /// Notes the witnesses on the tape; no segment may be empty.
  public func forward(_ values: LayerValues) {
    SegmentMaxKernel.forward(
      offsets: values.batch.segments(segments), x: values.inputs[0], y: values.output,
      witness: values.node.rows.reserve(values.rows.output))
  }

  /// The whole derivative of a segment goes to its witness, the other rows get nothing.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    SegmentMaxKernel.backward(
      segments: values.rows.output, witness: values.node.rows.start, dY: gradients.output, dX: dX)
  }
}
