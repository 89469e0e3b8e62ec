import Bytes

/// Why a training run could not go on.
public enum TrainingError: Diagnosable, Equatable {
  /// The loss or a weight is no finite number any more; batch 0 stands for the validation after the epoch.
  case diverged(epoch: Int, batch: Int, learningRate: Float)
  /// The training units with a weight above 0 hold one class only.
  case oneClass(positives: Int, units: Int)
  /// The validation units hold one class only.
  case oneClassValidation(positives: Int, units: Int)

  public var diagnostic: Diagnostic {
    switch self {
    case .diverged(let epoch, let batch, let rate):
      Diagnostic(
        .data,
        "the loss is not a finite number in epoch \(epoch), "
          + (batch == 0 ? "on the validation bags" : "batch \(batch)")
          + ", at learning rate \(rate)",
        hint: "lower --learning-rate, or normalise the features")
    case .oneClassValidation(let positives, let units):
      Diagnostic(
        .data, "\(positives) of \(units) validation bags are positive: both classes are needed to choose an epoch",
        hint: "a larger --validation, another --seed, or --validation 0, which keeps the last epoch")
    case .oneClass(let positives, let units):
      Diagnostic(
        .data, "\(positives) of \(units) training bags are positive: both classes are needed",
        hint: "check the label column of the pairs")
    }
  }
}
