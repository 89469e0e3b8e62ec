import Bytes
import CommandSupport
import Features

/// The options of normalize, checked: a state to write, or one to apply.
enum NormalizePlan {
  case fit(String, ScalingMethod)
  case apply(Normalizer)

  /// - Throws: a usage error for options that don't fit, or what is wrong with the state.
  init(_ command: NormalizeCommand) throws {
    switch (command.fit, command.apply) {
    case (let path?, nil):
      self = .fit(path, command.method ?? .zscore)
    case (nil, let path?):
      if command.method != nil {
        throw ToolFailure.usage("--method belongs to --fit: the state knows its own", hint: "leave --method out")
      }
      self = .apply(try Normalizer.read(path))
    case (nil, nil):
      throw ToolFailure.usage(
        "neither --fit nor --apply is given", hint: "normalize --fit scale.json train.tsv, then --apply scale.json")
    default:
      throw ToolFailure.usage(
        "--fit and --apply can't work in one pass", hint: "run normalize twice: --fit first, then --apply")
    }
  }
}
