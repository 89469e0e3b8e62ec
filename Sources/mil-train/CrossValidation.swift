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

  /// Trains and scores fold after fold; the lines of all are written at the end, or none.
  func write() throws {
    let output = try OutputFile.open(path: "-")
    let writer = TableWriter(
      output.sink, format: .ndjson, kind: .score, columns: Self.columns, header: true,
      labels: training.data.goal == .number ? .number : .binary, madeBy: MilTrain.versionLine)
    Signals.hold()
    for (name, held) in try folds() { for line in try lines(name, held) { try writer.write(line) } }
    try writer.finish()
    try output.commit()
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
    case .dealt(.bag, let count):
      let fold = all.map { bag in
        var stream = RandomStream(seed: training.seed, 0x666f_6c64, data.bags.keys[bag])
        return Int(stream.uniform() * Double(count))
      }
      return (0..<count).map { number in (String(number), all.filter { fold[$0] == number }) }
    case .dealt(let unit, let count):
      let fold = data.geneFolds(count, seed: training.seed)
      return (0..<count).map { number in
        (
          String(number),
          all.filter { bag in
            unit != .b && fold[Int(data.bags.geneA[bag])] == number
              || unit != .a && fold[Int(data.bags.geneB[bag])] == number
          }
        )
      }
    case .column(let name):
      let values = try data.column(name)
      let names = Set(values.compactMap { $0 }).sorted {
        $0.utf8.count == $1.utf8.count ? $0 < $1 : $0.utf8.count < $1.utf8.count
      }
      guard names.count > 1 else { throw TrainFailure.noValidation("column \(name) holds one value: no folds") }
      return names.map { fold in (fold, all.filter { values[$0] == fold }) }
    }
  }

  /// The lines of one fold: trains without its bags, on the scale of the training bags, and scores them.
  private func lines(_ name: String, _ held: [Int]) throws -> [[Field]] {
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
    let scale = result.recipe.choice.method.scale(data.goal)
    let (genes, pairs) = (data.genes(of: rest), data.pairs(of: split.train))
    return zip(held, outputs).map { bag, output in
      let (a, b) = (data.gene(data.bags.geneA[bag]), data.gene(data.bags.geneB[bag]))
      let label = data.bags.labels[bag]
      var (part, baseline): (Field, Field) = (.missing, .missing)
      if let a, let b, !genes.isEmpty {
        let seen = genes.part(of: a, b, isTwoSided: data.options.method.order == .roles)
        part = .text((seen == .seen && pairs.contains(data.bags.keys[bag]) ? PairPart.trained : seen).rawValue)
        baseline = .double(genes.baseline(of: a, b))
      }
      return [
        .text(data.id(of: bag)), a.map { .text($0) } ?? .missing, b.map { .text($0) } ?? .missing,
        label.isNaN ? .missing : .float(label),
        scale == .logit ? .double(scale.score(output)) : .float(output),
        scale.logit(output).map { .double($0) } ?? .missing, part, baseline, .text(name),
      ]
    }
  }
}

extension TrainRun {
  /// The best recipe for a split.
  func best(_ scaled: ScaledData) throws -> Result { try chosen(scaled, nil, from: nil) }

  /// The outputs of a model for some bags.
  func outputs(_ result: Result, of examples: [Int], _ scaled: ScaledData) -> [Float] {
    let training = plan.training(
      result.recipe, seed: seed, drawsOrder: data.swap != nil, scale: result.recipe.choice.method.scale(data.goal))
    return Trainer(plan: training, objective: result.recipe.objective(data.goal))
      .outputs(of: examples, result.fitted.model, scaled.bagStore)
  }
}

extension TrainData {
  /// The id of a gene by its number; nil for −1.
  func gene(_ number: Int32) -> String? { number < 0 ? nil : bags.genes[Int(number)] }
}
