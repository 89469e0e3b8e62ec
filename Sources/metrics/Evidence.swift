import Bags
import Bytes
import CommandSupport
import Evaluation
import Records

/// The pairs that must have a score.
enum ExpectedPairs {
  private static let shown = 3

  /// Throws `MetricsError` where a pair of a file is not among the names of scored bags, in either order.
  static func check(_ path: String, in names: Set<String>) throws {
    let pairs = try PairReader(Input.open(path), options: PairOptions())
    var (count, missing, examples) = (0, 0, [String]())
    while let pair = try pairs.next() {
      count += 1
      let name = try PairIdentifier.joining(pair.geneA, pair.geneB, at: pair.place)
      if names.contains(name) { continue }
      if names.contains(try PairIdentifier.joining(pair.geneB, pair.geneA, at: pair.place)) { continue }
      missing += 1
      if examples.count < shown { examples.append(name) }
    }
    if count == 0 { throw MetricsError.nothingExpected(path) }
    if missing > 0 { throw MetricsError.withoutScore(examples, count: missing, of: count, file: path) }
  }
}

/// The table of `--reliability`: bins of scores with the share of positive rows, for all rows and for each part.
struct ReliabilityTable {
  let text: String

  /// Throws `MetricsError` where labels are numbers or a score is no probability.
  init(_ collection: ScoreCollection, bins: Int) throws {
    guard collection.rule.hasClasses else { throw MetricsError.otherLabels(.ece) }
    var lines = "part\tlower\tupper\tn\tpositives\tmean_score\tshare\tshare_lower\tshare_upper\n"
    func add(_ name: String, _ parts: [PartScores]) throws {
      guard let table = ReliabilityBin.table(parts.map(\.scores.classes), bins: bins) else {
        throw MetricsError.noProbabilities
      }
      for bin in table {
        let numbers = [bin.meanScore, bin.share, bin.interval?.lower, bin.interval?.upper]
        let fields =
          [name, NumberText.text(bin.lower), NumberText.text(bin.upper), "\(bin.count)", "\(bin.positives)"]
          + numbers.map { $0.map { NumberText.text($0) } ?? "NA" }
        lines += fields.joined(separator: "\t") + "\n"
      }
    }
    try add(Report.allRows, collection.heldOut)
    for part in collection.ordered { if let name = part.name { try add(name, [part]) } }
    text = lines
  }
}
