import Arrays
import Bags
import Bytes
import CommandSupport
import Features
import Models
import Records

/// A model file made ready for a stream: its features are the stream's, its normaliser and sides are known.
struct ExplainedModel {
  let model: any Differentiable
  let names: [String]
  /// The exchange of sides of a symmetric model; nil where order matters or nothing has a side.
  let swap: ColumnSwap?
  private let normalizer: Normalizer?

  /// `schema` is that of the stream, nil where it has none and its order is trusted.
  /// Throws a data error for a stream with other features, naming the first difference.
  init(_ file: ModelFile, path: String, schema: Schema?) throws {
    model = try file.model()
    names = file.card.features
    normalizer = try file.card.normalizer.map { try Normalizer.load(from: $0, name: path) }
    swap = file.card.order == .symmetric ? ColumnSwap(names: names).flatMap { $0.isIdentity ? nil : $0 } : nil
    guard let schema, schema.names != names else { return }
    if normalizer != nil, let done = schema.names.first(where: Normalizer.isNormalized) {
      throw ScalingError.alreadyNormalized(done)
    }
    let difference = try schema.firstDifference(from: Schema(names: names)) ?? "their number"
    throw ToolFailure(
      Diagnostic(
        .data, "the features are not those of the model: \(difference)", at: Place(source: path),
        hint: "make them with the same tools and options as in training (mil-score --describe shows them)"))
  }

  /// A batch of one bag, with its sides exchanged where `swap` says how.
  func batch(_ record: BagRecord, _ swap: ColumnSwap?) throws -> Batch {
    let transform: RowTransform? = normalizer.map { normalizer in { normalizer.apply($0) } }
    return try Packing.batch(of: [record], width: names.count, names: names, swap: swap, normalize: transform)
  }
}
