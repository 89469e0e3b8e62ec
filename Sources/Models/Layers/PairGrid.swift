import Arrays
import Tensors

/// All pairs of a row on the left and a row on the right of each example, as the cells of a grid:
/// y[i, j] = [a_i, b_j] (high-order pairwise interactions), or a_i + b_j.
public struct PairGrid: Layer {
  /// The join of two rows in a cell.
  public enum Form: Sendable {
    /// The channels of both side by side.
    case concatenated
    /// Their sum; both have the same channels.
    case sum
  }

  private let form: Form
  private let name: String
  private let cells: Axis

  /// Cells on the axis `cells` by the grid `relation`; the inputs are the left rows and the right ones.
  public init(_ form: Form, _ relation: String, _ cells: Axis) {
    (self.form, name, self.cells) = (form, relation, cells)
  }

  /// The grid; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// The z-rule for sums; else relevance goes to the value that is copied.
  public var relevance: RelevanceRule? { form == .sum ? .shared : .moved }

  /// One position per cell; nil unless both inputs have one position, and, for the sum, the same channels.
  public func shape(of inputs: [Shape]) -> Shape? {
    guard inputs.count == 2, inputs.allSatisfy({ $0.positions == 1 }) else { return nil }
    switch form {
    case .concatenated: return Shape(cells, positions: 1, channels: inputs[0].channels + inputs[1].channels)
    case .sum:
      return inputs[0].channels == inputs[1].channels ? Shape(cells, positions: 1, channels: inputs[0].channels) : nil
    }
  }

  /// Offsets that do not fit the rows, or another number of cells than the axis has.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .grid? = batch.relations[name] else { return "is not a grid of the batch" }
    return batch.relations[name]?.fault(
      rows: batch.count[inputs[0].axis] ?? 0, others: batch.count[inputs[1].axis] ?? 0, cells: batch.count[cells] ?? 0)
  }

  /// Writes the cells row by row.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let (left, right) = (values.shapes.inputs[0].channels, values.shapes.inputs[1].channels)
    let width = values.shapes.output.channels
    forEachRow(values) { row, columns, cell in
      var to = values.output + cell * width
      let a = values.inputs[0] + row * left
      for column in columns {
        let b = values.inputs[1] + column * right
        to.update(from: a, count: left)
        switch form {
        case .concatenated: (to + left).update(from: b, count: right)
        case .sum: for channel in 0..<right { to[channel] += b[channel] }
        }
        to += width
      }
    }
  }

  /// da_i += Σ_j dY[i, j] and db_j += Σ_i dY[i, j], each its own channels, cell by cell.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let (left, right) = (values.shapes.inputs[0].channels, values.shapes.inputs[1].channels)
    let width = values.shapes.output.channels
    forEachRow(values) { row, columns, cell in
      var from = gradients.output + cell * width
      for column in columns {
        if let dA = gradients.inputs[0] { for channel in 0..<left { dA[row * left + channel] += from[channel] } }
        if let dB = gradients.inputs[1] {
          let start = from + (form == .sum ? 0 : left)
          for channel in 0..<right { dB[column * right + channel] += start[channel] }
        }
        from += width
      }
    }
  }

  private func forEachRow(_ values: LayerValues, _ body: (_ row: Int, _ columns: Range<Int>, _ cell: Int) -> Void) {
    let (rows, columns) = values.batch.grid(name)
    var cell = 0
    for example in 0..<rows.count - 1 {
      let range = Int(columns[example])..<Int(columns[example + 1])
      for row in Int(rows[example])..<Int(rows[example + 1]) {
        body(row, range, cell)
        cell += range.count
      }
    }
  }
}
