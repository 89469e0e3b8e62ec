import Arrays
import Bytes
import Records

/// The edges of networks that embeddings among the features of a stream have seen, as the schema line has them.
///
/// A pair that was an edge is known to its embedding: its score says how well the embedding remembers.
public struct SeenEdges: Sendable, Equatable {
  /// The edges of each embedding.
  public let networks: [TrainedPairs]

  /// The edges that the features of a source have seen; nil where they have seen none, or nothing says so. Throws
  /// `BagsError` for an object of another form.
  public init?(of source: any BagSource) throws(BagsError) {
    let objects = source.seenEdges
    networks = objects.compactMap { TrainedPairs($0) }
    guard networks.count == objects.count else { throw BagsError(.badEdges) }
    if networks.isEmpty { return nil }
  }

  /// Whether two ids in either order were an edge.
  public func contains(_ a: String, _ b: String) -> Bool {
    let key = TrainedPairs.key(a, b)
    return networks.contains { $0.contains(key) }
  }

  /// Whether the two genes of a bag, or the isoforms of one of its instances, were an edge.
  public func contains(_ record: StreamRecord) -> Bool {
    if let a = record.geneA, let b = record.geneB, contains(a, b) { return true }
    return record.instances.contains { contains($0) }
  }

  /// Whether the two isoforms of an instance were an edge.
  public func contains(_ instance: StreamRecord.Instance) -> Bool {
    guard let a = instance.isoformA, let b = instance.isoformB else { return false }
    return contains(a, b)
  }

  /// A warning that `count` of `all` pairs were edges; `what` they are for, such as `scored`.
  public static func warning(_ count: Int, of all: Int, _ what: String) -> Diagnostic {
    Diagnostic(
      .data,
      "\(count) of \(all) \(what) pairs were edges of the network whose embedding describes them: "
        + "their scores say what it remembers",
      hint: "netfeat --pairs with the edges of the training pairs alone")
  }
}
