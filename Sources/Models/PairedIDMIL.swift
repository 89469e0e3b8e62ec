import Arrays
import Tensors

extension FusedIDMIL: PairPredictor {
  /// Returns the engine for pairs; nil if no value of the last module depends on the columns of one partner alone.
  public func paired(_ columns: PairColumns, threads: Int) -> (any PairModel)? {
    PairedIDMIL(self, columns, threads: threads)
  }
}

/// IDMIL-III on pairs, with values of single partners kept.
final class PairedIDMIL: PairModel {
  private let model: FusedIDMIL
  private let engine: FusedPairs
  private let sharedWidth: Int

  init?(_ model: FusedIDMIL, _ columns: PairColumns, threads: Int) {
    let pool = ThreadPool(threads: threads)
    let engine = model.withTensors { tensors in
      FusedPairs(
        shape: model.shape, lastReLU: model.options.lastReLU, kernels: model.kernels, columns: columns,
        hasAttention: tensors.attention != nil, tensors: tensors.paired, pool)
    }
    guard let engine else { return nil }
    (self.model, self.engine, sharedWidth) = (model, engine, columns.shared.count)
  }

  var keptWidth: Int { engine.keptWidth }

  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>) {
    model.withTensors { engine.keep($0.paired, rows, count: count, to: kept) }
  }

  var unit: Axis { model.unit }

  func score(_ pairs: KeptPairs) -> Scores {
    model.withTensors { tensors in
      engine.run(
        tensors.paired, first: pairs.first, second: pairs.second, shared: pairs.shared, sharedWidth: sharedWidth)
      let gates = tensors.attention == nil ? nil : engine.gates
      let logits = (0..<pairs.count).map { pair in
        tensors.logit(engine.outputs + pair * model.shape.outputs, gate: gates?[pair], count: model.shape.outputs)
      }
      let notes = gates.map { [Scores.attention: Array(UnsafeBufferPointer(start: $0, count: pairs.count))] }
      return Scores(unit: unit, logits, notes: notes ?? [:])
    }
  }
}
