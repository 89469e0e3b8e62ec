import Arrays
import Tensors

/// Gives each row of an axis the values of a row elsewhere: y[i] = x[index[i]], or of the row at one end of its edge.
///
/// With an index relation the rows are pairs and `x` holds their distinct entities; with edges the rows are edges and
/// `x` holds the rows at their ends (message passing as in Gilmer 2017).
public struct Gather: Layer {
  /// The end of an edge.
  public enum End: Sendable {
    /// The row that an edge leads into.
    case into
    /// The row that an edge comes from.
    case from
  }

  private let name: String
  private let axis: Axis
  private let end: End?

  /// Rows of `axis` by the index `relation`.
  public init(_ relation: String, _ axis: Axis) { (name, self.axis, end) = (relation, axis, nil) }

  /// Rows of `edge`, the axis of the edges of `relation`, by the row at one of their ends.
  public init(_ relation: String, edges edge: Axis, _ end: End) { (name, axis, self.end) = (relation, edge, end) }

  /// The index or the edges; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }
  /// The index; none for edges.
  public var indices: [String] { end == nil ? [name] : [] }

  /// Relevance goes to the row that is copied.
  public var relevance: RelevanceRule? { .moved }

  /// The input's positions and channels, on the axis of the rows that point.
  public func shape(of inputs: [Shape]) -> Shape? {
    Shape(axis, positions: inputs[0].positions, channels: inputs[0].channels)
  }

  /// A row number outside the input, or a list of another length than the axis.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    let (rows, others) = (batch.count[axis] ?? 0, batch.count[inputs[0].axis] ?? 0)
    switch (batch.relations[name], end) {
    case (.index?, nil), (.edges?, .some): return batch.relations[name]?.fault(rows: rows, others: others)
    default: return end == nil ? "is no index of the batch" : "is not edges of the batch"
    }
  }

  /// Copies rows.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    withRows(values) { rows in
      RowSumKernel.gather(
        count: values.rows.output, width: values.shapes.output.width, rows: rows, x: values.inputs[0],
        y: values.output, values.work)
    }
  }

  /// dX[j] += Σ_{i: index[i] = j} dY[i], in the order of i.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let (count, rows) = (values.rows.output, values.rows.inputs[0])
    values.lists.reserve(RowLists.size(count: count, rows: rows))
    withRows(values) { keys in
      let lists = RowLists(keys: keys, count: count, rows: rows, in: values.lists)
      RowSumKernel.add(
        lists, rows: rows, width: values.shapes.output.width, x: gradients.output, y: dX, values.work)
    }
  }

  private func withRows(_ values: LayerValues, _ body: (UnsafePointer<Int32>) -> Void) {
    let rows =
      switch end {
      case nil: values.batch.index(name)
      case .into?: values.batch.edges(name).into
      case .from?: values.batch.edges(name).from
      }
    rows.withUnsafeBufferPointer { if let start = $0.baseAddress { body(start) } }
  }
}

extension LayerValues {
  /// Ends the process when the batch does not fit the layer: row numbers must not reach outside the values.
  func requireFit(of layer: some Layer) {
    if let fault = layer.fault(in: batch, inputs: shapes.inputs, output: shapes.output) {
      preconditionFailure("relation \(layer.relation ?? ""): \(fault)")
    }
  }
}
