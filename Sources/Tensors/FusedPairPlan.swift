import Arrays

/// The values inside the engine that depend on one partner of a pair alone, and where they are kept.
///
/// A value after the second module depends on 17 columns, one after the third on 53, a sum of the gate on 32. If all of
/// these belong to one partner, the value is computed once and kept for it; other values are computed for every pair.
struct FusedPairPlan {
  /// A run of values copied from kept values (or from the shared columns) to its offset in a pair.
  struct Copy {
    let owner: PairColumns.Owner
    let from: Int
    let to: Int
    let count: Int
  }

  /// A part of the gate's sums.
  enum Sum {
    case kept(PairColumns.Owner, at: Int)
    case made(Range<Int>)
  }

  /// The sizes, in elements, of the columns a pair needs, of kept windows of the second module, and of kept outputs.
  private(set) var columns: [Copy] = []
  private(set) var windows: [Copy] = []
  private(set) var outputs: [Copy] = []
  /// The windows of the second module, and the outputs, that are computed for every pair.
  private(set) var madeWindows: [Range<Int>] = []
  private(set) var madeOutputs: [Range<Int>] = []
  private(set) var sums: [Sum] = []
  /// The number of floats kept per partner.
  private(set) var width = 0

  /// Nil where no output depends on one partner alone.
  init?(shape: FusedShape, columns: PairColumns, attention: [Range<Int>]) {
    precondition(columns.owners.count == shape.features, "an owner for each column")
    let outputs = (0..<shape.outputs).map { columns.owner(of: 27 * $0..<27 * $0 + 53) }
    guard outputs.contains(where: { $0 != nil }) else { return nil }
    let windows = (0..<shape.pooled.1).map { columns.owner(of: 9 * $0..<9 * $0 + 17) }
    let needed = Set(outputs.indices.filter { outputs[$0] == nil }.flatMap { 3 * $0..<3 * $0 + 5 })
    madeOutputs = Self.runs(outputs.indices.filter { outputs[$0] == nil })
    madeWindows = Self.runs(needed.filter { windows[$0] == nil })
    for place in outputs.indices { keep(outputs[place], at: place, 1, in: \.outputs) }
    for place in needed.sorted() { keep(windows[place], at: place, FusedShape.channels, in: \.windows) }
    for chunk in attention {
      if let owner = columns.owner(of: chunk) {
        sums.append(.kept(owner, at: width))
        width += FusedAttention.hidden
      } else {
        sums.append(.made(chunk))
      }
    }
    keepColumns(columns)
  }

  private mutating func keep(
    _ owner: PairColumns.Owner?, at place: Int, _ count: Int, in list: WritableKeyPath<FusedPairPlan, [Copy]>
  ) {
    guard let owner else { return }
    self[keyPath: list].append(Copy(owner: owner, from: width, to: place * count, count: count))
    width += count
  }

  /// The columns read for the windows and sums that are computed per pair.
  private mutating func keepColumns(_ columns: PairColumns) {
    var read = Set(madeWindows.flatMap { 9 * $0.lowerBound..<9 * ($0.upperBound - 1) + 17 })
    for case .made(let chunk) in sums { read.formUnion(chunk) }
    var shared = 0
    var places: [Int: Int] = [:]
    for column in columns.shared {
      places[column] = shared
      shared += 1
    }
    for (owner, run) in columns.runs(in: Self.runs(read)) {
      let from = places[run.lowerBound] ?? width
      self.columns.append(Copy(owner: owner, from: from, to: run.lowerBound, count: run.count))
      if owner != .both { width += run.count }
    }
  }

  /// Groups numbers into runs of consecutive ones.
  private static func runs(_ numbers: some Collection<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for number in numbers.sorted() {
      if let last = result.last, last.upperBound == number {
        result[result.count - 1] = last.lowerBound..<number + 1
      } else {
        result.append(number..<number + 1)
      }
    }
    return result
  }
}
