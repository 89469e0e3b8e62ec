import Arrays
import Bags
import Bytes
import Features
import Records
import Training

/// The scale of the features: read, or fitted on the training bags.
extension TrainData {
  /// Reads the normaliser that the user named. It must fit the stream's features and, if partners are exchanged, scale
  /// both alike.
  static func checked(_ normalizer: Normalizer, for names: [String]?, _ swap: ColumnSwap?) throws -> Normalizer {
    guard names != nil else { throw TrainFailure.namelessNormalizer }
    if let column = swap.flatMap({ normalizer.unlike($0.source) }) {
      throw TrainFailure.normalizerSides(normalizer.names[column])
    }
    return normalizer
  }

  /// The scaling to be fitted on the training bags; nil where the features stay as they are. With `--missing mean` a
  /// normaliser fills missing values, and is fitted for that alone where `--standardize` says none.
  static func chain(_ options: MilTrain, _ names: [String]?) throws -> ScalingChain? {
    let isDone = names?.contains(where: Normalizer.isNormalized) ?? false
    let chain: ScalingChain
    switch options.files.standardize {
    case .auto where isDone: return nil
    case .auto: chain = ScalingChain(.zscore)
    case .methods(let methods)
    where methods.methods.isEmpty && (isDone || options.bags.input.records.missing != .mean):
      return nil
    case .methods(let methods): chain = methods
    }
    if isDone { throw TrainFailure.normalizedTwice }
    return chain
  }

  /// The plan of a fit on the training bags.
  static func scaling(_ chain: ScalingChain, _ options: MilTrain, _ swap: ColumnSwap?) -> ScalingPlan {
    var plan = ScalingPlan(chain)
    plan.exchange = swap?.source
    plan.missing = options.bags.input.records.missing
    return plan
  }

  /// The warning of features whose spread 32-bit numbers don't hold: fewer than 256 of them lie in it.
  static func coarse(_ bags: PackedBags, _ fitted: Normalizer?, _ names: [String]?) -> Diagnostic? {
    let ranges = bags.ranges
    let coarse = ranges.indices.filter { column in
      var spread = ranges[column].high - ranges[column].low
      // Quartiles may lie much closer than extremes.
      if let fitted, fitted.groups[fitted.groupOf[column]].chain.before.isEmpty,
        let quartiles = fitted.statistics[column].quartiles, quartiles.upper > quartiles.lower
      {
        spread = quartiles.upper - quartiles.lower
      }
      return spread > 0 && spread < 256 * ranges[column].step
    }
    guard let first = coarse.first else { return nil }
    let range = ranges[first]
    return Diagnostic(
      .data,
      "\(Diagnostic.quoted(names?[first] ?? "feature \(first + 1)")) lies between \(NumberText.text(range.low)) and "
        + "\(NumberText.text(range.high)), where 32-bit numbers are \(NumberText.text(range.step)) apart: "
        + "they don't hold its spread" + (coarse.count > 1 ? ", nor that of \(coarse.count - 1) more features" : ""),
      hint: "subtract a constant from it, or scale it before or in training (--standardize zscore)")
  }

  /// The warning that some features get no scale because others have one already; nil if all or none have one.
  static func partlyScaled(_ names: [String]) -> Diagnostic? {
    let bare = names.filter { !Normalizer.isNormalized($0) }
    guard let first = bare.first, let scaled = names.first(where: Normalizer.isNormalized) else { return nil }
    return Diagnostic(
      .data,
      "\(bare.count) of \(names.count) features are not scaled, such as \(Diagnostic.quoted(first)), because others "
        + "are scaled already, such as \(Diagnostic.quoted(scaled))",
      hint: "scale the bags instead of one of the tables they are made of: then all features have a scale")
  }
}
