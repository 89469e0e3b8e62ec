import Bytes
import CommandSupport
import Figures
import Records

/// Draws the scores of the instances of one bag as a map: those of residue pairs as a contact map.
struct PairMapRun {
  /// The columns to read and the bag to draw.
  struct Options {
    var scoreColumn = "score"
    /// By default `instance_label`, or `label` where there is none.
    var labelColumn: String?
    /// The bag; nil where the stream has one.
    var bag: String?
  }

  private static let limit = 1 << 26

  private var (rows, columns) = (Names(), Names())
  private var pairs: [(row: Int32, column: Int32, score: Float, isPositive: Bool)] = []
  private var bag: String?
  private var others = 0

  /// Reads the rows of a bag; throws a `RecordError` for a column that is missing, or a `MetricsError`.
  init(_ table: TableReader, _ options: Options) throws {
    let hint = "mil-score --level instance writes the members of each instance"
    let score = try table.require(options.scoreColumn, hint: "name the column of the scores with --score-column")
    let (a, b) = (try table.require("isoform_a", hint: hint), try table.require("isoform_b", hint: hint))
    let bagColumn = table.column("bag")
    let label = try options.labelColumn.map { try table.require($0) } ?? table.column("instance_label")
    table.read(only: [score, a, b] + [bagColumn, label].compactMap { $0 })
    var bags: Set<String> = []
    while let row = try table.next() {
      let name = bagColumn.flatMap { row.text($0) } ?? ""
      if let wanted = options.bag, name != wanted {
        if bags.count < 4 { bags.insert(name) }
        continue
      }
      if let bag, bag != name { throw MetricsError.severalMaps(bag, name, row.place) }
      bag = name
      guard let one = row.text(a), let other = row.text(b), let value = try row.number(score) else { continue }
      if pairs.count == Self.limit { throw MetricsError.largeMap(Self.limit, row.place) }
      let isPositive = try label.flatMap { try row.label($0, .binary) }.map { $0 > 0 } ?? false
      pairs.append((rows.number(one), columns.number(other), Float(value), isPositive))
    }
    if pairs.isEmpty { throw MetricsError.emptyMap(options.bag, others: bags.sorted()) }
    if rows.count * columns.count > Self.limit { throw MetricsError.largeMap(Self.limit, nil) }
  }

  /// The map. Some of the pairs (the best of all), or sorted ones, say nothing of the order of residues: these then go
  /// by chain, number and insertion code, where their names are those of residues.
  func map() -> PairMap {
    let isInOrder =
      pairs.count == rows.count * columns.count
      && zip(pairs, pairs.dropFirst()).allSatisfy { ($0.row, $0.column) < ($1.row, $1.column) }
    let (rows, columns) = isInOrder ? (self.rows, self.columns) : (self.rows.byChain(), self.columns.byChain())
    let (rowPlaces, columnPlaces) = (rows.places(of: self.rows.names), columns.places(of: self.columns.names))
    var scores = [Float](repeating: .nan, count: rows.count * columns.count)
    var isPositive = [Bool](repeating: false, count: scores.count)
    for pair in pairs {
      let place = Int(rowPlaces[Int(pair.row)]) * columns.count + Int(columnPlaces[Int(pair.column)])
      (scores[place], isPositive[place]) = (pair.score, pair.isPositive)
    }
    let positives = pairs.count { $0.isPositive }
    var subtitle = "\(rows.count) × \(columns.count) pairs, shaded by rank"
    if positives > 0 { subtitle += "; positive: \(positives)" }
    let sides = Self.sides(of: bag ?? "")
    return PairMap(
      title: bag.map { $0.isEmpty ? "Scores of pairs" : $0 } ?? "Scores of pairs", subtitle: subtitle,
      rows: rows.names, columns: columns.names, rowLabel: sides.a, columnLabel: sides.b, scores: scores,
      isPositive: isPositive)
  }

  /// The ids that a pair's id was joined of, at its longest run of colons (`PairIdentifier` in Bags).
  private static func sides(of bag: String) -> (a: String, b: String) {
    var (start, end, best) = (bag.startIndex, bag.startIndex, 0)
    var index = bag.startIndex
    while index < bag.endIndex {
      guard bag[index] == ":" else {
        index = bag.index(after: index)
        continue
      }
      let stop = bag[index...].firstIndex { $0 != ":" } ?? bag.endIndex
      let run = bag.distance(from: index, to: stop)
      if run > best { (start, end, best) = (index, stop, run) }
      index = stop
    }
    return best > 0 ? (String(bag[..<start]), String(bag[end...])) : ("a", "b")
  }

  /// Names by the order in which they came.
  private struct Names {
    private(set) var names: [String] = []
    private var numbers: [String: Int32] = [:]
    var count: Int { names.count }

    /// The number of each of these names, which are all known.
    func places(of names: [String]) -> [Int32] { names.compactMap { numbers[$0] } }

    /// The same names in the order of the residues CHAIN:NUMBER:NAME; as they are where one is no such name.
    func byChain() -> Names {
      let keys = names.compactMap { name -> (chain: String, number: Int, insertion: String, name: String)? in
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let insertion = parts[1].drop { $0.isNumber || $0 == "-" }
        return Int(parts[1].dropLast(insertion.count)).map { (String(parts[0]), $0, String(insertion), name) }
      }
      guard keys.count == names.count else { return self }
      var sorted = Names()
      for key in keys.sorted(by: { $0 < $1 }) { _ = sorted.number(key.name) }
      return sorted
    }

    mutating func number(_ name: String) -> Int32 {
      if let known = numbers[name] { return known }
      numbers[name] = Int32(names.count)
      names.append(name)
      return Int32(names.count - 1)
    }
  }
}

extension PairMapRun {
  /// The text of a file of this name: an image, a page, or characters.
  static func text(_ map: PairMap, for path: String, width: Int = 78, isASCII: Bool) -> String {
    let name = path.lowercased()
    if name.hasSuffix(".svg") { return Sheet([map]).svg() }
    if name.hasSuffix(".html") || name.hasSuffix(".htm") {
      return Page(
        title: map.title, lead: map.subtitle ?? "",
        blocks: [
          .figures(Sheet([map])),
          .note(
            "The darker a pair, the fewer pairs of the map score higher; grey pairs have no score. "
              + "Pairs that are known "
              + "to be positive have an outline, whatever their score."),
        ]
      ).html()
    }
    return map.text(width: width, isASCII: isASCII)
  }
}
