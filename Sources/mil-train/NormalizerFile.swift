import Arrays
import Features

/// A normaliser state that a user named.
enum NormalizerFile {
  /// Reads the state and holds it against the stream's features and, where sides are exchanged, against itself: both
  /// sides must be scaled alike.
  static func load(_ path: String, for names: [String]?, _ swap: ColumnSwap?) throws -> Normalizer {
    let normalizer = try Normalizer.read(path)
    guard let names else { throw TrainFailure.namelessNormalizer }
    _ = try normalizer.names(for: names)
    if let column = swap.flatMap({ normalizer.unlike($0.source) }) {
      throw TrainFailure.normalizerSides(normalizer.names[column])
    }
    return normalizer
  }
}
