import Arrays
import Tensors

/// Whether a run learns (batch statistics, dropout) or answers (running statistics, no dropout).
public enum Mode: Sendable, Equatable {
  case inference
  /// Dropout masks are a pure function of these three, the layer and the element.
  case training(seed: UInt64, epoch: Int, batch: Int)
}

/// How gradients pass backwards through a network; everything but an activation treats all rules alike.
public enum Rule: Sendable, Equatable {
  /// The derivative.
  case gradient
  /// Guided backpropagation (Springenberg 2015): a ReLU passes g · [x > 0] · [g > 0].
  case guided
}

/// What a model says about a batch: a logit for each row of the target axis (bag) and of the unit axis (instance).
public struct Output: Sendable, Equatable {
  /// One a target.
  public var logit: [Float]
  /// One a unit.
  public var unitLogit: [Float]
  /// For each target the row of the unit that made its logit, the first of equals.
  public var witness: [Int32]
  /// The attention value of each unit, where the model has one.
  public var attention: [Float]?

  /// An answer of these parts.
  public init(logit: [Float], unitLogit: [Float], witness: [Int32], attention: [Float]? = nil) {
    (self.logit, self.unitLogit, self.witness, self.attention) = (logit, unitLogit, witness, attention)
  }
}

/// Where a backward pass starts, as the derivative of what is explained or minimised in the logits.
public enum LogitGradient: Sendable {
  /// One value a target; it flows through the witnesses.
  case target([Float])
  /// One value a unit.
  case unit([Float])
}

/// Whatever can score a batch.
public protocol Predictor: Sendable {
  /// The ports it eats and their widths.
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

  /// Runs forward and leaves on the tape what `backward` needs.
  func forward(_ batch: Batch, _ mode: Mode, _ tape: Tape) -> Output

  /// Adds the derivatives in the parameters to `gradient`; follows `forward` on the same batch and tape.
  func backward(_ batch: Batch, _ start: LogitGradient, _ tape: Tape, into gradient: inout Parameters)

  /// Loads what `backward`, or `attribution`, needs on `threads` threads; called before them, since they can't throw.
  /// Throws `BLASFailure` where there is not enough memory.
  func prepare(forAttribution: Bool, threads: Int) throws

  /// What the rule makes of the start at each port, rows × width; follows `forward` on the same batch and tape.
  func attribution(_ batch: Batch, _ start: LogitGradient, _ rule: Rule, _ tape: Tape) -> [String: Matrix]
}

extension Differentiable {
  /// Loads OpenBLAS, which the layers' derivatives need.
  public func prepare(forAttribution: Bool, threads: Int) throws { try BLAS.prepare(threads: threads) }

  /// A forward run in inference mode.
  public func score(_ batch: Batch, _ tape: Tape) -> Output { forward(batch, .inference, tape) }
}

extension Differentiable {
  /// The tensor that is added to every logit, by name: the bias of the node `output`; nil where there is none.
  public var offsetName: String? {
    let name = "output.bias"
    return parameters.index(of: name) == nil ? nil : name
  }
}
