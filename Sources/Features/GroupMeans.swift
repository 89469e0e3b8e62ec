import Bytes
import Records

/// The mean row of each group of records: groups × features sums, 16 bytes each.
///
/// Missing features are left out of the mean of their column, and a feature that all records lack stays missing. Each
/// sum keeps what its additions round off (Knuth, TAOCP vol. 2, 4.2.2, theorem B), about 106 bits in all, so that the
/// order of a group's records does not show, and the mean of one record is its row.
struct GroupMeans: Sendable {
  private struct Group: Sendable {
    let name: String
    let place: SourceLocation
    var sums: [Double]
    /// The rounding errors of the sums, which belong to them.
    var rests: [Double]
    /// The number of records that lack each feature; empty while none does.
    var missing: [Int32] = []
    var records = 0
    var length = 0
    var valid = 0

    mutating func add(_ row: StreamRecord) {
      records += 1
      length += row.instances[0].length ?? 0
      valid += row.instances[0].valid ?? 0
      for (feature, value) in row.values.enumerated() {
        guard value.isFinite else {
          if missing.isEmpty { missing = [Int32](repeating: 0, count: sums.count) }
          missing[feature] += 1
          continue
        }
        let sum = sums[feature] + value
        let added = sum - sums[feature]
        rests[feature] += (sums[feature] - (sum - added)) + (value - added)
        sums[feature] = sum
      }
    }

    /// The sum and its rest, divided as one number.
    private func mean(_ feature: Int, of count: Double) -> Double {
      if rests[feature] == 0 && count == 1 { return sums[feature] }
      let sum = sums[feature] + rests[feature]
      let rest = rests[feature] - (sum - sums[feature])
      let quotient = sum / count
      return quotient + (sum.addingProduct(-quotient, count) + rest) / count
    }

    var row: StreamRecord {
      var row = StreamRecord(bag: name, hasBag: false, place: place)
      row.values = sums.indices.map { feature in
        let present = records - (missing.isEmpty ? 0 : Int(missing[feature]))
        return present == 0 ? .nan : mean(feature, of: Double(present))
      }
      row.instances = [StreamRecord.Instance(id: name, length: length, valid: valid)]
      return row
    }
  }

  private var groups: [Group] = []
  private var numbers: [String: Int] = [:]

  /// The number of groups.
  var count: Int { groups.count }

  /// Adds the row of one record, NaN where a feature is missing.
  mutating func add(_ row: StreamRecord, to name: String) {
    let number = numbers[name] ?? groups.count
    if number == groups.count {
      numbers[name] = number
      // Negative zero is the sum of nothing: 0 and -0 both stay what they are when they are added to it.
      let sums = [Double](repeating: -0.0, count: row.values.count)
      groups.append(
        Group(name: name, place: row.place, sums: sums, rests: [Double](repeating: 0, count: row.values.count)))
    }
    groups[number].add(row)
  }

  /// The rows, in the order in which the groups came.
  func rows() -> some Sequence<StreamRecord> { groups.lazy.map { $0.row } }
}
