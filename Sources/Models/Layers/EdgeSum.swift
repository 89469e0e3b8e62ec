import Arrays
import Tensors

/// Sums over the edges into each row: y_i = Σ_{e: into(e) = i} x_{from(e)}, or of rows that are edges, Σ x_e.
///
/// Edges of a row are added in the order of the relation; a row without edges gets 0.
public struct EdgeSum: EdgeReduction {
  /// The reduction over the edges.
  public let sums: EdgeSums

  /// Sums of the rows that the edges of `relation` come from, and of `own` times the row itself: the aggregation of a
  /// graph isomorphism network (Xu 2019) with `own` = 1 + ε.
  public init(_ relation: String, own: Float = 0) { sums = EdgeSums(relation, into: nil, isMean: false, own: own) }

  /// Sums of rows that are the edges of `relation`, for each row of `axis` that they lead into.
  public init(_ relation: String, into axis: Axis) { sums = EdgeSums(relation, into: axis, isMean: false) }
}

/// Means over the edges into each row: y_i = (1 / n_i) Σ_{e: into(e) = i} x_{from(e)}, or of rows that are edges.
///
/// Edges of a row are added in the order of the relation; a row without edges gets 0.
public struct EdgeMean: EdgeReduction {
  /// The reduction over the edges.
  public let sums: EdgeSums

  /// Means of the rows that the edges of `relation` come from.
  public init(_ relation: String) { sums = EdgeSums(relation, into: nil, isMean: true) }

  /// Means of rows that are the edges of `relation`, for each row of `axis` that they lead into.
  public init(_ relation: String, into axis: Axis) { sums = EdgeSums(relation, into: axis, isMean: true) }
}

/// A layer whose rows are reductions over the edges into them.
public protocol EdgeReduction: Layer {
  /// The reduction.
  var sums: EdgeSums { get }
}

extension EdgeReduction {
  /// The edges; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { sums.relation }
  /// The derivative of every value is known at once.
  public var writes: Bool { true }
  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }
  /// The input's positions and channels, on the axis that the edges lead into.
  public func shape(of inputs: [Shape]) -> Shape? { sums.shape(inputs[0]) }
  /// An end of an edge outside the rows, or lists of another length than the axis of edges.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? { sums.fault(batch, inputs[0]) }

  /// The row itself where it counts, then edge by edge; a mean then divides.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    sums.forward(values)
  }

  /// dX_j += Σ_{e: from(e) = j} w dY_{into(e)}, with w = 1 for sums and 1 / n_{into(e)} for means.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    sums.backward(values, gradients)
  }
}

/// The sums, or means, over the edges of a relation.
public struct EdgeSums: Sendable {
  let relation: String
  /// The axis of the sums where the input's rows are edges; nil where they are the rows at their ends.
  let axis: Axis?
  let isMean: Bool
  /// The factor of the row itself.
  let own: Float

  init(_ relation: String, into axis: Axis?, isMean: Bool, own: Float = 0) {
    (self.relation, self.axis, self.isMean, self.own) = (relation, axis, isMean, own)
  }

  func shape(_ input: Shape) -> Shape? {
    Shape(axis ?? input.axis, positions: input.positions, channels: input.channels)
  }

  func fault(_ batch: Batch, _ input: Shape) -> String? {
    guard case .edges(let into, _)? = batch.relations[relation] else { return "is not edges of the batch" }
    let edges = axis == nil ? into.count : batch.count[input.axis] ?? 0
    return batch.relations[relation]?.fault(rows: edges, others: batch.count[axis ?? input.axis] ?? 0)
  }

  /// Keeps 1 / n of each row in the notes.
  func forward(_ values: LayerValues) {
    let (into, from) = values.batch.edges(relation)
    let (rows, width) = (values.rows.output, values.shapes.output.width)
    values.lists.reserve(RowLists.size(count: into.count, rows: rows))
    let lists = into.withUnsafeBufferPointer { keys in
      from.withUnsafeBufferPointer { from in
        keys.baseAddress.map {
          RowLists(
            keys: $0, count: into.count, rows: rows, values: axis == nil ? from.baseAddress : nil, in: values.lists)
        }
      }
    }
    writeOwn(values.inputs[0], rows * width, to: values.output)
    let scale = values.notes.fill(rows, with: 1)
    guard let lists else { return }
    if isMean { for row in 0..<rows { scale[row] = 1 / Float(max(1, lists.members(of: row).count)) } }
    RowSumKernel.add(
      lists, rows: rows, width: width, x: values.inputs[0], scale: isMean ? scale : nil, y: values.output, values.work)
  }

  /// Writes `own` times these values; where the rows have no part in their sums, 0.
  private func writeOwn(_ x: UnsafePointer<Float>, _ count: Int, to y: UnsafeMutablePointer<Float>) {
    switch own {
    case 0: y.update(repeating: 0, count: count)
    case 1: y.update(from: x, count: count)
    default: for place in 0..<count { y[place] = own * x[place] }
    }
  }

  func backward(_ values: LayerValues, _ gradients: LayerGradients) {
    guard let dX = gradients.inputs[0] else { return }
    let (into, from) = values.batch.edges(relation)
    let (rows, width) = (values.rows.inputs[0], values.shapes.output.width)
    if !gradients.adds {
      writeOwn(gradients.output, rows * width, to: dX)
    } else if own != 0 {
      let dY = gradients.output
      for place in 0..<rows * width { dX[place] += own * dY[place] }
    }
    let keys = axis == nil ? from : (0..<Int32(into.count)).map { $0 }
    values.lists.reserve(RowLists.size(count: into.count, rows: rows))
    keys.withUnsafeBufferPointer { keys in
      into.withUnsafeBufferPointer { into in
        guard let start = keys.baseAddress else { return }
        let lists = RowLists(keys: start, count: into.count, rows: rows, values: into.baseAddress, in: values.lists)
        RowSumKernel.add(
          lists, rows: rows, width: width, x: gradients.output,
          weight: isMean ? UnsafePointer(values.notes.start) : nil,
          y: dX, values.work)
      }
    }
  }
}
