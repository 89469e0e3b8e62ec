import Arrays
import Tensors

/// Graph attention (Veličković 2018): for every head
///
///     h_i  = W x_i
///     l_e  = LeakyReLU(a_src · h_{from(e)} + a_dst · h_{into(e)})
///     α_e  = e^(l_e) / Σ_{e' into the same row} e^(l_e')
///     y_i  = Σ_{e into i} α_e h_{from(e)}
///
/// Heads are concatenated, and one bias is added at the end. With self loops every row has an edge to itself, after
/// its other edges. Edges of a row are added in the order of the relation; a row without edges gets the bias.
public struct EdgeAttention: Layer {
  private let name: String
  private let outputs: Int
  private let heads: Int
  private let slope: Float
  private let hasLoops: Bool
  private let dropout: Double
  private let number: Int

  /// Attention over the edges of `relation`, `heads` times `outputs` channels.
  ///
  /// `dropout` drops a share of the weights α after the softmax in training; `number` tells its mask from those of
  /// other layers of the network, as for `Dropout`.
  public init(
    _ relation: String, to outputs: Int, heads: Int = 1, negativeSlope: Float = 0.2, selfLoops: Bool = true,
    dropout: Double = 0, number: Int = 0
  ) {
    (name, self.outputs, self.heads, slope, hasLoops) = (relation, outputs, heads, negativeSlope, selfLoops)
    (self.dropout, self.number) = (dropout, number)
  }

  /// The edges; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// One position of heads · outputs channels.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: heads * outputs) }

  /// An end of an edge outside the rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .edges(let into, _)? = batch.relations[name] else { return "is not edges of the batch" }
    return batch.relations[name]?.fault(rows: into.count, others: batch.count[inputs[0].axis] ?? 0)
  }

  /// lin.weight [heads · outputs × width], a_src and a_dst [heads × outputs], uniform as Glorot and Bengio (2010) have
  /// it, ±√(6 / (fan in + fan out)), and bias [heads · outputs] from 0, as in PyTorch Geometric.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    func glorot(_ name: String, _ rows: Int, _ columns: Int) -> Parameters.Request {
      Parameters.Request(name, [rows, columns], .uniform(bound: (6 / Float(rows + columns)).squareRoot()))
    }
    return [
      glorot("lin.weight", heads * outputs, inputs[0].width), glorot("a_src", heads, outputs),
      glorot("a_dst", heads, outputs), Parameters.Request("bias", [heads * outputs], .constant(0)),
    ]
  }

  /// Keeps h, the weights α and the sign of l on the tape.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let edges = EdgeList(values.batch.edges(name), rows: values.rows.output, hasLoops: hasLoops)
    let size = EdgeAttentionKernel.Size(
      rows: values.rows.output, edges: edges.into.count, inputs: values.shapes.inputs[0].width, heads: heads,
      outputs: outputs, slope: slope)
    values.notes.reserve(size.notes)
    edges.withPointers { into, from in
      EdgeAttentionKernel.forward(
        size, into: into, from: from, x: values.inputs[0], weight: values.parameters[0], source: values.parameters[1],
        target: values.parameters[2], bias: values.parameters[3], mask: mask(values.mode), y: values.output,
        notes: values.notes.start, lists: values.lists, values.work)
    }
  }

  /// The derivative of all of it; either rule is the derivative, as no ReLU is part of it.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let edges = EdgeList(values.batch.edges(name), rows: values.rows.output, hasLoops: hasLoops)
    let size = EdgeAttentionKernel.Size(
      rows: values.rows.output, edges: edges.into.count, inputs: values.shapes.inputs[0].width, heads: heads,
      outputs: outputs, slope: slope)
    edges.withPointers { into, from in
      EdgeAttentionKernel.backward(
        size, into: into, from: from, x: values.inputs[0], weight: values.parameters[0], source: values.parameters[1],
        target: values.parameters[2], mask: mask(values.mode), notes: values.notes.start, lists: values.lists,
        dY: gradients.output, dX: gradients.inputs[0], parameters: gradients.parameters, values.work)
    }
  }

  private func mask(_ mode: Mode) -> DropoutMask? {
    guard dropout > 0, case .training(let seed, let epoch, let batch) = mode else { return nil }
    return DropoutMask(probability: dropout, seed: seed, epoch: epoch, batch: batch, layer: number)
  }
}

/// Edges with the loops that a layer adds behind them.
private struct EdgeList {
  let into: [Int32]
  let from: [Int32]

  init(_ edges: (into: [Int32], from: [Int32]), rows: Int, hasLoops: Bool) {
    let loops = hasLoops ? (0..<Int32(rows)).map { $0 } : []
    (into, from) = (edges.into + loops, edges.from + loops)
  }

  func withPointers(_ body: (UnsafePointer<Int32>, UnsafePointer<Int32>) -> Void) {
    into.withUnsafeBufferPointer { into in
      from.withUnsafeBufferPointer { from in
        if let a = into.baseAddress, let b = from.baseAddress { body(a, b) }
      }
    }
  }
}
