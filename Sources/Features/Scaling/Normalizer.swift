import Bytes
import Records

/// A fitted scaling of named columns: what `normalize --fit` writes and what a model can embed.
///
/// `let normalizer = try Normalizer.load(from: text); let order = try normalizer.order(of: schema.names);
/// var values = order?.rows(record.values) ?? record.values; try normalizer.apply(&values)`
public struct Normalizer: Sendable, Equatable {
  /// Whether the two sides of a pair are scaled alike.
  public enum Sides: String, Sendable {
    /// Both are scaled in the very same way, so that exchange and scaling commute.
    case alike
    /// At least one column is scaled otherwise than its partner.
    case separate
  }

  /// How columns are scaled, and which.
  public let groups: [ScalingGroup]
  /// The group of each column.
  public let groupOf: [Int]
  /// Names of the columns, in order.
  public let names: [String]
  /// False where the stream it was fitted on had no names; then only the order counts.
  public let isNamed: Bool
  /// The statistics of each column at its fitted method, after the methods before it.
  public let statistics: [ColumnStatistics]
  /// The settings of the fit, and what it counted.
  public let fit: Fit
  /// The state file, ending in a line feed; the same normaliser gives the same bytes.
  public let json: String
  /// SHA-256 of the state without this digest, in hexadecimal.
  public let digest: String
  /// The center that is subtracted from each column.
  public let centers: [Double]
  /// The scale that each column is then divided by.
  public let scales: [Double]
  let before: [Work]
  let after: [Work]

  /// The settings of a fit, and what it counted.
  public struct Fit: Sendable, Equatable {
    /// Rows (instances) it saw.
    public var rows: Int
    /// SHA-256 of the values it saw, row by row, as little-endian Doubles, in hexadecimal.
    public var source: String
    /// Nil where no column has a side, or nobody asked.
    public var sides: Sides?
    /// The rule for columns without a spread.
    public var constant = ConstantRule.zero
    /// The rule for missing values.
    public var missing = MissingRule.error
    /// The ranks of quartiles are off by at most this share of the values; 0 where they are exact.
    public var rankError = 0.0

    /// The facts that every fit has.
    public init(rows: Int, source: String) { (self.rows, self.source) = (rows, source) }
  }

  /// A method at work on some columns.
  struct Work: Sendable, Equatable {
    let method: ScalingMethod
    let columns: [Int]
  }

  /// - Parameters:
  ///   - names: nil for a stream without names.
  ///   - exchange: for each column the one that stands there when the two sides of a pair are exchanged; with it,
  ///     `fit.sides` becomes what the scaling does to them.
  ///   - old: a state of version 1 as it was written, and its digest.
  /// - Throws: `ScalingError` where groups and names don't fit, or for a column whose spread is beyond a Double.
  init(
    groups: [ScalingGroup], names: [String]?, statistics: [ColumnStatistics], fit: Fit, exchange: [Int]? = nil,
    old: (json: String, digest: String)? = nil
  ) throws {
    let known = names ?? Self.placeNames(statistics.count)
    precondition(known.count == statistics.count, "a name for each column")
    let places = try ScalingGroup.assign(known, to: groups)
    let parameters = statistics.indices.map {
      statistics[$0].parameters(groups[places[$0]].chain.fitted, fit.constant)
    }
    for column in statistics.indices where !(statistics[column].isFinite && parameters[column].scale.isFinite) {
      throw ScalingError.tooWide(known[column])
    }
    var fit = fit
    if let exchange { fit.sides = Self.unlike(exchange, parameters, groups, places) == nil ? .alike : .separate }
    (self.groups, groupOf, self.names, isNamed) = (groups, places, known, names != nil)
    (self.statistics, self.fit) = (statistics, fit)
    (centers, scales) = (parameters.map(\.center), parameters.map(\.scale))
    before = Self.work(groups, places, \.before)
    after = Self.work(groups, places, \.after)
    if let old {
      (json, digest) = old
    } else {
      let text = StateText(
        groups: groups, groupOf: places, names: known, isNamed: names != nil, statistics: statistics, fit: fit)
      digest = text.digest
      json = text.json(digest)
    }
  }

