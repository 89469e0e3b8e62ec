import Arrays
import Tensors

/// A long short-term memory over the positions of a row, as PyTorch has it (Hochreiter and Schmidhuber 1997; Gers
/// 2000):
///
///     i, f, g, o = σ, σ, tanh, σ of W_ih x_t + b_ih + W_hh h_{t−1} + b_hh
///     c_t = f ⊙ c_{t−1} + i ⊙ g,   h_t = o ⊙ tanh c_t,   h_0 = c_0 = 0
///
/// The output is the last h. With a second input, the tokens behind the first, the last h is the one after the last
/// token that is not 0 (padding); without, the one after the last position.
public struct LSTM: Layer {
  private let hidden: Int

  /// A memory of `hidden` channels.
  public init(to hidden: Int) { self.hidden = hidden }

  /// The second input holds tokens.
  public func readsSymbols(_ input: Int) -> Bool { input == 1 }

  /// One position of `hidden` channels; nil where a second input holds no tokens of the same positions.
  public func shape(of inputs: [Shape]) -> Shape? {
    if inputs.count == 2, inputs[1].symbols == nil || inputs[1].positions != inputs[0].positions { return nil }
    return Shape(inputs[0].axis, positions: 1, channels: hidden)
  }

  /// weight_ih_l0 [4 · hidden × channels], weight_hh_l0 [4 · hidden × hidden] and two biases [4 · hidden], gates in the
  /// order i, f, g, o, all uniform in ±1/√hidden: names and starts of PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let start = Parameters.Start.uniform(bound: 1 / Float(hidden).squareRoot())
    return [
      Parameters.Request("weight_ih_l0", [4 * hidden, inputs[0].channels], start),
      Parameters.Request("weight_hh_l0", [4 * hidden, hidden], start),
      Parameters.Request("bias_ih_l0", [4 * hidden], start), Parameters.Request("bias_hh_l0", [4 * hidden], start),
    ]
  }

  /// Keeps c and h of every position on the tape, not the gates.
  public func forward(_ values: LayerValues) {
    let size = size(values)
    LSTMKernel.forward(
      size, x: values.inputs[0], lengths: lengths(values, size), parameters: values.parameters, y: values.output,
      states: values.notes.reserve(size.states), values.work)
  }

  /// Backpropagation through time; the gates are computed again.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    let size = size(values)
    LSTMKernel.backward(
      size, x: values.inputs[0], lengths: lengths(values, size), parameters: values.parameters,
      states: values.notes.start, dY: gradients.output, dX: gradients.inputs[0], dParameters: gradients.parameters,
      values.work)
  }

  private func size(_ values: LayerValues) -> LSTMKernel.Size {
    let shape = values.shapes.inputs[0]
    return LSTMKernel.Size(rows: values.rows.output, length: shape.positions, inputs: shape.channels, hidden: hidden)
  }

  private func lengths(_ values: LayerValues, _ size: LSTMKernel.Size) -> [Int] {
    guard values.symbols.count == 2, let tokens = values.symbols[1] else {
      return [Int](repeating: size.length, count: size.rows)
    }
    return (0..<size.rows).map { row in
      (0..<size.length).last { tokens[row * size.length + $0] != 0 }.map { $0 + 1 } ?? 0
    }
  }
}
