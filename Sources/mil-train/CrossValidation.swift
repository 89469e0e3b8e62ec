import Arrays
import Bytes
import CommandSupport
import Models
import Records
import Training

/// `--cross-validate`: a model for each fold, trained without its bags, scores them.
struct CrossValidation {
  private let training: TrainRun
  private let rule: FoldRule

  init(_ run: TrainRun, _ rule: FoldRule) { (training, self.rule) = (run, rule) }

  /// Trains and scores fold after fold; the lines of all bags are written at the end, or none.
  func write() throws {
    let output = try OutputFile.open(path: "-")
    let writer = TableWriter(
      output.sink, format: .ndjson, kind: .score, columns: Self.columns, header: true,
      labels: training.data.goal == .number ? .number : .binary, madeBy: MilTrain.versionLine)
    if let leak = training.data.leak(0..<training.data.bags.count, "cross-validated") { training.context.warn(leak) }
    Signals.hold()
    var scored = [HeldOut?](repeating: nil, count: training.data.bags.count)
    for (name, held) in try folds() { try score(name, held, &scored) }
    for (bag, held) in scored.enumerated() {
      if let held { try writer.write(line(bag, held)) }
    }
    try writer.finish()
    try output.commit()
  }

  /// The scores of a bag by the models of the folds that hold it out: one fold, or two whose genes it has.
  private struct HeldOut {
    var folds: [String] = []
    /// The scores of the models, on their scale.
    var outputs: [Float] = []
    var baselines: [Double] = []
    /// The part of the pair that training had, in the fold that had most.
    var part: PairPart?
    let scale: ScoreScale
  }

  private static let columns = [
    Column("bag"), Column("gene_a"), Column("gene_b"), Column("label", .double), Column("score", .double),
    Column("logit", .double), Column("part"), Column("baseline", .double), Column("fold"),
  ]

  /// The folds by name, each with the bags that it holds out.
  private func folds() throws -> [(name: String, held: [Int])] {
    let data = training.data
    let all = Array(0..<data.bags.count)
    switch rule {
    case .dealt(let unit, let count):
      let folds = data.folds(count, by: unit, seed: training.seed)
      let held = all.map { bag in
        // A bag without genes is dealt by its id.
        let (a, b) = (data.gene(data.bags.geneA[bag]), data.gene(data.bags.geneB[bag]))
        return folds.holding(a ?? data.id(of: bag), b ?? data.id(of: bag))
      }
      return (0..<count).map { number in (String(number), all.filter { held[$0].contains(number) }) }
    case .column(let name):
      let values = try data.column(name)
      let names = Set(values.compactMap { $0 }).sorted {
        $0.utf8.count == $1.utf8.count ? $0 < $1 : $0.utf8.count < $1.utf8.count
      }
      guard names.count > 1 else { throw TrainFailure.noValidation("column \(name) holds one value: no folds") }
      return names.map { fold in (fold, all.filter { values[$0] == fold }) }
    }
  }

  /// Trains without the bags of one fold, on the scale of the training bags, and scores them.
  private func score(_ name: String, _ held: [Int], _ scored: inout [HeldOut?]) throws {
    let data = training.data
    if held.isEmpty { throw TrainFailure.noValidation("fold \(name) holds no bag") }
    let isHeld = Set(held)
    let rest = (0..<data.bags.count).filter { !isHeld.contains($0) }
    let split = try data.split(rest, training.plan.validation, seed: training.seed)
    if split.validation.isEmpty, !training.plan.validation.isEmpty {
      training.context.warn(TrainFailure.nothingChooses)
    }
    let scaled = try data.scaled(split, training.context)
    let result = try training.best(scaled)
    if let outcome = result.fitted.outcome { training.warn(outcome, result.recipe) }
    let outputs = training.outputs(result, of: held, scaled)
    let scale = result.ensemble == nil ? result.recipe.choice.method.scale(data.goal) : .logit
    let (genes, pairs) = (data.genes(of: rest), data.pairs(of: split.train))
    for (bag, output) in zip(held, outputs) {
      var row = scored[bag] ?? HeldOut(scale: scale)
      row.folds.append(name)
      row.outputs.append(output)
      let (a, b) = (data.gene(data.bags.geneA[bag]), data.gene(data.bags.geneB[bag]))
      if let a, let b, !genes.isEmpty {
        let seen = genes.part(of: a, b, isTwoSided: data.order == .roles)
        let part = seen == .seen && pairs.contains(data.bags.keys[bag]) ? PairPart.trained : seen
        if row.part.map({ Self.order(part) < Self.order($0) }) ?? true { row.part = part }
        row.baselines.append(genes.baseline(of: a, b))
      }
      scored[bag] = row
    }
  }

  /// The place of a part from all seen to none.
  private static func order(_ part: PairPart) -> Int {
    switch part {
    case .trained: 0
    case .seen: 1
    case .oneUnseen, .aUnseen, .bUnseen: 2
    case .bothUnseen: 3
    }
  }

  /// The line of a bag: the mean of what the models say.
  private func line(_ bag: Int, _ held: HeldOut) -> [Field] {
    let data = training.data
    let output = held.outputs.reduce(0, +) / Float(held.outputs.count)
    let label = data.bags.labels[bag]
    let baseline = held.baselines.reduce(0, +) / Double(max(1, held.baselines.count))
    func text(_ value: String?) -> Field { value.map { .text($0) } ?? .missing }
    return [
      .text(data.id(of: bag)), text(data.gene(data.bags.geneA[bag])), text(data.gene(data.bags.geneB[bag])),
      label.isNaN ? .missing : .float(label),
      held.scale == .logit ? .double(held.scale.score(output)) : .float(output),
      held.scale.logit(output).map { .double($0) } ?? .missing, text(held.part?.rawValue),
      held.baselines.isEmpty ? .missing : .double(baseline), .text(held.folds.joined(separator: "-")),
    ]
  }
}

extension TrainRun {
  /// The best recipe for a split.
  func best(_ scaled: ScaledData) throws -> Result { try chosen(scaled, nil, from: nil) }

  /// The outputs of a model for some bags.
  func outputs(_ result: Result, of examples: [Int], _ scaled: ScaledData) -> [Float] {
    trainer(result.recipe, seed: seed).outputs(of: examples, result.fitted.model, scaled.bagStore)
  }
}

extension TrainData {
  /// The id of a gene by its number; nil for −1.
  func gene(_ number: Int32) -> String? { number < 0 ? nil : bags.genes[Int(number)] }
}
