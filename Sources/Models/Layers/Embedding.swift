import Arrays
import Tensors

/// A learned vector for each symbol: y[p] = E[token[p]].
///
/// Every symbol has an ordinary row, the one of padding too. Reads tokens: rows × positions.
public struct Embedding: SymbolReader {
  /// The number of embedding values per symbol.
  public let embeddingWidth: Int

  /// An embedding of `width` numbers per symbol.
  public init(width: Int) { embeddingWidth = width }

  /// Reads tokens.
  public func readsSymbols(_ input: Int) -> Bool { true }

  /// Relevance stays with the embedded symbol.
  public var relevance: RelevanceRule? { .moved }

  /// positions × `width` channels; nil unless the input holds symbols.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs[0].symbols == nil
      ? nil : Shape(inputs[0].axis, positions: inputs[0].positions, channels: embeddingWidth)
  }

  /// weight [symbols × width], normal with deviation 1 as in PyTorch.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] {
    [Parameters.Request("weight", [inputs[0].symbols ?? 0, embeddingWidth], .normal(deviation: 1))]
  }

  /// Copies rows of the table.
  public func forward(_ values: LayerValues) {
    guard let tokens = values.symbols[0] else { preconditionFailure("an embedding of symbols") }
    RowSumKernel.gather(
      count: tokenCount(values), width: embeddingWidth, rows: tokens, x: values.parameters[0], y: values.output,
      values.work)
  }

  /// dE[a] += Σ_{p: token[p] = a} dY[p], in the order of the batch.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dE = gradients.parameters?[0], let tokens = values.symbols[0] else { return }
    let (count, symbols) = (tokenCount(values), values.shapes.inputs[0].symbols ?? 0)
    values.lists.reserve(RowLists.size(count: count, rows: symbols))
    let lists = RowLists(keys: tokens, count: count, rows: symbols, in: values.lists)
    RowSumKernel.add(lists, rows: symbols, width: embeddingWidth, x: gradients.output, y: dE, values.work)
  }

  /// The derivatives in the embedded symbols are those in the output.
  public func embeddingGradient(
    _ values: LayerValues, _ output: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>
  ) {
    result.update(from: output, count: values.count)
  }

  private func tokenCount(_ values: LayerValues) -> Int { values.rows.output * values.shapes.output.positions }
}
