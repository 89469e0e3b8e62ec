import Arrays
import Bytes
import Models
import Tensors
import Training

/// Epochs of training or scoring, as the peer's script runs them: Adam, class-balanced focal loss, batches of 128 bags.
struct Epochs {
  let data: SyntheticBags
  let batch: Int
  var model: any Differentiable
  private let tape: Tape
  private var optimiser: Optimiser
  private var stream = RandomStream(seed: 1)
  private var epoch = 0

  init(_ data: SyntheticBags, _ model: any Differentiable, threads: Int, batch: Int) {
    (self.data, self.model, self.batch) = (data, model, batch)
    tape = Tape(threads: threads)
    optimiser = Optimiser(OptimiserPlan(), for: model.parameters)
  }

  /// One pass over `bags` bags in random order; returns the sum of the losses.
  mutating func train(bags: Int) -> Double {
    var order = Array(0..<data.count)
    stream.shuffle(&order)
    var total = 0.0
    for start in stride(from: 0, to: bags, by: batch) {
      let units = data.batch(Array(order[start..<min(start + batch, bags)]))
      let mode = Mode.training(seed: 1, epoch: epoch, batch: start / batch)
      let output = model.forward(units, mode, tape)
      guard let logits = output.values[.bag] else { preconditionFailure("a model that scores bags") }
      var slope = Matrix(uninitializedRows: logits.rows, columns: 1)
      total += ClassLoss.classBalancedFocal(gamma: 1).loss(logits, units.targets, slope: &slope)
      var gradient = model.parameters.zeros()
      model.backward(units, Start(.bag, slope), tape, into: &gradient)
      optimiser.update(&model.parameters, gradient: gradient)
      model.parameters.commit(tape.statistics)
    }
    epoch += 1
    return total
  }

  /// One pass over `bags` bags in their order; returns the sum of the logits.
  func score(bags: Int) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: bags, by: batch) {
      let output = model.score(data.batch(Array(start..<min(start + batch, bags))), tape)
      total += output[.bag].reduce(0) { $0 + Double($1) }
    }
    return total
  }
}
