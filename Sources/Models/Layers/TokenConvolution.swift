import Arrays
import Tensors

/// One-dimensional convolution along the embedding of tokens, with the positions as channels (GraphDTA, Nguyen 2021):
///
///     y[f, t] = b[f] + Σ_p Σ_k W[f, p, k] E[token[p], t + k]
///
/// Embedding and convolution are one layer, so that weights of equal tokens are added first: with
/// S[f, a, k] = Σ_{p: token[p] = a} W[f, p, k], y[f, t] = b[f] + Σ_a Σ_k S[f, a, k] E[a, t + k]. It is the same sum in
/// another order, with as many products as there are symbols, not positions.
public struct TokenConvolution: SymbolReader {
  /// The number of embedding values per symbol.
  public let embeddingWidth: Int
  private let filters: Int
  private let kernel: Int

  /// `filters` filters of `kernel` places along an embedding of `embedding` numbers.
  public init(embedding: Int, filters: Int, kernel: Int) {
    (embeddingWidth, self.filters, self.kernel) = (embedding, filters, kernel)
  }

  /// Reads tokens.
  public func readsSymbols(_ input: Int) -> Bool { true }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// A position per filter, its embedding − kernel + 1 places as channels: the order of PyTorch's [filters × places].
  /// Nil unless the input holds symbols and the kernel fits the embedding.
  public func shape(of inputs: [Shape]) -> Shape? {
    let places = embeddingWidth - kernel + 1
    return inputs[0].symbols == nil || places < 1
      ? nil : Shape(inputs[0].axis, positions: filters, channels: places)
  }

  /// embedding [symbols × width], normal with deviation 1; weight [filters × positions × kernel] and bias [filters],
  /// uniform in ±1/√(positions · kernel): PyTorch's starts.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    let bound = 1 / Float(inputs[0].positions * kernel).squareRoot()
    return [
      Parameters.Request("embedding", [inputs[0].symbols ?? 0, embeddingWidth], .normal(deviation: 1)),
      Parameters.Request("weight", [filters, inputs[0].positions, kernel], .uniform(bound: bound)),
      Parameters.Request("bias", [filters], .uniform(bound: bound)),
    ]
  }

  /// Adds weights by token, position by position, then multiplies.
  public func forward(_ values: LayerValues) {
    guard let tokens = values.symbols[0] else { preconditionFailure("a convolution of tokens") }
    TokenConvolutionKernel.forward(
      size(values), tokens: tokens, embedding: values.parameters[0], weight: values.parameters[1],
      bias: values.parameters[2], y: values.output, keeps: values.mode != .inference, memory(values), values.work)
  }

  /// dW[f, p, k] += dS[f, token[p], k], dE[a, t + k] += Σ_f S[f, a, k] dY[f, t], db[f] += Σ_t dY[f, t].
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let parameters = gradients.parameters, let tokens = values.symbols[0] else { return }
    let (size, memory) = (size(values), memory(values))
    if values.mode == .inference {
      // The run forward has not kept what the way back needs.
      TokenConvolutionKernel.forward(
        size, tokens: tokens, embedding: values.parameters[0], weight: values.parameters[1],
        bias: values.parameters[2], y: values.output, keeps: true, memory, values.work)
    }
    TokenConvolutionKernel.backward(
      size, tokens: tokens, dY: gradients.output, dEmbedding: parameters[0], dWeight: parameters[1],
      dBias: parameters[2], memory, values.work)
  }

  /// G[p, t + k] = Σ_f W[f, p, k] dY[f, t].
  public func embeddingGradient(
    _ values: LayerValues, _ output: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>
  ) {
    let size = size(values)
    for row in 0..<size.rows {
      TokenConvolutionKernel.embeddingGradient(
        size, weight: values.parameters[1], dY: output + row * filters * size.places,
        to: result + row * size.length * size.width, values.work)
    }
  }

  private func memory(_ values: LayerValues) -> TokenConvolutionKernel.Memory {
    values.engine { TokenConvolutionKernel.Memory() }
  }

  private func size(_ values: LayerValues) -> TokenConvolutionKernel.Size {
    let shape = values.shapes.inputs[0]
    return TokenConvolutionKernel.Size(
      rows: values.rows.output, length: shape.positions, symbols: shape.symbols ?? 0, width: embeddingWidth,
      filters: filters, kernel: kernel)
  }
}
