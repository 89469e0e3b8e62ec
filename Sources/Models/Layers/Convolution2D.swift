import Arrays
import Tensors

/// Two-dimensional convolution over the cells of a grid, same size out as in (zeros outside), channels last:
/// y[i, j] = b + Σ_{u, v} W[u, v] x[i + u − k / 2, j + v − k / 2], k odd.
///
/// Every example of the batch is an image of its own size.
public struct Convolution2D: Layer {
  private let outputs: Int
  private let kernel: Int
  private let name: String

  /// A convolution to `outputs` channels, `kernel` × `kernel` cells, over the grid `relation`.
  public init(to outputs: Int, kernel: Int, _ relation: String) {
    precondition(kernel % 2 == 1, "a kernel with a middle")
    (self.outputs, self.kernel, name) = (outputs, kernel, relation)
  }

  /// The grid; so cells see each other, and the layer cannot run a few rows at a time.
  public var relation: String? { name }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// One position of `outputs` channels per cell; nil unless the input has one position.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs[0].positions == 1 ? Shape(inputs[0].axis, positions: 1, channels: outputs) : nil
  }

  /// A grid that has another number of cells than the input has rows.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? {
    guard case .grid(let rows, let columns)? = batch.relations[name] else { return "is not a grid of the batch" }
    return batch.relations[name]?.fault(
      rows: Int(rows.last ?? 0), others: Int(columns.last ?? 0), cells: batch.count[inputs[0].axis] ?? 0)
  }

  /// weight [outputs × channels × kernel × kernel] and bias [outputs], uniform in ±1/√(channels · kernel²) as in
  /// PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let bound = 1 / Float(inputs[0].channels * kernel * kernel).squareRoot()
    return [
      Parameters.Request("weight", [outputs, inputs[0].channels, kernel, kernel], .uniform(bound: bound)),
      Parameters.Request("bias", [outputs], .uniform(bound: bound)),
    ]
  }

  /// A cross-correlation: the kernel is not turned round.
  public func forward(_ values: LayerValues) {
    values.requireFit(of: self)
    GridConvolutionKernel.forward(
      size(values), x: values.inputs[0], weight: values.parameters[0], bias: values.parameters[1], y: values.output,
      values.work)
  }

  /// Adds to dX, and to dW and db where they are asked for; linear, so either rule is the derivative.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    GridConvolutionKernel.backward(
      size(values), x: values.inputs[0], weight: values.parameters[0], dY: gradients.output, dX: gradients.inputs[0],
      dWeight: gradients.parameters?[0], dBias: gradients.parameters?[1], values.work)
  }

  private func size(_ values: LayerValues) -> GridConvolutionSize {
    let (rows, columns) = values.batch.grid(name)
    return GridConvolutionSize(
      rows: rows, columns: columns, inputs: values.shapes.inputs[0].channels, outputs: outputs, kernel: kernel)
  }
}
