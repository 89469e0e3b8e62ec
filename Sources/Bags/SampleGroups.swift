import Features
import Records

/// Groups of samples (columns of a table), in the order of their first sample.
public struct SampleGroups: Sendable, Equatable {
  /// The names of the groups, in order.
  public private(set) var names: [String] = []
  private var groupOf: [String: Int] = [:]

  /// Reads a table with the columns `sample` and `group` (others are ignored).
  ///
  /// Throws `BagsError` for a sample in two groups, and what the reader throws.
  public init(reading table: TableReader) throws {
    let sampleColumn = try table.require("sample")
    let groupColumn = try table.require("group")
    var numbers: [String: Int] = [:]
    while let row = try table.next() {
      let sample = try row.id(sampleColumn)
      let group = try row.id(groupColumn)
      let number = numbers[group] ?? names.count
      if number == names.count {
        names.append(group)
        numbers[group] = number
      }
      if let before = groupOf.updateValue(number, forKey: sample), before != number {
        throw BagsError(.sampleInTwoGroups(sample), at: row.place)
      }
    }
  }

  /// Makes groups from names and samples.
  public init(_ groups: [(name: String, samples: [String])]) {
    names = groups.map(\.name)
    for (number, group) in groups.enumerated() {
      for sample in group.samples { groupOf[sample] = number }
    }
  }

  /// All samples of the groups.
  public var samples: Set<String> { Set(groupOf.keys) }

  /// The indices in `columns` of the samples of each group, in the order of `columns`; a suffix of `normalize` is not
  /// part of a sample's name.
  public func columns(in columns: [String]) -> [[Int]] {
    var places = [[Int]](repeating: [], count: names.count)
    for (place, name) in columns.enumerated() {
      if let group = groupOf[name] ?? groupOf[Normalizer.bareName(name)] { places[group].append(place) }
    }
    return places
  }
}
