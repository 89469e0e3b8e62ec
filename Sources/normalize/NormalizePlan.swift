import Bytes
import CommandSupport
import Features

/// The options of normalize, checked: a state to write, or one to apply or to undo.
enum NormalizePlan {
  case fit(String, ScalingPlan)
  case fitSamples(String, ScalingChain)
  case columns(Normalizer, NormalizedSource.Direction)
  case samples(SampleQuantiles)

  /// - Throws: a usage error for options that don't fit, or what is wrong with the state.
  init(_ command: NormalizeCommand) throws {
    switch (command.fit, command.apply, command.inverse) {
    case (let path?, nil, nil): self = try Self.fit(path, command)
    case (nil, let path?, nil):
      try Self.refuseFitting(command)
      switch try ScalingState.read(path) {
      case .columns(let normalizer): self = .columns(normalizer, .apply)
      case .samples(let quantiles): self = .samples(quantiles)
      }
    case (nil, nil, let path?):
      try Self.refuseFitting(command)
      guard case .columns(let normalizer) = try ScalingState.read(path) else {
        throw Self.noInverse(.quantile, ScalingMethod.quantile.obstacle ?? "")
      }
      if let (method, reason) = normalizer.obstacle { throw Self.noInverse(method, reason) }
      self = .columns(normalizer, .restore)
    case (nil, nil, nil):
      throw ToolFailure.usage(
        "neither --fit nor --apply nor --inverse is given",
        hint: "normalize --fit scale.json train.tsv, then --apply scale.json")
    default:
      throw ToolFailure.usage(
        "--fit, --apply and --inverse can't work in one pass", hint: "run normalize twice: --fit first, then --apply")
    }
  }

  private static func fit(_ path: String, _ command: NormalizeCommand) throws -> NormalizePlan {
    let writing = [
      ("--output", command.output.output != "-"), ("--output-format", command.output.outputFormat != nil),
      ("--no-header", command.output.noHeader), ("--sparse", command.zeros.sparse),
      ("--line-buffered", command.output.lineBuffered),
    ]
    if let (name, _) = writing.first(where: \.1) {
      throw ToolFailure.usage(
        "\(name) does nothing with --fit: it writes the state alone", hint: "records are written by --apply \(path)")
    }
    let rest = try command.method.map { try ScalingChain(parsing: $0) }
    if let rest, rest.fitted == .quantile {
      if !command.group.isEmpty {
        throw ToolFailure.usage("--group: quantile takes all columns as samples of one kind", hint: "leave --group out")
      }
      if command.sides != nil || command.constant != nil {
        throw ToolFailure.usage("--sides and --constant have no meaning for the samples of quantile")
      }
      return .fitSamples(path, rest)
    }
    var groups = try command.group.map { try ScalingGroup(parsing: $0) }
    if let chain = rest ?? (groups.isEmpty ? ScalingChain(.zscore) : nil) { groups.append(ScalingGroup(nil, chain)) }
    if groups.count(where: { $0.pattern == nil }) > 1 {
      throw ToolFailure.usage(
        "two methods for what is in no other group", hint: "--method METHOD or --group '*=METHOD', once")
    }
    var plan = ScalingPlan(groups)
    plan.sides = command.sides ?? .alike
    plan.constant = command.constant ?? .zero
    plan.missing = command.input.records.missing
    plan.memory = command.memory.bytes
    return .fit(path, plan)
  }

  private static func refuseFitting(_ command: NormalizeCommand) throws {
    let given = [
      ("--method", command.method != nil), ("--group", !command.group.isEmpty), ("--sides", command.sides != nil),
      ("--constant", command.constant != nil),
    ]
    if let (name, _) = given.first(where: \.1) {
      throw ToolFailure.usage("\(name) belongs to --fit: the state knows its own", hint: "leave \(name) out")
    }
  }

  private static func noInverse(_ method: ScalingMethod, _ reason: String) -> ToolFailure {
    ToolFailure(Diagnostic(.data, "\(method.rawValue) can't be undone: \(reason)"))
  }
}
