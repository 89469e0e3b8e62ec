import Tensors

/// Sets a share of the values to 0 in training and scales the others up; does nothing in inference.
public struct Dropout: Layer {
  let probability: Double
  /// The number that distinguishes the masks of a network's dropout layers.
  let number: Int

  /// Dropout with probability 0 ≤ p < 1; `number` distinguishes the masks of a network's dropout layers.
  public init(_ probability: Double, number: Int) { (self.probability, self.number) = (probability, number) }

  /// Relevance passes.
  public var relevance: RelevanceRule? { .passed }

  /// The derivative of every value is known at once.
  public var writes: Bool { true }

  /// The input's shape.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0] }

  /// Values that stay are multiplied by 1 / (1 − p), so that the expected value stays (inverted dropout).
  public func forward(_ values: LayerValues) { run(values, from: values.inputs[0], adding: false, to: values.output) }

  /// Applies the mask of the forward run, drawn again from the same seed, epoch, batch and number.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    run(values, from: gradients.output, adding: gradients.adds, to: dX)
  }

  private func run(
    _ values: LayerValues, from: UnsafePointer<Float>, adding: Bool, to: UnsafeMutablePointer<Float>
  ) {
    ElementKernels.dropout(
      values.count, x: from, mask: mask(values.mode), adding: adding, y: to, values.tape.work)
  }

  private func mask(_ mode: Mode) -> DropoutMask {
    switch mode {
    case .inference: DropoutMask(probability: 0, seed: 0, epoch: 0, batch: 0, layer: number)
    case .training(let seed, let epoch, let batch):
      DropoutMask(probability: probability, seed: seed, epoch: epoch, batch: batch, layer: number)
    }
  }
}
