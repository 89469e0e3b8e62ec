import Models
import Records

/// What is written of bags beside their scores.
protocol BagDetails: Sendable {
  /// Bag i holds the instances `offsets[i]..<offsets[i + 1]`.
  var offsets: [Int32] { get }
  /// A bag; throws `BagsError` for ids that can't be joined. Its instances and features may be left out.
  func bag(_ bag: Int) throws -> BagRecord
  /// An instance of a bag, by its number among all instances, and its kept columns.
  func instance(_ number: Int, of bag: Int) throws -> (BagRecord.Instance, kept: [KeptValue])
}

/// A few bags with their scores.
struct ScoredBags: Sendable {
  let bags: any BagDetails
  let scores: Output
}
