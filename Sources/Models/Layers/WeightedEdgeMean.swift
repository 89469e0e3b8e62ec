import Arrays
import Tensors

/// Means over the edges into each row, weighted by a column of the rows that they come from:
///
///     y_i = (1 / Σ w_j) Σ w_j x_j,  w_j = max(0, c_j) + 0.02
///
/// for the edges j → i in the order of the relation; c is a column of the second input. Of the neighbours of a residue
/// those on the surface so count most. The floor defines the mean where all neighbours are buried; a row without edges
/// gets 0.
public struct WeightedEdgeMean: Layer {
  private let name: String
  private let column: Int
  private static let floor: Float = 0.02

  /// Means of the first input over the edges of `relation`, weighted by a column of the second.
  public init(_ relation: String, by column: Int) { (name, self.column) = (relation, column) }

  /// The edges; so rows see each other.
  public var relation: String? { name }

  /// The first input's form; nil unless both have rows of one axis, and the second has the column.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs.count == 2 && inputs[0].axis == inputs[1].axis && column < inputs[1].width ? inputs[0] : nil
  }

  /// An end of an edge outside the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .edges(let into, _)? = batch.relations[name] else { return "is not edges of the batch" }
    return batch.relations[name]?.fault(rows: into.count, others: batch.count[inputs[0].axis] ?? 0)
  }

  private func weight(_ values: LayerValues, _ row: Int) -> Float {
    max(0, values.inputs[1][row * values.shapes.inputs[1].width + column]) + Self.floor
  }

  /// Edge by edge; keeps Σ w of each row in the notes.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let (into, from) = values.batch.edges(name)
    let (x, width) = (values.inputs[0], values.shapes.output.width)
    values.output.update(repeating: 0, count: values.count)
    let sums = values.notes.fill(values.rows.output, with: 0)
    for (i, j) in zip(into, from) {
      let (weight, source, y) = (weight(values, Int(j)), x + Int(j) * width, values.output + Int(i) * width)
      sums[Int(i)] += weight
      for channel in 0..<width { y[channel] += weight * source[channel] }
    }
    for row in 0..<values.rows.output where sums[row] > 0 {
      for channel in row * width..<(row + 1) * width { values.output[channel] /= sums[row] }
    }
  }

  /// dX_j += (w_j / Σ w) dY_i, and dc_j += (dY_i · (x_j − y_i)) / Σ w where c_j is above 0.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let (into, from) = values.batch.edges(name)
    let (x, width) = (values.inputs[0], values.shapes.output.width)
    let (sums, columns) = (values.notes.start, values.shapes.inputs[1].width)
    for (i, j) in zip(into, from) {
      let (i, j) = (Int(i), Int(j))
      let slope = gradients.output + i * width
      if let dX = gradients.inputs[0] {
        let share = weight(values, j) / sums[i]
        for channel in 0..<width { dX[j * width + channel] += share * slope[channel] }
      }
      guard let dC = gradients.inputs[1], values.inputs[1][j * columns + column] > 0 else { continue }
      var sum: Float = 0
      for channel in 0..<width {
        sum += slope[channel] * (x[j * width + channel] - values.output[i * width + channel])
      }
      dC[j * columns + column] += sum / sums[i]
    }
  }
}
