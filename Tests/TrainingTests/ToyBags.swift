import Arrays
import Bytes
import Training

/// Ragged bags whose positive ones hide one witness: some of its features are high.
struct ToyBags: BatchStore {
  let width: Int
  var labels: [Float] = []
  var rows: [[[Float]]] = []

  /// Six features, of which a witness has the first: a bag in four is positive.
  init(bags: Int, seed: UInt64) {
    self.init(bags: bags, seed: seed, width: 6, most: 5, positive: 4, deviation: 0.5, high: 0..<1, by: 3)
  }

  /// Bags of up to `most` instances of normal features, of which one in `positive` has a witness.
  init(
    bags: Int, seed: UInt64, width: Int, most: Int, positive: Int, deviation: Float, high: Range<Int>, by rise: Float
  ) {
    self.width = width
    var random = RandomStream(seed: seed)
    for bag in 0..<bags {
      let isPositive = bag % positive == 0
      var instances = (0..<1 + random.below(most)).map { _ in
        (0..<width).map { _ in Float(random.normal()) * deviation }
      }
      if isPositive {
        let witness = random.below(instances.count)
        for feature in high { instances[witness][feature] += rise }
      }
      labels.append(isPositive ? 1 : 0)
      rows.append(instances)
    }
  }

  var count: Int { labels.count }
  var ports: [PortSpec] { [PortSpec("x", .instance, .dense(width: width))] }
  func targets(of units: [Int]) -> Targets { Targets(.bag, label: units.map { labels[$0] }) }
  func size(of unit: Int) -> Int { rows[unit].count }

  func batch(_ units: [Int], _ draw: Draw?) -> Batch {
    var offsets: [Int32] = [0]
    var values: [Float] = []
    for (place, unit) in units.enumerated() {
      for row in rows[unit] {
        values += draw?.swapped?[place] == true ? [row[0], row[2], row[1]] + row[3...] : row
      }
      offsets.append(Int32(values.count / width))
    }
    return Batch(
      bags: offsets, x: Matrix(rows: values.count / width, columns: width, values: values),
      label: units.map { labels[$0] })
  }
}
