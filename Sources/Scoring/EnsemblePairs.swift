import Arrays
import Models

/// An ensemble on pairs: each member keeps what it makes of a partner.
final class EnsemblePairs: PairModel {
  /// A member with where its values and columns are among those of the ensemble.
  private struct Member {
    let model: any PairModel
    let start: Int
    let bothOrders: Bool
  }

  private let ensemble: Ensemble
  private let kinds: [(members: [Member], columns: [Int], shared: [Int])]
  private let features: Int
  private let shared: Int
  let keptWidth: Int

  init(_ ensemble: Ensemble, _ columns: PairColumns, threads: Int) {
    self.ensemble = ensemble
    var width = 0
    kinds = ensemble.kinds.map { kind in
      let own = PairColumns(owners: kind.columns.map { columns.owners[$0] })
      let mean = kind.members as? MeanOf
      let members = (mean?.models ?? [kind.members]).map { model in
        let pairs = (model as? any PairPredictor)?.paired(own, threads: threads)
        let model = pairs ?? AssembledPairs(model, own, threads: threads)
        defer { width += model.keptWidth }
        return Member(model: model, start: width, bothOrders: mean?.exchange.isEmpty == false)
      }
      let shared = own.shared.map { column in
        guard let place = columns.shared.firstIndex(of: kind.columns[column]) else {
          preconditionFailure("a column of both partners")
        }
        return place
      }
      return (members, kind.columns, shared)
    }
    keptWidth = width
    (features, shared) = (columns.owners.count, columns.shared.count)
  }

  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>) {
    for kind in kinds {
      let runs = kind.columns.consecutiveRuns
      var own = [Float](repeating: 0, count: count * kind.columns.count)
      own.withUnsafeMutableBufferPointer { own in
        guard let own = own.baseAddress else { return }
        for row in 0..<count {
          var to = own + row * kind.columns.count
          for run in runs {
            to.update(from: rows + row * features + run.lowerBound, count: run.count)
            to += run.count
          }
        }
        for member in kind.members {
          let width = member.model.keptWidth
          withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count * width)) { room in
            guard let room = room.baseAddress else { return }
            member.model.keep(own, count: count, to: room)
            for row in 0..<count {
              (kept + row * keptWidth + member.start).update(from: room + row * width, count: width)
            }
          }
        }
      }
    }
  }

  var unit: Axis { ensemble.unit }

  func score(_ pairs: KeptPairs) -> Scores {
    let runs = kinds.map { kind in
      var own = [Float](repeating: 0, count: max(1, pairs.count * kind.shared.count))
      for (place, from) in kind.shared.enumerated() {
        for pair in 0..<pairs.count { own[pair * kind.shared.count + place] = pairs.shared[pair * shared + from] }
      }
      return own.withUnsafeBufferPointer { own in
        guard let own = own.baseAddress else { preconditionFailure("a list has memory") }
        return score(pairs, kind.members, own)
      }
    }
    return Scores(unit: unit, ensemble.sum(of: runs))
  }

  /// The mean of the members' scores, in the order in which `MeanOf` adds them.
  private func score(_ pairs: KeptPairs, _ members: [Member], _ shared: UnsafePointer<Float>) -> [Float] {
    var runs: [Matrix] = []
    for member in members {
      let (a, b) = (pairs.first.map { $0 + member.start }, pairs.second.map { $0 + member.start })
      for (first, second) in member.bothOrders ? [(a, b), (b, a)] : [(a, b)] {
        let scores = member.model.score(KeptPairs(first: first, second: second, shared: shared))
        runs.append(scores.values[unit] ?? Matrix(rows: 0, columns: 1))
      }
    }
    return Matrix.mean(of: runs).values
  }
}
