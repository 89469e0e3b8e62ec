import Arrays
import Bytes
import Testing
import Workbench

/// Tables for the tests of the fitters.
enum FittingTables {
  /// Normal values, rounded to one digit after the point, so that there are ties; labels 0 and 1 that follow the first
  /// two columns.
  static func ties(_ rows: Int, _ columns: Int, seed: UInt64) -> (x: Matrix, y: [Float]) {
    var stream = RandomStream(seed: seed)
    let values = (0..<rows * columns).map { _ in Float((stream.normal() * 10).rounded() / 10) }
    let x = Matrix(rows: rows, columns: columns, values: values)
    let y = (0..<rows).map { row in Float(Double(x[row, 0] - x[row, 1]) + stream.normal() > 0.3 ? 1 : 0) }
    return (x, y)
  }

  /// A set of pairs of proteins as CT-343 of the first and of the second: the rows whose number leaves 4 when divided
  /// by 5 are for testing. Nil where the shared material is absent.
  static func pairs(_ name: String) -> Pairs? {
    guard let folder = Shared.root.map({ $0 + "/data/protein-pairs" }), Files.isFolder(folder) else { return nil }
    let bench = Workbench()
    let made = bench.run(
      "gzip -dc '\(folder)/\(name).pep.fa.gz' | seqfeat -q --encode ct343 | cut -f 1,4- > features\n"
        + "gzip -dc '\(folder)/\(name).pairs.tsv.gz' > pairs")
    guard made.status == 0, let table = Files.text(bench.folder + "/features"),
      let pairs = Files.text(bench.folder + "/pairs")
    else { return nil }
    var features: [Substring: [Float]] = [:]
    for line in table.split(separator: "\n").dropFirst() {
      let words = line.split(separator: "\t")
      features[words[0]] = words.dropFirst().compactMap { Float($0) }
    }
    var result = Pairs()
    for (number, line) in pairs.split(separator: "\n").dropFirst().enumerated() {
      let words = line.split(separator: "\t")
      guard let a = features[words[0]], let b = features[words[1]], let label = Float(words[2]) else { continue }
      result.append(a + b, label, isTest: number % 5 == 4)
    }
    return result
  }

  struct Pairs {
    private var values: (train: [Float], test: [Float]) = ([], [])
    private(set) var y: (train: [Float], test: [Float]) = ([], [])

    fileprivate mutating func append(_ row: [Float], _ label: Float, isTest: Bool) {
      if isTest {
        values.test += row
        y.test.append(label)
      } else {
        values.train += row
        y.train.append(label)
      }
    }

    var train: Matrix { Matrix(rows: y.train.count, columns: values.train.count / y.train.count, values: values.train) }
    var test: Matrix { Matrix(rows: y.test.count, columns: values.test.count / y.test.count, values: values.test) }
  }

  /// Area under the ROC curve and average precision; records of one score are taken together.
  static func areas(_ scores: [Double], _ labels: [Float]) -> (auroc: Double, ap: Double) {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let positives = Double(labels.count { $0 > 0.5 })
    let negatives = Double(labels.count) - positives
    var (hits, misses, area, precision, place) = (0.0, 0.0, 0.0, 0.0, 0)
    while place < order.count {
      let (before, missed) = (hits, misses)
      let score = scores[order[place]]
      while place < order.count, scores[order[place]] == score {
        if labels[order[place]] > 0.5 { hits += 1 } else { misses += 1 }
        place += 1
      }
      area += (misses - missed) * (hits + before) / 2
      precision += (hits - before) / positives * hits / (hits + misses)
    }
    return (area / (positives * negatives), precision)
  }
}
