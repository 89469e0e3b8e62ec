import Bytes

/// An error in a model, its options or its file.
public enum ModelError: Diagnosable, Equatable {
  /// A layer's input has fewer positions than the layer needs.
  case tooShort(layer: String, positions: Int)
  /// An unknown method.
  case unknownMethod(String, allowed: [String])
  /// Too few features for this number of convolution modules.
  case tooFewFeatures(Int, least: Int, modules: Int)
  /// Columns that don't tell the two sides apart, or of which one side lacks some.
  case noSides(method: String, String)
  /// An option out of its range.
  case option(name: String, value: String, allowed: String)
  /// A method whose input is missing, or has another form; `found` are the ports there are.
  case port(method: String, needs: String, found: [String])
  /// A port that a method does not read.
  case unreadPort(method: String, reads: [String], other: String)
  /// A method that reads a row of each partner, of which the features are not the two halves.
  case unequalSides(String, Int)
  /// A method, or a model file, on whose network no head of two logits can be put.
  case noHead(String)
  /// A model file that breaks a rule of the format.
  case file(name: String, reason: String)

  /// The error as a user reads it.
  public var diagnostic: Diagnostic {
    switch self {
    case .tooShort(let layer, let positions):
      Diagnostic(.data, "layer \(layer) has nothing left to work on: its input has \(positions) positions")
    case .unknownMethod(let name, let allowed):
      Diagnostic(
        .usage, "no architecture is called \(Diagnostic.quoted(name))",
        hint: "\(allowed.joined(separator: ", ")); mil-train --list says what each of them is")
    case .tooFewFeatures(let features, let least, let modules):
      Diagnostic(
        .data, "\(features) features are too few for \(modules) convolution modules, which need \(least)",
        hint: modules > 1 ? "--architecture idmil:modules=\(modules - 1)" : "--architecture mlp")
    case .noSides(let method, let reason):
      Diagnostic(
        .data, "--architecture \(method) needs features of both partners: \(reason)",
        hint: "blocks that concatenate both partners (--block NAME=concat:FILE), in a stream with its schema line")
    case .option(let name, let value, let allowed):
      Diagnostic(.usage, "\(name) is '\(value)'", hint: "allowed: \(allowed)")
    case .port(let method, let needs, let found):
      Diagnostic(
        .usage, "\(method) needs \(needs); the data has \(found.isEmpty ? "no ports" : found.joined(separator: ", "))",
        hint: "mil-train --describe \(method)")
    case .unreadPort(let method, let reads, let other):
      Diagnostic(
        .usage, "\(method) does not read \(other); it reads \(reads.joined(separator: " and "))",
        hint: "mil-train --describe \(method)")
    case .unequalSides(let method, let features):
      Diagnostic(
        .data,
        "\(method) reads a row of each partner, of two numbers or more: \(features) features are not two such rows",
        hint: "--block NAME=concat:FILE alone")
    case .noHead(let base):
      Diagnostic(
        .usage, "base=\(base): two-logit needs one network of graphs or sequences that was trained on numbers",
        hint: "--architecture two-logit:base=FILE with the file of such a model, as of graphdta-gin or deepdta")
    case .file(let name, let reason):
      Diagnostic(
        .data, "not a model file of this suite: \(reason)", at: SourceLocation(source: name, line: 0, column: 0))
    }
  }
}
