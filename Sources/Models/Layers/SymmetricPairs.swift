import Arrays
import Tensors

/// A hidden layer on pairs of rows, as the mean over both orders of the pair: for the pair (i, j)
///
///     y = ½ ReLU(u_i + v_j) + ½ ReLU(u_j + v_i)
///
/// With u = W_1 h and v = W_2 h + b this is the mean of ReLU(W [h_i; h_j] + b) and ReLU(W [h_j; h_i] + b), W = [W_1
/// W_2], without a product for each pair.
public struct SymmetricPairs: Layer {
  private let a: String
  private let b: String
  private let axis: Axis

  /// Pairs on `axis`, whose two rows the index relations `a` and `b` name; the inputs are u and v.
  public init(_ a: String, _ b: String, _ axis: Axis) { (self.a, self.b, self.axis) = (a, b, axis) }

  /// The first index; so the layer's rows are not those of its inputs.
  public var relation: String? { a }
  /// Both indices.
  public var indices: [String] { [a, b] }

  /// The channels of the inputs, one position per pair; nil unless both inputs have the same form.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs.count == 2 && inputs[0] == inputs[1] ? Shape(axis, positions: 1, channels: inputs[0].width) : nil
  }

  /// A row number outside the inputs, or a list of another length than the axis.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    for name in [a, b] {
      guard case .index? = batch.relations[name] else { return "\(name) is no index of the batch" }
      let (rows, others) = (batch.count[axis] ?? 0, batch.count[inputs[0].axis] ?? 0)
      if let fault = batch.relations[name]?.fault(rows: rows, others: others) { return "\(name): \(fault)" }
    }
    return nil
  }

  /// Pair by pair.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    withPairs(values) { pairs in
      SymmetricPairKernel.forward(pairs, u: values.inputs[0], v: values.inputs[1], y: values.output, values.work)
    }
  }

  /// Adds to du and dv of both rows of a pair, in the order of the pairs; guided backpropagation treats each ReLU as
  /// any other.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    withPairs(values) { pairs in
      SymmetricPairKernel.backward(
        pairs, u: values.inputs[0], v: values.inputs[1], dY: gradients.output, guided: rule == .guided,
        dU: gradients.inputs[0], dV: gradients.inputs[1], values.work)
    }
  }

  private func withPairs(_ values: LayerValues, _ body: (SymmetricPairKernel.Pairs) -> Void) {
    values.batch.index(a).withUnsafeBufferPointer { first in
      values.batch.index(b).withUnsafeBufferPointer { second in
        guard let i = first.baseAddress, let j = second.baseAddress else { return }
        body(.init(count: first.count, width: values.shapes.output.width, first: i, second: j))
      }
    }
  }
}
