import Arrays
import Tensors

/// The mode of a run: training (batch statistics, dropout) or inference (running statistics, no dropout).
public enum Mode: Sendable, Equatable {
  case inference
  /// Training; dropout masks are a pure function of these three values, the layer and the element.
  case training(seed: UInt64, epoch: Int, batch: Int)
}

/// A rule for the backward pass of activations; all other layers use the derivative under every rule.
public enum Rule: Sendable, Equatable {
  /// The derivative.
  case gradient
  /// Guided backpropagation (Springenberg 2015): a ReLU passes g · [x > 0] · [g > 0].
  case guided
}

/// The scores of a batch: a logit for each row of the target axis (bag) and of the unit axis (instance).
public struct Output: Sendable, Equatable {
  /// One logit per target.
  public var logit: [Float]
  /// One logit per unit.
  public var unitLogit: [Float]
  /// For each target the row of the unit whose logit it has; ties go to the first unit.
  public var witness: [Int32]
  /// The attention value of each unit, where the model has one.
  public var attention: [Float]?

  /// Makes scores from their parts.
  public init(logit: [Float], unitLogit: [Float], witness: [Int32], attention: [Float]? = nil) {
    (self.logit, self.unitLogit, self.witness, self.attention) = (logit, unitLogit, witness, attention)
  }
}

/// The start of a backward pass: the derivative of the loss, or of the explained value, with respect to the logits.
public enum LogitGradient: Sendable {
  /// One derivative per target; it flows through the witnesses.
  case target([Float])
  /// One derivative per unit.
  case unit([Float])
}

/// A model that can score a batch.
public protocol Predictor: Sendable {
  /// The input ports and their numbers of columns.
  var ports: [String: Int] { get }
  /// The axis of the rows that are scored one by one (instance), and of those that have a label (bag).
  var unit: Axis { get }
  var target: Axis { get }
  /// The logits of a batch in inference mode.
  func score(_ batch: Batch, _ tape: Tape) -> Output
  /// Pools the logits of all units into those of the targets, as `score` does: what follows the units in the model.
  ///
  /// `grouping` needs the row counts and the relations of a batch, no features. Units scored in parts, or averaged over
  /// both orders, become targets here.
  func join(_ units: [Float], attention: [Float]?, _ grouping: Batch, _ tape: Tape) -> Output
}

/// A predictor with parameters and derivatives.
public protocol Differentiable: Predictor {
  var parameters: Parameters { get set }

  /// Scores a batch and records on the tape the values that `backward` needs.
  func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Output

  /// Adds the derivatives with respect to the parameters to `gradient`; follows `forward` on the same batch and tape.
  func backward(_ batch: Batch, _ start: LogitGradient, _ tape: Tape, into gradient: inout Parameters)

  /// Loads what `backward`, or `attribution`, needs on `threads` threads; called before them, since they can't throw.
  /// Throws `BLASFailure` where there is not enough memory.
  func prepare(forAttribution: Bool, threads: Int) throws

  /// Returns the derivatives under `rule` with respect to each port, rows × columns; follows `forward` on the same
  /// batch and tape.
  func attribution(_ batch: Batch, _ start: LogitGradient, _ rule: Rule, _ tape: Tape) -> [String: Matrix]
}

extension Differentiable {
  /// Loads OpenBLAS, which the layers' derivatives need.
  public func prepare(forAttribution: Bool, threads: Int) throws { try BLAS.prepare(threads: threads) }

  /// A forward run in inference mode.
  public func score(_ batch: Batch, _ tape: Tape) -> Output { forward(batch, .inference, tape) }
}

extension Differentiable {
  /// The name of the tensor that is added to every logit, the bias of the node `output`; nil if there is none.
  public var offsetName: String? {
    let name = "output.bias"
    return parameters.index(of: name) == nil ? nil : name
  }
}

extension Output {
  /// The means of two rows of numbers, value by value.
  public static func mean(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { ($0 + $1) / 2 } }
}

extension Predictor {
  /// The scores that do not depend on the order of the partners: unit logits and attention are the means of both
  /// orders, row by row, and the model's own pooling (`join`) makes the targets' logits and witnesses of them.
  ///
  /// `grouping` has the row counts and the relations of the batch that `given` scores.
  public func mean(of given: Output, and exchanged: Output, grouping: Batch, _ tape: Tape) -> Output {
    let attention = given.attention.flatMap { a in exchanged.attention.map { Output.mean(a, $0) } }
    return join(Output.mean(given.unitLogit, exchanged.unitLogit), attention: attention, grouping, tape)
  }
}
