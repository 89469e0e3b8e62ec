import Bytes
import CommandSupport
import Models

/// The card of a model, for people: one fact per line, then the features. Control bytes are escaped, line breaks too:
/// a card may come from a stranger.
struct Description {
  let file: ModelFile

  func write(_ output: OutputOptions) throws {
    let (out, _) = try output.open(default: .tsv)
    func line(_ name: String, _ value: String) throws {
      try out.sink.write("\(Diagnostic.escaped(name))\t\(Diagnostic.escaped(value))\n")
    }
    for (name, value) in facts { try line(name, value) }
    for (number, name) in file.card.features.enumerated() { try line("feature \(number + 1)", name) }
    try out.commit()
  }

  private var facts: [(String, String)] {
    let card = file.card
    var facts = [
      ("architecture", card.choice.method.name), ("labels", card.goal.rawValue), ("models", String(card.members)),
      ("made by", card.toolVersion), ("order of partners", card.order.rawValue),
      ("threshold", NumberText.text(card.threshold)), ("seed", String(card.seed)),
      ("against collapse", card.remedy), ("weights", String(file.weightCount)),
      ("training data", card.trainingData),
      ("training genes", String(file.genes.count)),
      ("training bags", "\(file.genes.bags), \(file.genes.positives) positive"),
      ("trained pairs", file.pairs.summary),
      ("encoders", card.encoders.isEmpty ? "none" : card.encoders.joined(separator: " ")),
      ("best single feature", bestFeature),
      ("calibration", card.calibration?.method.rawValue ?? "none"),
      ("normaliser", card.normalizer == nil ? "none" : "embedded"),
      ("features", String(card.features.count)), ("schema", card.ports.first { $0.name == "x" }?.digest ?? ""),
    ]
    facts += card.ports.filter { $0.name != "x" }.map { port in
      switch port.spec.kind {
      case .dense(let width): ("input \(port.name)", "\(width) columns: " + port.features.joined(separator: " "))
      case .tokens(let symbols, let length): ("input \(port.name)", "\(length) symbols of \(symbols)")
      }
    }
    facts.insert(contentsOf: card.choice.values.members.map { ($0.name, $0.value) }, at: 1)
    return facts + card.notes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private var bestFeature: String {
    guard let single = file.card.singleFeature else { return "none" }
    let names = single.columns.map { file.card.features[$0] }
    return (single.sign < 0 ? "less " : "") + names.joined(separator: " and ")
  }
}
