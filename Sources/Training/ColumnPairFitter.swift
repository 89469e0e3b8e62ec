import Arrays
import Models
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Counts pairs of columns, one of each side, in the examples whose units hold both (values above 0), and makes log
/// odds of the counts: (positives + prior · p) / (n + prior) is the rate of a pair, p that of all examples.
struct ColumnPairFitter: UnitFitter {
  /// The columns of either side.
  let first, second: [Int]
  /// The weight of p in the rate of a pair.
  let prior: Double

  /// Throws `ModelError.noSides` where no column is of side a, or none of side b.
  init(_ names: [String], prior: Double, method: String) throws(ModelError) {
    let owners = names.map { PairColumns.owner(of: $0) }
    first = owners.indices.filter { owners[$0] == .first }
    second = owners.indices.filter { owners[$0] == .second }
    self.prior = prior
    if first.isEmpty || second.isEmpty {
      throw .noSides(method: method, "no column is named NAME.\(first.isEmpty ? "a" : "b").FEATURE")
    }
  }

  func fit(_ units: UnitTable, _ rest: UnitFit) throws -> Fitted {
    _ = try FittingTable(units.x, targets: units.rowLabels, weights: units.rowWeights, areClasses: true)
    var counts: [UInt64: (all: Double, positive: Double)] = [:]
    var (all, positive) = (0.0, 0.0)
    for example in units.ranges {
      guard let unit = example.first, units.weights[unit] > 0 else { continue }
      let (weight, isPositive) = (Double(units.weights[unit]), units.labels[unit] > 0.5)
      all += weight
      if isPositive { positive += weight }
      for pair in Set(example.flatMap { self.pairs(units, $0) }) {
        counts[pair, default: (0, 0)].all += weight
        if isPositive { counts[pair, default: (0, 0)].positive += weight }
      }
    }
    let rate = positive / all
    let known = counts.keys.sorted().map { key in
      let (all, positive) = counts[key] ?? (0, 0)
      let share = (positive + prior * rate) / (all + prior)
      return ColumnPairModel.Pair(
        Int32(key >> 32), Int32(truncatingIfNeeded: key), logit: log(share) - log(1 - share))
    }
    guard known.count <= ColumnPairModel.maximumPairs else {
      throw TrainingError.table(.forest("\(known.count) pairs of columns, more than a model file takes"))
    }
    let model = ColumnPairModel(features: units.x.columns, pairs: known, base: log(rate) - log(1 - rate))
    return Fitted(model, notes: ["fit": "\(known.count) pairs of columns"])
  }

  /// The pairs that a unit holds, in either order of its sides where it has a row for each.
  private func pairs(_ units: UnitTable, _ unit: Int) -> [UInt64] {
    (units.isDoubled ? [unit, unit + units.count] : [unit]).flatMap { row in
      let others = second.filter { units.x[row, $0] > 0 }
      return first.filter { units.x[row, $0] > 0 }.flatMap { one in others.map { UInt64(one) << 32 | UInt64($0) } }
    }
  }
}
