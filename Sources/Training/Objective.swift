import Arrays
import Bytes
import Models
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A loss: a function of the outputs of one batch and their labels, with its gradient.
public protocol Objective: Sendable {
  /// The kind of label it takes.
  var goal: Goal { get }
  /// The number of outputs of the model for each label.
  var outputs: Int { get }
  /// Whether the remedies against a collapse apply (`Remedies`): one logit tells two classes apart.
  var hasRemedies: Bool { get }

  /// Returns the loss of a batch and writes its derivative with respect to each output into `slope`.
  ///
  /// - Parameters:
  ///   - output: one row per label, before any sigmoid.
  ///   - targets: a label and a weight for each row; weight 0 leaves the row out.
  ///   - slope: of the shape of `output`; overwritten.
  /// - Returns: the loss, in Double, summed in the order of the rows.
  func loss(_ output: Matrix, _ targets: Targets, slope: inout Matrix) -> Double

  /// The output of the least loss for a model that knows only the labels and their weights.
  func rest(_ targets: Targets) -> Double
}

extension Objective {
  /// One output.
  public var outputs: Int { 1 }

  /// Returns the loss without its gradient.
  public func loss(_ output: Matrix, _ targets: Targets) -> Double {
    var unused = Matrix(uninitializedRows: output.rows, columns: output.columns)
    return loss(output, targets, slope: &unused)
  }

  /// The loss of outputs in a column.
  func loss(_ output: [Float], _ targets: Targets) -> Double {
    loss(Matrix(rows: output.count, columns: 1, values: output), targets)
  }
}

/// The losses of the IDMIL-III paper for labels 0 and 1, from logits.
///
/// With Ỹ = Ŷ for a positive row and 1 − Ŷ for a negative one: CE = mean of −log Ỹ, in the weighted form with a
/// positive row's term taken w times; CCE = Σ_c (1/N_c) Σ −log Ỹ; CFCE = Σ_c (1/N_c) Σ −(1 − Ỹ)^γ log Ỹ, where c runs
/// over the classes in the batch and N_c is the (weighted) number of their rows. A class without rows in a batch adds
/// nothing. (Algorithm 1 of the paper prints log Ŷ for negatives; its text means log(1 − Ŷ), which is used here.)
public enum ClassLoss: Objective, Equatable {
  case crossEntropy
  /// The mean over the rows, not over their weights, as of PyTorch's `pos_weight`.
  case weightedCrossEntropy(positive: Double)
  case classBalanced
  case classBalancedFocal(gamma: Double)

  /// Two classes.
  public var goal: Goal { .binary }
  /// They apply.
  public var hasRemedies: Bool { true }

  /// Computes log Ỹ from the logit, so that it is finite where Ỹ would round to 0.
  public func loss(_ output: Matrix, _ targets: Targets, slope: inout Matrix) -> Double {
    precondition(output.columns == 1 && output.rows == targets.label.count && slope.rows == output.rows)
    let mass = mass(targets)
    let share = classShares(negative: mass.negative, positive: mass.positive)
    var total = 0.0
    output.withUnsafeBufferPointer { logits in
      slope.withUnsafeMutableBufferPointer { slope in
        for i in logits.indices {
          let positive = targets.label[i] > 0.5
          let scale = Double(targets.weight[i]) * (positive ? share.positive : share.negative)
          // Toward its own class a row's logit is z for a positive and −z for a negative.
          let sign = positive ? 1.0 : -1.0
          let term = focal(Double(logits[i]) * sign)
          total += scale * term.loss
          slope[i] = Float(scale * sign * term.slope)
        }
      }
    }
    return total
  }

  /// log(w · positives / negatives) for cross entropy, 0 for the class-balanced losses.
  public func rest(_ targets: Targets) -> Double {
    let mass = mass(targets)
    guard let positive = positiveWeight, mass.positive > 0, mass.negative > 0 else { return 0 }
    return log(positive * mass.positive / mass.negative)
  }

  /// The weight of a positive row against a negative one in cross entropy; nil of other losses.
  private var positiveWeight: Double? {
    switch self {
    case .crossEntropy: 1
    case .weightedCrossEntropy(let positive): positive
    case .classBalanced, .classBalancedFocal: nil
    }
  }

  /// The total weight of each class.
  private func mass(_ targets: Targets) -> (negative: Double, positive: Double) {
    var mass = (negative: 0.0, positive: 0.0)
    for (label, weight) in zip(targets.label, targets.weight) {
      if label > 0.5 { mass.positive += Double(weight) } else { mass.negative += Double(weight) }
    }
    return mass
  }

  /// The factor 1/N of each class: its own count for the balanced losses, the whole batch for CE.
  private func classShares(negative: Double, positive: Double) -> (negative: Double, positive: Double) {
    func inverse(_ mass: Double) -> Double { mass > 0 ? 1 / mass : 0 }
    if let weight = positiveWeight {
      let all = inverse(negative + positive)
      return (all, weight * all)
    }
    return (inverse(negative), inverse(positive))
  }

