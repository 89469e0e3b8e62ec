import Arrays

/// Models of several kinds, each kind on columns of its own, as one model: a constant plus the weighted sum over the
/// kinds of the mean unit score of their members, joined by the pooling of the first.
public struct Ensemble: Model {
  /// The members of one kind.
  public struct Kind: Sendable {
    /// The members as one model, whose port `x` has the columns below: one model, or a `MeanOf`.
    public let members: any Model
    /// The columns of the ensemble's rows that the members read, in their order.
    public let columns: [Int]
    /// The factor of the kind's mean score.
    public let weight: Float

    /// A kind of member.
    public init(_ members: any Model, columns: [Int], weight: Double) {
      (self.members, self.columns, self.weight) = (members, columns, Float(weight))
    }
  }

  /// The kinds of member.
  public let kinds: [Kind]
  /// The constant.
  public let offset: Float
  private let width: Int

  /// An ensemble of at least one kind for rows of `width` columns.
  public init(_ kinds: [Kind], offset: Double, width: Int) {
    precondition(!kinds.isEmpty, "at least one kind")
    (self.kinds, self.offset, self.width) = (kinds, Float(offset), width)
  }

  /// The rows of all columns.
  public var ports: [PortSpec] { MethodChoice.ports(features: width) }
  /// That of the first kind.
  public var unit: Axis { kinds[0].members.unit }
  /// That of the first kind.
  public var target: Axis { kinds[0].members.target }

  /// The batch of the columns that a kind reads.
  private func batch(_ batch: Batch, for kind: Kind) -> Batch {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    var part = batch
    part.ports["x"] = .dense(x.columns(kind.columns))
    return part
  }

  /// The unit scores of all kinds, weighted and added, then joined.
  public func score(_ batch: Batch, _ tape: Tape) -> Scores {
    let runs = kinds.map { $0.members.score(self.batch(batch, for: $0), tape)[unit] }
    return join(Scores(unit: unit, sum(of: runs)), batch, tape)
  }

  /// The unit scores of the ensemble from those of each kind.
  public func sum(of runs: [[Float]]) -> [Float] {
    precondition(runs.count == kinds.count, "the scores of every kind")
    var sums = [Float](repeating: offset, count: runs[0].count)
    for (kind, scores) in zip(kinds, runs) {
      for unit in sums.indices { sums[unit] += kind.weight * scores[unit] }
    }
    return sums
  }

  /// The pooling of the first kind.
  public func join(_ units: Scores, _ grouping: Batch, _ tape: Tape) -> Scores {
    kinds[0].members.join(units, grouping, tape)
  }

  /// The tensors of all members, those of member i of all behind `i.`.
  public func tensors(prefix: String) -> [TensorFile.Tensor] {
    MeanOf(kinds.flatMap { ($0.members as? MeanOf)?.models ?? [$0.members] }).tensors(prefix: prefix)
  }
}

extension Ensemble: Explainable {
  /// The weighted sum of the gradients of all kinds, in the columns of the ensemble. `start` sees the scores of each
  /// kind by itself.
  public func gradients(
    _ batch: Batch, _ rule: Rule, _ tape: Tape, from start: (Scores) -> Start
  ) -> (scores: Scores, ports: [String: Matrix]) {
    var sum = Matrix(rows: batch.count[unit] ?? 0, columns: width)
    var runs: [[Float]] = []
    for kind in kinds {
      guard let model = kind.members as? any Explainable else { preconditionFailure("a model with derivatives") }
      let (scores, ports) = model.gradients(self.batch(batch, for: kind), rule, tape, from: start)
      runs.append(scores[unit])
      guard let part = ports["x"] else { continue }
      for row in 0..<sum.rows {
        for (place, column) in kind.columns.enumerated() { sum[row, column] += kind.weight * part[row, place] }
      }
    }
    return (join(Scores(unit: unit, self.sum(of: runs)), batch, tape), ["x": sum])
  }

  /// Whether every member has derivatives in its inputs.
  public var isExplainable: Bool {
    kinds.allSatisfy { ($0.members as? MeanOf)?.isExplainable ?? ($0.members is any Explainable) }
  }

  /// That of the first kind that has one.
  public func obstacle(to rule: Rule) -> String? {
    kinds.lazy.compactMap { ($0.members as? any Explainable)?.obstacle(to: rule) }.first
  }

  /// Prepares every kind.
  public func prepare(forAttribution: Bool, threads: Int) throws {
    for case let model as any Explainable in kinds.map(\.members) {
      try model.prepare(forAttribution: forAttribution, threads: threads)
    }
  }
}
