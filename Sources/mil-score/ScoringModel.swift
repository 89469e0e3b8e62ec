import Arrays
import Bags
import Bytes
import CommandSupport
import Features
import Models
import Records

/// A model file made ready for a stream: its features are the stream's, its normaliser and sides are known.
struct ScoringModel: Sendable {
  let predictor: any Predictor
  let genes: TrainingGenes
  let width: Int
  let names: [String]
  /// The exchange of sides of a symmetric model; nil where order matters or nothing has a side.
  let swap: ColumnSwap?
  let normalizer: Normalizer?

  /// - Parameter schema: of the stream; nil where it has none and its order is trusted.
  /// - Throws: `ModelError` for a stream with other features, naming the first difference.
  init(_ file: ModelFile, path: String, schema: Schema?) throws {
    predictor = try file.model()
    genes = file.genes
    names = file.card.features
    width = names.count
    normalizer = try file.card.normalizer.map { try Normalizer.load(from: $0, name: path) }
    swap = file.card.order == .symmetric ? ColumnSwap(names: names).flatMap { $0.isIdentity ? nil : $0 } : nil
    guard let schema, schema.names != names else { return }
    if normalizer != nil, let done = schema.names.first(where: Normalizer.isNormalized) {
      throw ScalingError.alreadyNormalized(done)
    }
    throw SchemaMismatch(difference: try schema.firstDifference(from: Schema(names: names)) ?? "", path: path)
  }

  /// The normaliser as a change of one row.
  var normalize: RowTransform? {
    normalizer.map { normalizer in { normalizer.apply($0) } }
  }
}

/// The stream's features are not the model's.
struct SchemaMismatch: Diagnosable {
  let difference: String
  let path: String

  var diagnostic: Diagnostic {
    Diagnostic(
      .data, "the features are not those of the model: \(difference)", at: Place(source: path),
      hint: "make them with the same tools and options as in training (mil-score --describe shows them)")
  }
}
