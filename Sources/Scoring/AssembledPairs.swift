import Arrays
import Models

/// A pair model for any predictor: keeps the columns of the partners and assembles rows from them.
final class AssembledPairs: PairModel {
  private let model: any Model
  private let tape: Tape
  private let features: Int
  private let shared: Int
  /// Runs of columns with one owner, each with its offset in the kept values or in the shared columns.
  private let runs: [(owner: PairColumns.Owner, columns: Range<Int>, place: Int)]
  let keptWidth: Int

  init(_ model: any Model, _ columns: PairColumns, threads: Int) {
    self.model = model
    tape = Tape(threads: threads)
    features = columns.owners.count
    shared = columns.shared.count
    var (kept, both) = (0, 0)
    runs = columns.runs(in: [0..<features]).map { run in
      defer { if run.owner == .both { both += run.columns.count } else { kept += run.columns.count } }
      return (run.owner, run.columns, run.owner == .both ? both : kept)
    }
    keptWidth = kept
  }

  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>) {
    for row in 0..<count {
      for run in runs where run.owner != .both {
        (kept + row * keptWidth + run.place).update(
          from: rows + row * features + run.columns.lowerBound, count: run.columns.count)
      }
    }
  }

  var unit: Axis { model.unit }

  func score(_ pairs: KeptPairs) -> Scores {
    var x = Matrix(uninitializedRows: pairs.count, columns: features)
    x.withUnsafeMutableBufferPointer { x in
      guard let start = x.baseAddress else { return }
      for pair in 0..<pairs.count {
        for run in runs {
          let from: UnsafePointer<Float> =
            switch run.owner {
            case .first: pairs.first[pair]
            case .second: pairs.second[pair]
            case .both: pairs.shared + pair * shared
            }
          (start + pair * features + run.columns.lowerBound).update(from: from + run.place, count: run.columns.count)
        }
      }
    }
    var batch = Batch(grouping: [0, Int32(pairs.count)])
    batch.ports[model.ports[0].name] = .dense(x)
    return model.score(batch, tape)
  }
}
