import Arrays
import Bytes
import Tensors

/// The ways in which a model of single instances learns from bags of several, of which only the bags have labels.
public enum MIL: String, Sendable, CaseIterable {
  /// In rounds: the best instance of each positive bag is its witness; the score of a bag is the maximum.
  case witness
  /// Every instance has the label of its bag; the score of a bag is the maximum.
  case max
  /// Every instance has the label of its bag; the score of a bag is the mean.
  case mean

  /// The setting of a method.
  static let setting = Setting(
    "mil", .choice(allCases.map(\.rawValue)),
    "bags of several instances: witness looks for that of each positive bag, in rounds; max and mean give each "
      + "instance the label of its bag; the score of a bag is the maximum, or with mean the mean")

  /// The way that settings name.
  public init(_ values: SettingValues) { self = MIL(rawValue: values.text("mil")) ?? .witness }
}

/// A model of other form than a network that scores each instance by itself.
public protocol InstanceModel: Model {
  /// The number of features of an instance.
  var features: Int { get }
  /// The pooling of a bag's scores.
  var mil: MIL { get }
  /// The scale of the scores; logits are averaged as their probabilities.
  var scale: ScoreScale { get }
  /// The score of each row of a table.
  func scores(of x: Matrix, _ pool: ThreadPool) -> [Double]
}

extension InstanceModel {
  /// The features of the instances.
  public var ports: [PortSpec] { MethodChoice.ports(features: features) }
  /// The axis of the instances.
  public var unit: Axis { .instance }
  /// The axis of the bags.
  public var target: Axis { .bag }

  /// The score of each instance, and the pooled score of each bag.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    return join(Scores(unit: unit, scores(of: x, tape.work.pool).map { Float($0) }), batch, tape)
  }

  /// The maximum of each bag, ties go to the first instance; or the mean, which has no witness.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    var result = units
    let (values, segments) = (units[unit], grouping.segments("bag"))
    if mil == .mean {
      var means = Matrix(rows: segments.count - 1, columns: 1)
      let curve: SegmentPoolKernel.Curve = scale == .logit ? .meanProbability : .mean
      values.withUnsafeBufferPointer { x in
        means.withUnsafeMutableBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress else { return }
          SegmentPoolKernel.forward(curve, offsets: segments, width: 1, x: x, y: y, tape.work)
        }
      }
      (result.values[target], result.witness) = (means, nil)
      return result
    }
    let witness = zip(segments, segments.dropFirst()).map { start, end in
      (start..<end).reduce(start) { values[Int($1)] > values[Int($0)] ? $1 : $0 }
    }
    result.values[target] = Matrix(rows: witness.count, columns: 1, values: witness.map { values[Int($0)] })
    result.witness = witness
    return result
  }
}
