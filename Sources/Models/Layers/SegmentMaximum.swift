import Arrays
import Tensors

/// Pools unit logits by maximum over each segment (bag); the row of the maximum is the witness, ties go to the first
/// unit.
public struct SegmentMaximum: Layer {
  private let segments: String
  let axis: Axis

  /// Pools over the batch's relation `relation`; the results are rows of `axis`.
  public init(_ relation: String, _ axis: Axis) { (segments, self.axis) = (relation, axis) }

  /// The segments: rows depend on each other, so the layer can't run on a block of rows.
  public var relation: String? { segments }

  /// Relevance goes to the witness.
  public var relevance: RelevanceRule? { .moved }

  /// One value per segment; nil unless the input has one value per row.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs[0].width == 1 ? Shape(axis, positions: 1) : nil
  }

  /// Offsets that do not fit the rows, and a segment without rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    SegmentPool(.maximum, segments, axis).fault(in: batch, inputs: inputs, output: output)
  }

  /// Records the witnesses on the tape; no segment may be empty.
  public func forward(_ values: LayerValues) {
    SegmentMaxKernel.forward(
      offsets: values.batch.segments(segments), x: values.inputs[0], y: values.output,
      witness: values.node.rows.reserve(values.rows.output))
  }

  /// Adds the derivative of a segment to its witness; other rows get 0.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    SegmentMaxKernel.backward(
      segments: values.rows.output, witness: values.node.rows.start, dY: gradients.output, dX: dX)
  }
}
