import Arrays
import Tensors

/// The mode of a run: training (batch statistics, dropout) or inference (running statistics, no dropout).
public enum Mode: Sendable, Equatable {
  case inference
  /// Training; dropout masks are a pure function of these three values, the layer and the element.
  case training(seed: UInt64, epoch: Int, batch: Int)
}

/// A rule for the way back through a network. The first two differ in activations only; all other layers use the
/// derivative under both.
public enum Rule: Sendable, Equatable {
  /// The derivative.
  case gradient
  /// Guided backpropagation (Springenberg 2015): a ReLU passes g · [x > 0] · [g > 0].
  case guided
  /// Layer-wise relevance propagation with the z-rule and this ε (Bach 2015): the start is the relevance of the scores.
  case relevance(epsilon: Double)
}

/// The scores of a batch: numbers for each row of the model's target axis (bags) and of its unit axis (instances).
///
/// The score of two classes is a logit, that of a regression the predicted number.
public struct Scores: Sendable, Equatable {
  /// By axis, rows × outputs; most models have one output.
  public var values: [Axis: Matrix]
  /// For each target the row of the unit that its score comes from; nil where a score comes from no single unit.
  public var witness: [Int32]?
  /// Further numbers per unit for people to read, such as the attention of each unit (`Scores.attention`).
  public var notes: [String: [Float]]

  /// The axis of the logits of two classes, units × 2, of a network whose scores are their differences.
  public static let logits = Axis("logits")
  /// The note that holds the attention of each unit.
  public static let attention = "attention"
  /// The note that holds the number of each unit from which a network's attention over a target follows.
  static let energy = "energy"

  /// Scores of these parts.
  public init(_ values: [Axis: Matrix], witness: [Int32]? = nil, notes: [String: [Float]] = [:]) {
    (self.values, self.witness, self.notes) = (values, witness, notes)
  }

  /// Scores of units only, one output per unit: what `Model.join` takes.
  public init(unit: Axis, _ scores: [Float], notes: [String: [Float]] = [:]) {
    self.init([unit: Matrix(rows: scores.count, columns: 1, values: scores)], notes: notes)
  }

  /// The attention of each unit, where the model has one.
  public var attention: [Float]? { notes[Self.attention] }

  /// The numbers of an axis in row order, outputs of a row side by side; empty where the model scores no such axis.
  public subscript(axis: Axis) -> [Float] { values[axis]?.values ?? [] }
}

/// The gradient that a backward pass starts from.
public struct Start: Sendable {
  /// The axis whose scores are differentiated, or `Scores.logits`.
  public var axis: Axis
  /// The derivative of what is minimised or explained in each score of the axis, rows × outputs.
  public var slope: Matrix

  /// A start at the scores of an axis.
  public init(_ axis: Axis, _ slope: Matrix) { (self.axis, self.slope) = (axis, slope) }

  /// A start at an axis of one output per row.
  public init(_ axis: Axis, _ slope: [Float]) {
    self.init(axis, Matrix(rows: slope.count, columns: 1, values: slope))
  }
}

/// A model that can score a batch.
///
/// A model scores units one by one and joins them to the scores of targets; where an example has no units (a drug and
/// its target), both axes are the same.
public protocol Model: Sendable {
  /// The inputs it needs.
  var ports: [PortSpec] { get }
  /// The axis of the rows that are scored one by one.
  var unit: Axis { get }
  /// The axis of the rows that have a label.
  var target: Axis { get }

  /// The scores of a batch in inference mode, on both axes.
  func score(_ batch: Batch, _ tape: Tape) -> Scores

  /// Pools the scores of units to those of targets, as `score` does: what follows the units in the model.
  ///
  /// `units` holds scores of the unit axis, made in one run or in several, or averaged over both orders; the result
  /// holds them too. `grouping` needs the row counts and the relations of a batch, no ports.
  func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores

  /// All tensors that a file must hold to restore the model, with `prefix` before their names.
  func tensors(prefix: String) -> [TensorFile.Tensor]
}

/// A model whose scores have derivatives in its inputs.
public protocol Explainable: Model {
  /// Loads what the backward pass of training, or of an attribution, needs on `threads` threads; called before it,
  /// since it can't throw. Throws `BLASFailure` where there is not enough memory.
  func prepare(forAttribution: Bool, threads: Int) throws

  /// The kind of layer that `rule` can't go back through; nil where it can.
  func obstacle(to rule: Rule) -> String?

  /// Runs forward in inference mode, then back under `rule` from what `start` makes of the scores.
  ///
  /// - Returns: the scores, and for each port what the rule makes of the start: of a dense port rows × width, of a port
  ///   of tokens that one layer reads rows × (positions · embedding width), in the embedded tokens.
  func gradients(
    _ batch: Batch, _ rule: Rule, _ tape: Tape, from start: (Scores) -> Start
  ) -> (scores: Scores, ports: [String: Matrix])
}

/// A model with parameters that can be fitted by gradients.
public protocol Differentiable: Explainable {
  var parameters: Parameters { get set }

  /// Scores a batch and records on the tape the values that `backward` needs.
  func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Scores

  /// Adds the derivatives with respect to the parameters to `gradient`; follows `forward` on the same batch and tape.
  func backward(_ batch: Batch, _ start: Start, _ tape: Tape, into gradient: inout Parameters)
}

extension Explainable {
  /// Loads OpenBLAS, which the layers' derivatives need.
  public func prepare(forAttribution: Bool, threads: Int) throws { try BLAS.prepare(threads: threads) }
}

extension Differentiable {
  /// The tensors of the parameters.
  public func tensors(prefix: String) -> [TensorFile.Tensor] { parameters.tensors(prefix: prefix) }

  /// A forward run in inference mode.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores { forward(batch, .inference, tape) }

  /// The parameter that is added to every score, by name: the bias of the node `output`, or of the output of a grid's
  /// `cells`; nil where there is none, or more than one.
  public var offsetName: String? {
    ["output.bias", "cells.output.bias"].first { name in
      parameters.index(of: name).map { parameters.entries[$0].count == 1 } ?? false
    }
  }
}
