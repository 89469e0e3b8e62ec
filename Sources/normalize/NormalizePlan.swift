import Bytes
import CommandSupport
import Features
import Records

/// The options of normalize, checked: a state to write, or one to apply.
enum NormalizePlan {
  case fit(String, ScalingMethod)
  case apply(Normalizer)

  /// A state file is at most this long.
  private static let stateLimit = 1 << 28

  /// - Throws: a usage error for options that don't fit, or what is wrong with the state.
  init(_ command: NormalizeCommand) throws {
    switch (command.fit, command.apply) {
    case (let path?, nil):
      self = .fit(path, command.method ?? .zscore)
    case (nil, let path?):
      if command.method != nil {
        throw ToolFailure.usage("--method belongs to --fit: the state knows its own", hint: "leave --method out")
      }
      self = .apply(try Self.state(path))
    case (nil, nil):
      throw ToolFailure.usage(
        "neither --fit nor --apply is given", hint: "normalize --fit scale.json train.tsv, then --apply scale.json")
    default:
      throw ToolFailure.usage(
        "--fit and --apply can't work in one pass", hint: "run normalize twice: --fit first, then --apply")
    }
  }

  /// Reads a state file.
  static func state(_ path: String) throws -> Normalizer {
    let source = try Input.open(path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = try block.withUnsafeMutableBytes({ try source.read(into: $0) }), count > 0 {
      bytes += block[..<count]
      if bytes.count > stateLimit { throw ScalingError.badState(path, "it is longer than 256 MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ScalingError.badState(path, "it is not UTF-8")
    }
    return try Normalizer.load(from: text, name: path)
  }
}
