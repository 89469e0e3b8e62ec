import Arrays
import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A rule of pairs of columns on every instance: its score is the largest log odds of a pair of columns that it holds.
///
/// An instance holds a column where its value there is above 0: for domains, those of either isoform. The log odds of
/// an instance without a known pair is `base`.
public struct ColumnPairModel: InstanceModel, Additive {
  /// A pair of columns, one of each side, with its log odds.
  public struct Pair: Sendable, Equatable {
    /// The column of side a.
    public let first: Int32
    /// The column of side b.
    public let second: Int32
    /// The log odds of an instance that holds both.
    public let logit: Double

    /// A pair of columns with its log odds.
    public init(_ first: Int32, _ second: Int32, logit: Double) {
      (self.first, self.second, self.logit) = (first, second, logit)
    }
  }

  /// The most pairs of a model.
  public static let maximumPairs = 1 << 24
  /// The number of features of an instance.
  public let features: Int
  /// The known pairs, ascending by their columns.
  public let pairs: [Pair]
  /// The log odds without a known pair.
  public let base: Double
  /// Pairs of first column c are `starts[c]..<starts[c + 1]`.
  private let starts: [Int]

  /// A model of pairs that ascend by their columns, all below `features`, with finite log odds.
  public init(features: Int, pairs: [Pair], base: Double) {
    (self.features, self.pairs, self.base) = (features, pairs, base)
    var counts = [Int](repeating: 0, count: features + 1)
    for pair in pairs { counts[Int(pair.first) + 1] += 1 }
    starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }.dropFirst().map { $0 }
  }

  /// Log odds.
  public var scale: ScoreScale { .logit }
  /// The maximum of each bag.
  public var mil: MIL { .max }

  /// The known pair of the largest log odds that a row holds, the first among equals; nil where it holds none.
  private func best(_ row: UnsafeBufferPointer<Float>) -> Pair? {
    var best: Pair?
    for column in 0..<features where starts[column] < starts[column + 1] && row[column] > 0 {
      for pair in pairs[starts[column]..<starts[column + 1]] where row[Int(pair.second)] > 0 {
        if best.map({ pair.logit > $0.logit }) ?? true { best = pair }
      }
    }
    return best
  }

  private func best(_ x: Matrix) -> [Pair?] {
    x.withUnsafeBufferPointer { values in
      (0..<x.rows).map { best(UnsafeBufferPointer(rebasing: values[$0 * features..<($0 + 1) * features])) }
    }
  }

  /// The log odds of each row.
  public func scores(of x: Matrix, _ pool: ThreadPool) -> [Double] { best(x).map { $0?.logit ?? base } }

  /// The scores; what the best pair adds to `base` is shared by its two columns.
  public func contributions(_ batch: Batch, _ tape: Tape) -> (scores: Scores, ports: [String: Matrix]) {
    guard let x = batch.dense("x") else { preconditionFailure("a batch with the port x") }
    var parts = Matrix(rows: x.rows, columns: features)
    for (row, pair) in best(x).enumerated() {
      guard let pair else { continue }
      parts[row, Int(pair.first)] = Float((pair.logit - base) / 2)
      parts[row, Int(pair.second)] = Float((pair.logit - base) / 2)
    }
    return (score(batch, tape), ["x": parts])
  }

  private static let names = ["pair.first", "pair.second", "pair.logit", "base"]

  /// `pair.first`, `pair.second` (I64), `pair.logit` (F64), a number per pair, and `base` (F64).
  public func tensors(prefix: String) -> [TensorFile.Tensor] {
    let count = pairs.count
    return [
      TensorFile.Tensor(prefix + Self.names[0], .i64, [count], pairs.map { Int64($0.first) }),
      TensorFile.Tensor(prefix + Self.names[1], .i64, [count], pairs.map { Int64($0.second) }),
      TensorFile.Tensor(prefix + Self.names[2], .f64, [count], pairs.map(\.logit)),
      TensorFile.Tensor(prefix + Self.names[3], .f64, [1], [base]),
    ]
  }

  /// Reads a model; throws what `refuse` makes of the reason where pairs do not ascend, a column is out of range, or a
  /// number is not finite.
  private static func read(
    _ file: TensorFile, _ form: Method.FileForm, _ refuse: (String) -> any Error
  ) throws -> ColumnPairModel {
    let count = file[form.prefix + names[0]]?.shape.first ?? 0
    guard count <= maximumPairs else { throw refuse("a rule has at most \(maximumPairs) pairs, not \(count)") }
    func columns(_ name: String) throws -> [Int32] {
      let values = try file.tensor(form.prefix + name, .i64, [count], refuse).values(as: Int64.self)
      guard values.allSatisfy({ $0 >= 0 && $0 < form.features }) else {
        throw refuse("tensor '\(form.prefix + name)' names a column that there is not")
      }
      return values.map { Int32($0) }
    }
    let (first, second) = (try columns(names[0]), try columns(names[1]))
    let logits = try file.tensor(form.prefix + names[2], .f64, [count], refuse).values(as: Double.self)
    let base = try file.tensor(form.prefix + names[3], .f64, [1], refuse).values(as: Double.self)[0]
    guard base.isFinite, logits.allSatisfy(\.isFinite) else { throw refuse("its log odds are not all finite numbers") }
    for place in 1..<max(1, count) where (first[place - 1], second[place - 1]) >= (first[place], second[place]) {
      throw refuse("its pairs of columns do not ascend")
    }
    let pairs = (0..<count).map { Pair(first[$0], second[$0], logit: logits[$0]) }
    return ColumnPairModel(features: form.features, pairs: pairs, base: base)
  }

  static let method = Method(
    "diip", "a rule of domain pairs, one domain of each partner, maximum over the bag (DIIP)",
    settings: [
      Setting("prior", .real(1e-3...1e6, default: 3), "bags at the rate of all bags that are added to those of a pair")
    ],
    goals: [.binary], form: .tensors(names: names, read: { try read($0, $1, $2) }), fitting: { _ in .columnPairs },
    description: """
      Features NAME.a.DOMAIN and NAME.b.DOMAIN say which domains either isoform has: those with a value above 0.
      A pair of
      domains has the rate (positives + prior * p) / (n + prior) among the n training bags in which an instance has it,
      where p is the rate of all bags (Sprinzak and Margalit 2001). The logit of an instance is that of the best of its
      pairs, or of p where it has none that training saw; of a bag: the maximum of its instances. DIIP (Ghadie 2017)
      predicts an isoform pair to interact where it keeps such a pair of a reference interaction; the reference
      interactions are the training bags here.
      """)
}
