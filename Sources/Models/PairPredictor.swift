import Arrays

/// A predictor that can keep what it makes of one partner for all pairs of it.
public protocol PairPredictor: Predictor {
  /// The same model for pairs whose columns have these owners; nil where there is nothing to keep.
  func paired(_ columns: PairColumns, threads: Int) -> (any PairModel)?
}

/// A model that scores pairs from what it has kept of their partners; the scores are those of the whole rows, to the
/// last bit. One caller at a time.
public protocol PairModel: AnyObject {
  /// Floats that are kept of a partner.
  var keptWidth: Int { get }

  /// Writes what is kept of partners, count × `keptWidth`, from rows (count × features) that hold a partner's features
  /// on both sides; shared columns may hold any number.
  func keep(_ rows: UnsafePointer<Float>, count: Int, to kept: UnsafeMutablePointer<Float>)

  /// Logits and attention of instances, from what is kept of their two partners and their shared columns.
  func score(_ pairs: KeptPairs) -> (logit: [Float], attention: [Float]?)
}

/// Instances as a `PairModel` takes them.
public struct KeptPairs {
  /// What is kept of the partners of each instance.
  public let first, second: [UnsafePointer<Float>]
  /// The shared columns, instances × shared columns.
  public let shared: UnsafePointer<Float>

  /// Pointers that are valid for the call.
  public init(first: [UnsafePointer<Float>], second: [UnsafePointer<Float>], shared: UnsafePointer<Float>) {
    precondition(first.count == second.count, "two partners an instance")
    (self.first, self.second, self.shared) = (first, second, shared)
  }

  /// The number of instances.
  public var count: Int { first.count }
}