  /// Names for columns that have none.
  static func placeNames(_ count: Int) -> [String] { (0..<count).map { "x\($0 + 1)" } }

  /// The unfitted methods of one part of the chains, in order, each with its columns.
  static func work(
    _ groups: [ScalingGroup], _ places: [Int], _ part: KeyPath<ScalingChain, [ScalingMethod]>
  ) -> [Work] {
    groups.indices.flatMap { group in
      let columns = places.indices.filter { places[$0] == group }
      return groups[group].chain[keyPath: part].map { Work(method: $0, columns: columns) }
    }
  }

  /// The number of columns.
  public var width: Int { names.count }

  /// How the columns are scaled, in a few words.
  public var summary: String {
    groups.count == 1 && groups[0].pattern == nil
      ? groups[0].chain.text : groups.map { "\($0.pattern ?? "others")=\($0.chain.text)" }.joined(separator: " ")
  }

  /// The columns without a spread to divide by where a method needs one: constant ones, and those of which `robust`
  /// finds the quartiles to be one value.
  public var spreadless: (constant: [String], flat: [String]) {
    let bare = names.indices.filter { column in
      groups[groupOf[column]].chain.fitted.map { statistics[column].spread($0) == 0 } ?? false
    }
    return (
      bare.filter { statistics[$0].isConstant }.map { names[$0] },
      bare.filter { !statistics[$0].isConstant }.map { names[$0] }
    )
  }

  /// The first column that is scaled otherwise than the one that stands there when the two sides are exchanged; nil
  /// where exchange and scaling commute.
  public func unlike(_ exchange: [Int]) -> Int? {
    Self.unlike(exchange, names.indices.map { (centers[$0], scales[$0]) }, groups, groupOf)
  }

  private static func unlike(
    _ exchange: [Int], _ parameters: [(center: Double, scale: Double)], _ groups: [ScalingGroup], _ groupOf: [Int]
  ) -> Int? {
    parameters.indices.first { parameters[$0] != parameters[exchange[$0]] } ?? unlike(exchange, groups, groupOf)
  }

  /// The first column whose group does not become one group of the same methods when the sides are exchanged.
  static func unlike(_ exchange: [Int], _ groups: [ScalingGroup], _ groupOf: [Int]) -> Int? {
    var image = [Int?](repeating: nil, count: groups.count)
    return groupOf.indices.first { column in
      let (from, to) = (groupOf[column], groupOf[exchange[column]])
      defer { image[from] = to }
      return groups[from].chain != groups[to].chain || image[from].map { $0 != to } ?? false
    }
  }
}

extension Normalizer {
  /// Returns warnings about a fit: columns without a spread, quartiles from a sketch.
  public func remarks(ofConstants: Bool = true) -> [Diagnostic] {
    var remarks: [Diagnostic] = []
    func remark(_ found: [String], _ what: String) {
      guard !found.isEmpty else { return }
      let more = found.count > 5 ? " and \(found.count - 5) more" : ""
      let text = "\(found.count) of \(width) features \(what): \(found.prefix(5).joined(separator: ", "))\(more)"
      remarks.append(Diagnostic(.data, text))
    }
    let (constant, flat) = spreadless
    let isKept = fit.constant == .keep
    if ofConstants { remark(constant, isKept ? "are constant and stay as they are" : "are constant and become 0") }
    remark(
      flat,
      "vary, but half of their values lie on one, so that robust finds no spread to divide by: "
        + (isKept ? "they stay as they are" : "only their median is taken off"))
    if fit.rankError > 0 {
      let percent = NumberText.fixed(fit.rankError * 100, digits: 4)
      remarks.append(
        Diagnostic(
          .data,
          "the values did not fit in memory: medians and quartiles are sketched, their ranks at most \(percent) % off",
          hint: "--memory holds more of them"))
    }
    return remarks
  }
}
