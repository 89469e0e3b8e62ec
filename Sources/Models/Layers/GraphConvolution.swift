import Arrays
import Tensors

/// Graph convolution (Kipf and Welling 2017): with n_i the edges into row i, and a loop on every row,
///
///     y_i = b + W Σ_{j: edge from j into i, and j = i} x_j / √((n_i + 1)(n_j + 1))
///
/// Rows are summed before they are multiplied, which costs less where a layer widens its input. Edges of a row are
/// added in the order of the relation, the loop last.
public struct GraphConvolution: Layer {
  private let name: String
  private let outputs: Int

  /// A convolution over the edges of `relation` to `outputs` channels.
  public init(_ relation: String, to outputs: Int) { (name, self.outputs) = (relation, outputs) }

  /// The edges; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// One position of `outputs` channels.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: outputs) }

  /// An end of an edge outside the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .edges(let into, _)? = batch.relations[name] else { return "is not edges of the batch" }
    return batch.relations[name]?.fault(rows: into.count, others: batch.count[inputs[0].axis] ?? 0)
  }

  /// lin.weight [outputs × width], uniform as Glorot and Bengio (2010) have it, and bias [outputs] from 0, as in
  /// PyTorch Geometric.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let bound = (6 / Float(inputs[0].width + outputs)).squareRoot()
    return [
      Parameters.Request("lin.weight", [outputs, inputs[0].width], .uniform(bound: bound)),
      Parameters.Request("bias", [outputs], .constant(0)),
    ]
  }

  /// Keeps the sums, rows × width, and 1 / √(n + 1) of each row behind them.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let (rows, width) = (values.rows.output, values.shapes.inputs[0].width)
    let sums = values.notes.fill(rows * (width + 1), with: 0)
    let (into, from) = values.batch.edges(name)
    let shares = sums + rows * width
    for row in into { shares[Int(row)] += 1 }
    for row in 0..<rows { shares[row] = 1 / (shares[row] + 1).squareRoot() }
    add(values, keys: into, members: from, width, values.inputs[0], to: sums)
    size(values).forward(x: UnsafePointer(sums), values)
  }

  /// dX_j += Σ_{i: edge from j into i, and i = j} (Wᵀ dY_i) / √((n_i + 1)(n_j + 1)); dW and db are those of a dense
  /// layer on the sums. Linear, so either rule is the derivative.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let (rows, width) = (values.rows.output, values.shapes.inputs[0].width)
    let dSums = Buffer<Float>()
    let dX = gradients.inputs[0].map { _ in dSums.fill(rows * width, with: 0) }
    ConvolutionKernel.backward(
      size(values), x: values.notes.start, weight: values.parameters[0], dY: gradients.output, dX: dX,
      dWeight: gradients.parameters?[0], dBias: gradients.parameters?[1], values.work)
    guard let dX, let to = gradients.inputs[0] else { return }
    let (into, from) = values.batch.edges(name)
    add(values, keys: from, members: into, width, UnsafePointer(dX), to: to)
  }

  /// y_k += s_k Σ s_m x_m over the members of k and k itself, s = 1 / √(n + 1).
  private func add(
    _ values: LayerValues, keys: [Int32], members: [Int32], _ width: Int, _ x: UnsafePointer<Float>,
    to y: UnsafeMutablePointer<Float>
  ) {
    let rows = values.rows.output
    let shares = UnsafePointer(values.notes.start + rows * width)
    let loops = (0..<Int32(rows)).map { $0 }
    let lists = values.lists
    lists.reserve(RowLists.size(count: keys.count + rows, rows: rows))
    (keys + loops).withUnsafeBufferPointer { keys in
      (members + loops).withUnsafeBufferPointer { members in
        guard let start = keys.baseAddress else { return }
        let edges = RowLists(keys: start, count: keys.count, rows: rows, values: members.baseAddress, in: lists)
        RowSumKernel.add(edges, rows: rows, width: width, x: x, scale: shares, weight: shares, y: y, values.work)
      }
    }
  }

  private func size(_ values: LayerValues) -> ConvolutionSize {
    ConvolutionSize(
      instances: values.rows.output, length: 1, inputs: values.shapes.inputs[0].width, outputs: outputs, kernel: 1)
  }
}
