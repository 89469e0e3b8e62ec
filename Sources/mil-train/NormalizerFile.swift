import Arrays
import Bytes
import Features
import Records

/// A normaliser state that a user named.
enum NormalizerFile {
  /// Reads the state and holds it against the stream's features and, where sides are exchanged, against itself: both
  /// sides must be scaled alike.
  static func load(_ path: String, for names: [String]?, _ swap: ColumnSwap?) throws -> Normalizer {
    let normalizer = try Normalizer.load(from: text(path), name: path)
    if let names { _ = try normalizer.names(for: names) }
    if let swap {
      for (column, partner) in swap.source.enumerated()
      where normalizer.centers[column] != normalizer.centers[partner]
        || normalizer.scales[column] != normalizer.scales[partner]
      {
        throw TrainFailure.normalizerSides(normalizer.names[column])
      }
    }
    return normalizer
  }

  private static func text(_ path: String) throws -> String {
    let source = try Input.open(path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try block.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
  }
}
