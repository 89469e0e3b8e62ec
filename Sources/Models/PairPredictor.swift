import Arrays

/// A model that can compute values of one partner once for all its pairs.
public protocol PairPredictor: Model {
  /// Returns the model for pairs whose columns have these owners; nil if no value can be kept.
  func paired(_ columns: PairColumns, threads: Int) -> (any PairModel)?
}

/// A model that scores pairs from the kept values of their partners; the scores equal those of whole rows, to the last
/// bit. Not thread-safe.
public protocol PairModel: AnyObject {
  /// The number of floats kept per partner.
  var keptWidth: Int { get }

  /// Writes the kept values of partners, count × `keptWidth`, from rows (count × features) that hold a partner's
  /// features on both sides; the values of shared columns are ignored.
  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>)

  /// The axis of the instances.
  var unit: Axis { get }
  /// Returns logits and notes of instances from the kept values of their two partners and their shared columns.
  func score(_ pairs: KeptPairs) -> Scores
}

/// Instances for a `PairModel`: pointers to the kept values of their partners, and their shared columns.
public struct KeptPairs {
  /// The kept values of the two partners of each instance.
  public let first, second: [UnsafePointer<Float>]
  /// The shared columns, instances × shared columns.
  public let shared: UnsafePointer<Float>

  /// Makes instances from pointers that stay valid during the call they are passed to.
  public init(first: [UnsafePointer<Float>], second: [UnsafePointer<Float>], shared: UnsafePointer<Float>) {
    precondition(first.count == second.count, "two partners per instance")
    (self.first, self.second, self.shared) = (first, second, shared)
  }

  /// The number of instances.
  public var count: Int { first.count }
}