  /// −(1 − Ỹ)^γ log Ỹ and its derivative at the logit `z` of Ỹ: γ Ỹ (1 − Ỹ)^γ log Ỹ − (1 − Ỹ)^(γ + 1).
  private func focal(_ z: Double) -> (loss: Double, slope: Double) {
    let logProbability = logSigmoid(z)
    let complement = sigmoid(-z)
    guard case .classBalancedFocal(let gamma) = self, gamma != 0 else { return (-logProbability, -complement) }
    let focus = gamma == 1 ? complement : pow(complement, gamma)
    return (-focus * logProbability, gamma * sigmoid(z) * focus * logProbability - focus * complement)
  }
}

/// The weighted mean of the squared differences between outputs and labels.
public struct SquaredError: Objective, Equatable {
  /// The mean squared error.
  public init() {}
  /// Numbers.
  public var goal: Goal { .number }
  /// They do not apply.
  public var hasRemedies: Bool { false }

  /// Σ w (output − label)² / Σ w; 0 where all weights are 0.
  public func loss(_ output: Matrix, _ targets: Targets, slope: inout Matrix) -> Double {
    precondition(output.columns == 1 && output.rows == targets.label.count && slope.rows == output.rows)
    let mass = targets.weight.reduce(0) { $0 + Double($1) }
    var total = 0.0
    output.withUnsafeBufferPointer { output in
      slope.withUnsafeMutableBufferPointer { slope in
        for i in output.indices {
          let share = mass > 0 ? Double(targets.weight[i]) / mass : 0
          let error = Double(output[i]) - Double(targets.label[i])
          total += share * error * error
          slope[i] = Float(2 * share * error)
        }
      }
    }
    return total
  }

  /// The weighted mean of the labels.
  public func rest(_ targets: Targets) -> Double {
    var (sum, mass) = (0.0, 0.0)
    for (label, weight) in zip(targets.label, targets.weight) {
      sum += Double(weight) * Double(label)
      mass += Double(weight)
    }
    return mass > 0 ? sum / mass : 0
  }
}

/// A measure by which epochs, attempts and settings are compared in place of the loss.
public struct Criterion: Sendable {
  /// The name, such as `auroc`.
  public let name: String
  /// Whether a larger value is better.
  public let isHigherBetter: Bool
  /// The value for outputs and their targets; nil where it is undefined.
  public let value: @Sendable ([Float], Targets) -> Double?

  /// A measure of this name.
  public init(_ name: String, isHigherBetter: Bool, value: @escaping @Sendable ([Float], Targets) -> Double?) {
    (self.name, self.isHigherBetter, self.value) = (name, isHigherBetter, value)
  }

  /// A value turned so that less is better; infinite where it is undefined.
  public func cost(_ value: Double?) -> Double { value.map { isHigherBetter ? -$0 : $0 } ?? .infinity }
}

/// A loss or an optimiser that can be asked for by name, such as `cfce:gamma=2`.
public struct TrainingEntry<Made>: Sendable {
  /// The name.
  public let name: String
  /// One line for `--list`.
  public let summary: String
  /// The settings, in the order in which they are listed.
  public let settings: [Setting]
  let make: @Sendable (SettingValues) -> Made

  init(_ name: String, _ summary: String, _ settings: [Setting], _ make: @escaping @Sendable (SettingValues) -> Made) {
    (self.name, self.summary, self.settings, self.make) = (name, summary, settings, make)
  }
}

/// An entry with values for its settings.
public struct TrainingChoice<Made>: Sendable {
  /// The entry.
  public let entry: TrainingEntry<Made>
  /// The values of its settings.
  public var values: SettingValues

  /// The choice that a text names among `entries`; `option` is the option that takes it, for messages.
  /// Throws `TrainingError.unknownEntry` or `SettingError`.
  public init(_ text: String, of entries: [TrainingEntry<Made>], option: String) throws {
    let text = SettingText(text)
    guard let found = entries.first(where: { $0.name == text.name }) else {
      throw TrainingError.unknownEntry(text.name, option: option, allowed: entries.map(\.name))
    }
    entry = found
    values = try SettingValues(
      text.words, of: found.settings, subject: text.name, guide: "mil-train --describe \(text.name)")
  }

  /// The loss or optimiser that it names.
  public var made: Made { entry.make(values) }
  /// The text that names it, with the settings that differ from their defaults.
  public var text: String { values.changed.isEmpty ? entry.name : "\(entry.name):\(values.changed)" }
}

/// The losses, by name.
public enum Losses {
  /// In the order of `mil-train --list`.
  public static let all: [TrainingEntry<any Objective>] = [
    TrainingEntry(
      "cfce", "class-balanced focal cross entropy (IDMIL-III)",
      [Setting("gamma", .real(0...10, default: 1), "focusing exponent")]
    ) { ClassLoss.classBalancedFocal(gamma: $0.real("gamma")) },
    TrainingEntry("cce", "class-balanced cross entropy", []) { _ in ClassLoss.classBalanced },
    TrainingEntry(
      "ce", "cross entropy",
      [Setting("positive", .real(1e-6...1e6, default: 1), "weight of a positive row against a negative one")]
    ) { values in
      let positive = values.real("positive")
      return positive == 1 ? ClassLoss.crossEntropy : .weightedCrossEntropy(positive: positive)
    },
    TrainingEntry("mse", "mean squared error, for labels that are numbers", []) { _ in SquaredError() },
  ]
}
