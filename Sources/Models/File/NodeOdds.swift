import Arrays

/// The odds that nodes of two kinds were a positive pair in training: with the nodes' accessible areas the baseline of
/// models of node pairs, which knows neither neighbours nor shape.
///
/// The kinds are the columns of the nodes' features whose names begin with `residue.`, one of which is 1; the area is
/// the column `rasa`, from 0 to 1.
public struct NodeOdds: Sendable, Equatable {
  private let kinds: [Int]
  private let area: Int
  /// Pairs by kind, row by row; the kinds of a pair are counted in both orders.
  private(set) var positives: [Int64]
  private(set) var all: [Int64]

  /// No pairs of nodes with these features; nil where these have no kinds or no area.
  public init?(features: [String]) {
    kinds = features.indices.filter { features[$0].hasPrefix("residue.") }
    guard let area = features.firstIndex(of: "rasa"), !kinds.isEmpty else { return nil }
    self.area = area
    positives = [Int64](repeating: 0, count: kinds.count * kinds.count)
    all = positives
  }

  /// The number of a node's kind; nil where its features name none.
  public func kind(_ node: UnsafeBufferPointer<Float>) -> Int? { kinds.firstIndex { node[$0] > 0.5 } }

  /// Counts a labelled pair of nodes of these kinds.
  public mutating func add(_ a: Int, _ b: Int, isPositive: Bool) {
    for place in [a * kinds.count + b, b * kinds.count + a] {
      all[place] += 1
      if isPositive { positives[place] += 1 }
    }
  }

  /// For each two kinds the share of positive pairs, drawn towards that of all pairs by the weight of one pair.
  public func shares() -> [Double] {
    let (positive, count) = (positives.reduce(0, +), all.reduce(0, +))
    let mean = count > 0 ? Double(positive) / Double(count) : 0
    return zip(positives, all).map { (Double($0) + mean) / (Double($1) + 1) }
  }

  /// The accessible area of a node.
  public func area(_ node: UnsafeBufferPointer<Float>) -> Double { Double(node[area]) }
  /// The number of kinds.
  public var count: Int { kinds.count }
}

extension NodeOdds {
  static let names = ["odds.positives", "odds.all"]

  /// The counts as tensors.
  var tensors: [TensorFile.Tensor] {
    zip(Self.names, [positives, all]).map { TensorFile.Tensor($0, .i64, [count, count], $1) }
  }

  /// The counts of a file for nodes with these features; nil where it has none. Throws for counts that can't be.
  static func read(
    _ file: TensorFile, features: [String], _ refuse: (String) -> ModelError
  ) throws -> NodeOdds? {
    guard names.contains(where: { file[$0] != nil }) else { return nil }
    guard var odds = NodeOdds(features: features) else { throw refuse("it has the odds of nodes without kinds") }
    odds.positives = try file.tensor(names[0], .i64, [odds.count, odds.count], refuse).values(as: Int64.self)
    odds.all = try file.tensor(names[1], .i64, [odds.count, odds.count], refuse).values(as: Int64.self)
    let arePossible = zip(odds.positives, odds.all).allSatisfy { 0 <= $0 && $0 <= $1 && $1 < 1 << 40 }
    guard arePossible else { throw refuse("its table of odds is impossible") }
    return odds
  }
}
