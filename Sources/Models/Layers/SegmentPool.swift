import Arrays
import Tensors

/// One value per group of rows, column by column: the rows of a segment pooled.
///
/// The poolings of a bag's instances in multi-instance learning, and of the atoms of a molecule.
public struct SegmentPool: Layer {
  /// A function of the values u_1 … u_n of a group.
  public enum Kind: Sendable, Equatable {
    /// max u; ties go to the first row. With one column the row is the witness, as for `SegmentMaximum`.
    case maximum
    /// (1 / n) Σ u: for logits, the mean of logits.
    case mean
    /// Σ u; 0 for a group without rows.
    case sum
    /// The logit of the mean probability: log(P / (1 − P)), P = (1 / n) Σ sigmoid(u).
    case meanProbability
    /// The logit of noisy-or: log(P / (1 − P)), P = 1 − Π (1 − sigmoid(u)) (Pearl 1988; Zhang 2005).
    case noisyOr
    /// (1 / r) log((1 / n) Σ e^(r u)), between the mean (r → 0) and the maximum (r → ∞) (Ramon and De Raedt 2000).
    case logSumExp(r: Double)
  }

  private let kind: Kind
  private let segments: String
  private let axis: Axis

  /// `relation` names the segments in the batch, `axis` what a segment is.
  public init(_ kind: Kind, _ relation: String, _ axis: Axis) {
    (self.kind, segments, self.axis) = (kind, relation, axis)
  }

  /// The segments; so rows see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { segments }

  /// The z-rule for sums and means; the relevance of a maximum goes to its row; none for the other poolings.
  public var relevance: RelevanceRule? {
    switch kind {
    case .sum, .mean: .shared
    case .maximum: .moved
    case .meanProbability, .noisyOr, .logSumExp: nil
    }
  }

  /// The input's positions and channels, on the axis of the segments.
  public func shape(of inputs: [Shape]) -> Shape? {
    Shape(axis, positions: inputs[0].positions, channels: inputs[0].channels)
  }

  /// Offsets that do not fit the rows, and, other than for sums, a group without rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .segments(let offsets)? = batch.relations[segments] else { return "is not segments of the batch" }
    let counts = (batch.count[inputs[0].axis] ?? 0, batch.count[axis] ?? 0)
    if let fault = batch.relations[segments]?.fault(rows: counts.0, others: counts.1) { return fault }
    if kind == .sum { return nil }
    let empty = offsets.indices.dropLast().first { offsets[$0] == offsets[$0 + 1] }
    return empty.map { "group \($0) has no rows" }
  }

  /// Takes the rows of a segment in their order, in Double.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    let offsets = values.batch.segments(segments)
    let width = values.shapes.output.width
    if kind == .maximum {
      SegmentPoolKernel.maximum(
        offsets: offsets, width: width, x: values.inputs[0], y: values.output,
        winner: values.witnesses.reserve(values.count), values.work)
    } else {
      SegmentPoolKernel.forward(
        kind.curve, offsets: offsets, width: width, x: values.inputs[0], y: values.output, values.work)
    }
  }

  /// dX += dY · ∂y/∂u: all to the winner for the maximum, else shares that depend on the values.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let width = values.shapes.output.width
    if kind == .maximum {
      SegmentPoolKernel.maximumBackward(
        segments: values.rows.output, width: width, winner: values.witnesses.start, dY: gradients.output, dX: dX)
    } else {
      SegmentPoolKernel.backward(
        kind.curve, offsets: values.batch.segments(segments), width: width, x: values.inputs[0], dY: gradients.output,
        dX: dX, values.work)
    }
  }
}

extension SegmentPool.Kind {
  /// The kernel's name of a pooling other than the maximum.
  fileprivate var curve: SegmentPoolKernel.Curve {
    switch self {
    case .maximum, .sum: .sum
    case .mean: .mean
    case .meanProbability: .meanProbability
    case .noisyOr: .noisyOr
    case .logSumExp(let r): .logSumExp(r)
    }
  }
}
