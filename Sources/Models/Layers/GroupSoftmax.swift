import Arrays
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Shares that add up to 1 in every group, column by column: y_k = e^(u_k) / Σ_{j in the group of k} e^(u_j).
///
/// Groups are the segments of a relation (instances of a bag), or, for rows that are edges, the edges into one row.
public struct GroupSoftmax: Layer {
  private let name: String

  /// Shares within the groups of `relation`, segments or edges.
  public init(_ relation: String) { name = relation }

  /// The groups; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// The input's own form.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// Offsets or edges that do not fit the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    let rows = batch.count[inputs[0].axis] ?? 0
    switch batch.relations[name] {
    case .segments(let offsets)?: return batch.relations[name]?.fault(rows: rows, others: offsets.count - 1)
    case .edges(let into, let from)?:
      let nodes = max(into.max() ?? -1, from.max() ?? -1) + 1
      return batch.relations[name]?.fault(rows: rows, others: Int(nodes))
    default: return "is neither segments nor edges of the batch"
    }
  }

  /// Subtracts the largest value of a group first, so that nothing overflows.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let (x, y, width) = (values.inputs[0], values.output, values.shapes.output.width)
    forEachColumn(values) { column, rows in
      var top = -Float.infinity
      for row in rows { top = max(top, x[Int(row) * width + column]) }
      var sum = 0.0
      for row in rows { sum += exp(Double(x[Int(row) * width + column] - top)) }
      for row in rows {
        let place = Int(row) * width + column
        y[place] = Float(exp(Double(x[place] - top)) / sum)
      }
    }
  }

  /// du_k += y_k · (dY_k − Σ_j y_j dY_j).
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let (y, dY, width) = (values.output, gradients.output, values.shapes.output.width)
    forEachColumn(values) { column, rows in
      var mean = 0.0
      for row in rows {
        let place = Int(row) * width + column
        mean += Double(y[place]) * Double(dY[place])
      }
      for row in rows {
        let place = Int(row) * width + column
        dX[place] += y[place] * (dY[place] - Float(mean))
      }
    }
  }

  /// Calls `body` for every column of every group with the rows of the group, in their order.
  private func forEachColumn(_ values: LayerValues, _ body: (Int, UnsafeBufferPointer<Int32>) -> Void) {
    let width = values.shapes.output.width
    guard let lists = lists(values) else { return }
    values.work.pool.forEachBlock(lists.groups, size: 64) { _, range, _ in
      for group in range {
        let rows = lists.rows.members(of: group)
        for column in 0..<width { body(column, rows) }
      }
    }
  }

  private func lists(_ values: LayerValues) -> (rows: RowLists, groups: Int)? {
    let keys: [Int32]
    switch values.batch.relations[name] {
    case .segments(let offsets)?:
      keys = (0..<max(0, offsets.count - 1)).flatMap { group in
        [Int32](repeating: Int32(group), count: Int(offsets[group + 1] - offsets[group]))
      }
    case .edges(let into, _)?: keys = into
    default: return nil
    }
    let groups = Int((keys.max() ?? -1) + 1)
    values.lists.reserve(RowLists.size(count: keys.count, rows: groups))
    return keys.withUnsafeBufferPointer { start in
      start.baseAddress.map { (RowLists(keys: $0, count: keys.count, rows: groups, in: values.lists), groups) }
    }
  }
}
