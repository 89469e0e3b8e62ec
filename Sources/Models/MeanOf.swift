import Arrays

/// Several models, or one in both orders of a pair's sides, as one model: the mean of their unit scores, joined by the
/// pooling of the first.
///
/// A symmetric model is `MeanOf([model], exchange: ["x": swap])`: it scores a batch as given and with the columns of
/// its ports exchanged. Exchanging scaled columns is exact where both sides are scaled alike, which training sees to.
public struct MeanOf: Model {
  /// The models; all have the same ports and axes.
  public let models: [any Model]
  /// The exchange of sides by port; empty where each model scores one order only.
  public let exchange: [String: ColumnSwap]

  /// The mean of at least one model.
  public init(_ models: [any Model], exchange: [String: ColumnSwap] = [:]) {
    precondition(!models.isEmpty, "at least one model")
    (self.models, self.exchange) = (models, exchange)
  }

  /// Those of the first model.
  public var ports: [PortSpec] { models[0].ports }
  /// That of the first model.
  public var unit: Axis { models[0].unit }
  /// That of the first model.
  public var target: Axis { models[0].target }

  /// The unit scores of all models and orders, averaged, then joined.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores {
    var all: [Scores] = []
    for model in models {
      all.append(model.score(batch, tape))
      if !exchange.isEmpty { all.append(model.score(batch.exchanged(exchange), tape)) }
    }
    return all.count == 1 ? all[0] : join(.mean(of: all, on: unit), batch, tape)
  }

  /// The pooling of the first model.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    models[0].join(units, grouping, tape)
  }

  /// The tensors of all models, those of model i behind `i.` where there are several.
  public func tensors(prefix: String) -> [TensorFile.Tensor] {
    models.count == 1
      ? models[0].tensors(prefix: prefix)
      : models.enumerated().flatMap { $1.tensors(prefix: "\(prefix)\($0).") }
  }
}

extension MeanOf: Explainable {
  /// The mean of the gradients of all models and orders; those of exchanged sides are mapped back to the order given.
  /// `start` sees the scores of each model and order by itself. All models must be `Explainable`.
  public func gradients(
    _ batch: Batch, _ rule: Rule, _ tape: Tape, from start: (Scores) -> Start
  ) -> (scores: Scores, ports: [String: Matrix]) {
    mean(of: batch, tape) { model, batch in
      guard let model = model as? any Explainable else { preconditionFailure("a model with derivatives") }
      return model.gradients(batch, rule, tape, from: start)
    }
  }

  /// The means of the scores and of the values by port that `run` gives for all models and orders; those of exchanged
  /// sides are mapped back to the order given.
  func mean(
    of batch: Batch, _ tape: Tape, _ run: (any Model, Batch) -> (scores: Scores, ports: [String: Matrix])
  ) -> (scores: Scores, ports: [String: Matrix]) {
    var all: [(scores: Scores, ports: [String: Matrix])] = []
    for model in models {
      all.append(run(model, batch))
      guard !exchange.isEmpty else { continue }
      var other = run(model, batch.exchanged(exchange))
      for (port, swap) in exchange { other.ports[port] = other.ports[port].map { swap.apply(to: $0) } }
      all.append(other)
    }
    if all.count == 1 { return all[0] }
    let scores = join(.mean(of: all.map(\.scores), on: unit), batch, tape)
    let ports = all[0].ports.keys.map { port in (port, Matrix.mean(of: all.compactMap { $0.ports[port] })) }
    return (scores, Dictionary(uniqueKeysWithValues: ports))
  }

  /// That of the first model that has one.
  public func obstacle(to rule: Rule) -> String? {
    models.lazy.compactMap { ($0 as? any Explainable)?.obstacle(to: rule) }.first
  }

  /// Prepares every model.
  public func prepare(forAttribution: Bool, threads: Int) throws {
    for case let model as any Explainable in models {
      try model.prepare(forAttribution: forAttribution, threads: threads)
    }
  }

  /// Whether every model has derivatives in its inputs.
  public var isExplainable: Bool { models.allSatisfy { $0 is any Explainable } }
}

extension Scores {
  /// The scores and notes of one axis of several runs, one run after another.
  public static func joined(_ runs: [Scores], on unit: Axis) -> Scores {
    var notes: [String: [Float]] = [:]
    for name in runs.first?.notes.keys.map({ $0 }) ?? [] { notes[name] = runs.flatMap { $0.notes[name] ?? [] } }
    return Scores(unit: unit, runs.flatMap { $0[unit] }, notes: notes)
  }

  /// The means of the scores and notes of one axis over several runs, value by value.
  public static func mean(of runs: [Scores], on unit: Axis) -> Scores {
    var notes = runs[0].notes
    for (name, values) in notes where runs.allSatisfy({ $0.notes[name]?.count == values.count }) {
      let rows = runs.compactMap { $0.notes[name] }
      notes[name] = Matrix.mean(of: rows.map { Matrix(rows: $0.count, columns: 1, values: $0) }).values
    }
    var values = [unit: Matrix.mean(of: runs.compactMap { $0.values[unit] })]
    let logits = runs.compactMap { $0.values[Scores.logits] }
    if logits.count == runs.count { values[Scores.logits] = Matrix.mean(of: logits) }
    return Scores(values, notes: notes)
  }
}
