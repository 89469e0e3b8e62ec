import Arrays
import Bags
import Bytes
import Features
import Models
import Records

/// A model prepared for a stream of bags, whose features have been checked against the model's.
public struct StreamModel {
  /// The model; its inputs are the normalised features of `batch`. A symmetric model scores both orders of a pair.
  public let model: any Model
  /// The genes of the training bags, for `part` and `baseline`.
  public let genes: TrainingGenes
  /// The pairs that the file says it was trained on, for `part`.
  public let pairs: TrainedPairs
  /// The odds of node pairs by their kinds, for the baseline; nil of other models.
  public let odds: NodeOdds?
  /// Whether the sides of its pairs differ in kind.
  public let isTwoSided: Bool
  /// Whether the order of the partners means nothing.
  public let isSymmetric: Bool
  /// The scale of its scores, calibrated where the card says so.
  public let scale: CalibratedScale
  /// The rule that adds what the training labels of seen partners say to a score; nil where the model has none.
  public let history: EnsembleCard.History?
  /// The one feature that is best by itself, by its columns of `batch`; nil where the file names none.
  public let singleFeature: SingleFeature?
  /// The names of its features, before the normaliser in the file, in the order of the columns of `x`.
  public let names: [String]
  /// The stream, its features in the order of `names`.
  public let source: any BagSource
  /// Turns rows of `source` into those of the model.
  let packer: RowPacker
  /// The inputs of a model over graphs and sequences, whose numbers are the features of `source`; nil for a model of
  /// rows.
  public let entities: EntityInput?
  /// The permutation from the stream's columns to the order of `names`; nil if they are the same.
  let order: ColumnOrder?

  /// Matches the stream's features to the model's by name, in any order; a stream that carries only a digest must have
  /// the model's order.
  /// - Parameters:
  ///   - path: of the file, for messages.
  ///   - source: the stream, its first record not read yet or just read.
  ///   - tally: counts the sequences that are cut.
  /// - Throws: `ScalingError` for a stream that is normalised already where the model normalises itself,
  ///   `SchemaMismatch` for a feature that is missing or not expected, or for another digest.
  public init(
    _ file: ModelFile, path: String, source: any BagSource, tally: NoticeCounter = NoticeCounter()
  ) throws {
    (genes, pairs, odds) = (file.genes, file.pairs, file.odds)
    (history, singleFeature) = (file.card.ensemble?.history, file.card.singleFeature)
    scale = CalibratedScale(file.card.scale, file.card.calibration)
    (isTwoSided, isSymmetric) = (file.card.order == .roles, file.card.order == .symmetric)
    if file.card.takesEntities {
      entities = try EntityInput(of: file, path: path, source, tally)
      tally.close()
      names = source.schema?.names ?? []
      packer = RowPacker(width: names.count, names: names)
      (self.source, order, model) = (source, nil, file.model)
      return
    }
    entities = nil
    names = file.card.features
    let normalizer = try file.normalizer(path: path)
    packer = RowPacker(
      width: names.count, names: names, scale: normalizer.map { .normalizer($0, fillsMeans: true) } ?? .none)
    let swap = file.card.order == .symmetric ? ColumnSwap(names: names)?.effective : nil
    model = file.model(swap: swap)
    guard let schema = source.schema else {
      if let digest = source.digest, digest != SHA256.digest12(of: names) {
        throw SchemaMismatch(difference: "the records carry the digest \(digest)", path: path)
      }
      (self.source, order) = (source, nil)
      return
    }
    let expected = try Schema(names: names)
    let order = ColumnOrder(of: schema.names, as: names)
    self.order = order
    self.source = order.map { ReorderedSource(source, $0, schema: expected) } ?? source
    guard let difference = Schema.missingOrExtra(schema.names, expected: names) else { return }
    if normalizer != nil, let done = schema.names.first(where: Normalizer.isNormalized) {
      throw ScalingError.alreadyNormalized(done)
    }
    // The same features, scaled otherwise or not at all.
    let isScaling = Set(schema.names.map(Normalizer.bareName)) == Set(names.map(Normalizer.bareName))
    throw SchemaMismatch(difference: difference, path: path, scaling: isScaling ? names.first : nil)
  }

  /// Returns a bag, as the stream behind `source` gives it, with its features in the order of `names`.
  public func reordered(_ record: StreamRecord) -> StreamRecord { order?.reordered(record) ?? record }

  /// A batch of bags of `source` in this order; of a model of node pairs, one of the numbers of their graphs.
  public func batch(_ records: [StreamRecord]) throws -> Batch {
    let batch = try packer.batch(of: records)
    guard case .sides(let sides)? = entities else { return batch }
    return sides.expand(batch)
  }
}

extension ModelFile {
  /// The normaliser in the card, its digest checked; nil where the card has none.
  /// Throws `ScalingError` where it is damaged or of other features than the model; `path` names the file.
  public func normalizer(path: String) throws -> Normalizer? {
    guard let text = card.normalizer else { return nil }
    let normalizer = try Normalizer.load(from: text, name: path)
    let features = card.features
    guard normalizer.isNamed ? normalizer.names == features : normalizer.width == features.count else {
      throw ScalingError.badState(path, "the normaliser in the model is of other features than the model")
    }
    return normalizer
  }
}

/// The error that a stream's features differ from the model's.
public struct SchemaMismatch: Diagnosable {
  let difference: String
  let path: String
  /// A feature of the model, where the stream has the same ones and only their scaling differs.
  var scaling: String?

  private var scalingHint: String? {
    guard let scaling else { return nil }
    return Normalizer.suffix(of: scaling).map {
      "normalize --apply with the state that the training bags were scaled by, whose digest begins with "
        + $0.drop { $0 == "~" }
    } ?? "feed the stream as it was before normalize: the model takes features as they are"
  }

  /// The first difference, at the model file; a hint by what differs, the scaling alone or the features.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .data, "the features are not those of the model: \(difference)", at: SourceLocation(source: path),
      hint: scalingHint ?? "make them with the same tools and options as in training (mil-score --describe shows them)")
  }
}
