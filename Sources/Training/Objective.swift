import Arrays
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A loss to be minimised: a function of the logits of one batch, with its gradient.
public protocol Objective: Sendable {
  /// Returns the loss of a batch and writes its derivative with respect to each logit into `gradient`.
  ///
  /// - Parameters:
  ///   - logits: one number per unit, before the sigmoid.
  ///   - labels: 0 or 1, one per unit.
  ///   - weights: one per unit; 0 leaves the unit out. Empty means all 1.
  ///   - gradient: as long as `logits`; overwritten.
  /// - Returns: the loss, in Double, summed in the order of the units.
  func loss(logits: [Float], labels: [Float], weights: [Float], gradient: inout [Float]) -> Double

  /// The logit of the least loss for a model that knows only how many units, by weight, each class has.
  func restLogit(positives: Double, negatives: Double) -> Double
}

extension Objective {
  /// Returns the loss without its gradient.
  public func loss(logits: [Float], labels: [Float], weights: [Float] = []) -> Double {
    var unused = [Float](repeating: 0, count: logits.count)
    return loss(logits: logits, labels: labels, weights: weights, gradient: &unused)
  }

  /// The rest logit of some units of a store.
  func restLogit(of units: [Int], in store: any BatchStore) -> Double {
    var mass = (positive: 0.0, negative: 0.0)
    let targets = store.targets(of: units)
    for (label, weight) in zip(targets.label, targets.weight) {
      if label > 0.5 { mass.positive += Double(weight) } else { mass.negative += Double(weight) }
    }
    return restLogit(positives: mass.positive, negatives: mass.negative)
  }
}

/// The bag losses of the IDMIL-III paper, from logits.
///
/// With Ỹ = Ŷ for a positive unit and 1 − Ŷ for a negative one:
/// CE = mean of −log Ỹ; CCE = Σ_c (1/N_c) Σ −log Ỹ; CFCE = Σ_c (1/N_c) Σ −(1 − Ỹ)^γ log Ỹ,
/// where c runs over the classes in the batch and N_c is the (weighted) number of their units.
/// A class without units in a batch adds nothing.
/// (Algorithm 1 of the paper prints log Ŷ for negatives; its text means log(1 − Ŷ), which is used here.)
public enum BagLoss: Objective, Equatable {
  case crossEntropy
  case classBalanced
  case classBalancedFocal(gamma: Double)

  /// Computes log Ỹ from the logit, so that it is finite where Ỹ would round to 0.
  public func loss(logits: [Float], labels: [Float], weights: [Float], gradient: inout [Float]) -> Double {
    precondition(logits.count == labels.count && gradient.count == logits.count)
    var mass = (negative: 0.0, positive: 0.0)
    for i in logits.indices {
      let weight = weights.isEmpty ? 1 : Double(weights[i])
      if labels[i] > 0.5 { mass.positive += weight } else { mass.negative += weight }
    }
    let share = classShares(negative: mass.negative, positive: mass.positive)
    var total = 0.0
    for i in logits.indices {
      let positive = labels[i] > 0.5
      let scale = (weights.isEmpty ? 1 : Double(weights[i])) * (positive ? share.positive : share.negative)
      // Toward its own class a unit's logit is z for a positive and −z for a negative.
      let sign = positive ? 1.0 : -1.0
      let term = focal(Double(logits[i]) * sign)
      total += scale * term.loss
      gradient[i] = Float(scale * sign * term.slope)
    }
    return total
  }

  /// log(positives / negatives) for plain cross entropy, 0 for the class-balanced losses.
  public func restLogit(positives: Double, negatives: Double) -> Double {
    guard case .crossEntropy = self, positives > 0, negatives > 0 else { return 0 }
    return log(positives / negatives)
  }

  /// The factor 1/N of each class: its own count for the balanced losses, the whole batch for CE.
  private func classShares(negative: Double, positive: Double) -> (negative: Double, positive: Double) {
    func inverse(_ mass: Double) -> Double { mass > 0 ? 1 / mass : 0 }
    if case .crossEntropy = self {
      let all = inverse(negative + positive)
      return (all, all)
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
