import Arrays
import Bytes

/// Two classes from a network that was trained on numbers: its layers stay as they are, and a dense layer of two logits
/// takes the place of the last one.
///
///     network below `output` (frozen) ── dense 2 ── softmax
///
/// In a model file the setting `base` is the text of the method of the frozen network.
enum TwoLogit {
  static let name = "two-logit"

  static let method = Method(
    name, "two logits on the frozen layers of a network of numbers",
    settings: [
      Setting("base", .text(default: nil), "the model file of the network, which was trained on numbers"),
      Setting("positive-above", .real(-1e9...1e9, default: nil), "labels above it are class 1, others class 0"),
    ], goals: [.binary], inputs: { (try? base($0))?.inputs ?? [] },
    form: .network(plan: { try plan($0, $1) }, engine: nil), defaults: Method.Defaults(loss: "ce", batch: 512),
    description: """
      The network in the file that base names stays as it is, in inference mode: batch norms use running statistics,
      nothing is dropped. Its last layer is replaced by a dense layer of two logits, which alone is trained, on values
      that are computed once. It reads what its base reads, graphs and sequences; the score is the softmax of class 1.
      Labels that are numbers become classes by positive-above, when the model is used too; --labels binary says that
      they are classes already. --class-weight balanced gives both classes the same weight.
      """)

  /// The method of the frozen network. Throws `ModelError` for a text that names none, or one that can't have a head.
  static func base(_ values: SettingValues) throws(ModelError) -> MethodChoice {
    let text = values.text("base")
    guard SettingText(text).name != name, let choice = try? MethodChoice(text), choice.fitting == .gradients,
      choice.takesSides
    else { throw .noHead(text) }
    return choice
  }

  private static func plan(_ ports: [PortSpec], _ values: SettingValues) throws -> NetworkPlan {
    let base = try base(values)
    guard let plan = try base.plan(ports)?.withTwoLogits() else { throw ModelError.noHead(base.text) }
    return plan
  }
}

extension MethodChoice {
  /// Whether the two sides of a pair are inputs of their own.
  fileprivate var takesSides: Bool { !inputs.isEmpty && inputs.allSatisfy { $0.side == .a || $0.side == .b } }

  /// The number above which a label is of class 1; nil where the method takes labels as they are.
  public var positiveAbove: Double? { method.name == TwoLogit.name ? values.real("positive-above") : nil }

  /// The choice with the network that its setting `base` names by a file, in place of the file's name; other methods
  /// are returned as they are. Throws `ModelError`, and `IOFailure` where the file can't be read.
  public func resolved() throws -> (choice: MethodChoice, base: ModelFile?) {
    guard method.name == TwoLogit.name else { return (self, nil) }
    let path = values.text("base")
    let file = try ModelFile.read(path)
    guard file.card.goal == .number, file.models.count == 1, let network = file.models[0] as? Network else {
      throw ModelError.noHead(path)
    }
    var result = self
    guard result.values.set("base", to: file.card.choice.text) else { throw ModelError.noHead(path) }
    _ = try TwoLogit.base(result.values)
    result.frozen = network.parameters
    return (result, file)
  }

  /// The network cut where training begins; nil where all of it is trained, or before `resolved`. Throws `ModelError`.
  public func cut(_ ports: [PortSpec], seed: UInt64) throws -> CutNetwork? {
    guard let frozen, var network = try plan(ports)?.network(seed: seed) else { return nil }
    for entry in frozen.entries where !entry.name.hasPrefix("output.") {
      network.parameters.set(entry.name, to: frozen.values(entry.name) ?? [])
    }
    return CutNetwork(network)
  }

  /// The parameters that training changes. Throws `ModelError`.
  public func trained(_ ports: [PortSpec]) throws -> Parameters {
    try cut(ports, seed: 0)?.head.parameters ?? model(ports, seed: 0).parameters
  }
}
