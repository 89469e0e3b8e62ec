import Arrays
import Tensors

/// The row some rows further on in its segment, or the last one there: y_i = x_j, j = i + by within the segment.
///
/// Of residues in the order of their chains it is the neighbour in the sequence.
public struct SegmentShift: Layer {
  private let name: String
  private let places: Int

  /// The rows that are `places` further on in the segments of `relation`; before, where that is below 0.
  public init(_ relation: String, by places: Int) { (name, self.places) = (relation, places) }

  /// The segments; so rows see each other.
  public var relation: String? { name }

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// Segments that are not those of the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .segments(let offsets)? = batch.relations[name] else { return "is not segments of the batch" }
    return batch.relations[name]?.fault(rows: batch.count[output.axis] ?? 0, others: offsets.count - 1)
  }

  /// Copies rows.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let (x, y, width) = (values.inputs[0], values.output, values.shapes.output.width)
    forEachRow(values.batch) { row, source in (y + row * width).update(from: x + source * width, count: width) }
  }

  /// dX_j += dY_i, row by row.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let (dY, width) = (gradients.output, values.shapes.output.width)
    forEachRow(values.batch) { row, source in
      for channel in 0..<width { dX[source * width + channel] += dY[row * width + channel] }
    }
  }

  @inline(__always)
  private func forEachRow(_ batch: Batch, _ body: (_ row: Int, _ source: Int) -> Void) {
    let offsets = batch.segments(name)
    for segment in 0..<max(0, offsets.count - 1) {
      let (first, end) = (Int(offsets[segment]), Int(offsets[segment + 1]))
      for row in first..<end { body(row, min(max(row + places, first), end - 1)) }
    }
  }
}
