import Bytes

/// The parts of a row of features that are of one partner alone, such as `ct.a.…` and `ct.b.…`: in a compact stream a
/// partner's values are written once, and the instances refer to them.
enum SharedRows {
  /// The fewest features that are worth a reference.
  static let least = 4
  /// The most values that the rows of a stream may have in its reader: 256 MiB.
  static let mostValues = 1 << 25

  /// The runs of names with one block and one side, in order.
  static func segments(of names: [String]) -> [Range<Int>] {
    var (segments, start, last) = ([Range<Int>](), 0, "")
    func close(_ end: Int) {
      if !last.isEmpty, end - start >= least { segments.append(start..<end) }
    }
    for (place, name) in names.enumerated() {
      let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
      let prefix = parts.count == 3 && (parts[1] == "a" || parts[1] == "b") ? "\(parts[0]).\(parts[1])" : ""
      if prefix == last { continue }
      close(place)
      (start, last) = (place, prefix)
    }
    close(names.count)
    return segments
  }
}

/// Numbers the partners' rows of a compact stream as it is written.
final class SharedRowNumbers {
  let segments: [Range<Int>]
  /// The number of rows that are held at once: a later row takes the number of the oldest one.
  private let capacity: Int
  private var rows: [[Double]] = []
  private var keys: [UInt64] = []
  /// The last record that used each row.
  private var users: [Int] = []
  private var numbers: [UInt64: Int] = [:]
  private var next = 0
  private var record = 0

  init(_ segments: [Range<Int>], mostValues: Int) {
    self.segments = segments
    capacity = max(1, min(mostValues, SharedRows.mostValues) / max(1, segments.map(\.count).max() ?? 1))
  }

  /// The numbers of the rows of a record, instances × segments; `define` receives each new row before it is used. Nil
  /// for a record with more rows than are held at once.
  func numbers(
    of values: UnsafeBufferPointer<Double>, width: Int, define: (Int, UnsafeBufferPointer<Double>) throws -> Void
  ) rethrows -> [Int]? {
    record += 1
    var result: [Int] = []
    for start in stride(from: 0, to: values.count, by: width) {
      for segment in segments {
        let row = UnsafeBufferPointer(rebasing: values[start + segment.lowerBound..<start + segment.upperBound])
        let key = Self.hash(row)
        if let number = numbers[key], Self.areSame(rows[number], row) {
          users[number] = record
          result.append(number)
          continue
        }
        guard let number = place(key, row) else { return nil }
        try define(number, row)
        result.append(number)
      }
    }
    return result
  }

  /// The number of a new row, that of the oldest row where all are taken; nil where this record uses that one.
  private func place(_ key: UInt64, _ row: UnsafeBufferPointer<Double>) -> Int? {
    let number = next
    if number < rows.count {
      if users[number] == record { return nil }
      if numbers[keys[number]] == number { numbers[keys[number]] = nil }
      (rows[number], keys[number], users[number]) = (Array(row), key, record)
    } else {
      rows.append(Array(row))
      keys.append(key)
      users.append(record)
    }
    numbers[key] = number
    next = (next + 1) % capacity
    return number
  }

  private static func areSame(_ known: [Double], _ row: UnsafeBufferPointer<Double>) -> Bool {
    known.count == row.count && zip(known, row).allSatisfy { $0.bitPattern == $1.bitPattern }
  }

  /// A hash of the bits of a row.
  private static func hash(_ row: UnsafeBufferPointer<Double>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: row.count)
    for value in row {
      hash = (hash ^ value.bitPattern) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return hash
  }
}

/// The partners' rows of a compact stream as it is read.
struct SharedRowTable {
  /// The segments that the schema line names; empty for a stream that is not compact.
  private(set) var segments: [Range<Int>] = []
  /// The features outside all segments.
  private(set) var others: [Int] = []
  /// The values of each row, and how many of them are missing.
  private var rows: [(values: [Double], missing: Int)] = []
  private var values = 0

  /// Whether instances may refer to rows.
  var isCompact: Bool { !segments.isEmpty }

  /// Starts anew with the segments of a schema line: a list of the first feature and the end of each.
  /// - Returns: what is wrong with them, or nil.
  mutating func begin(_ list: JSON?, width: Int) -> String? {
    self = SharedRowTable()
    guard let list else { return nil }
    for item in list.array ?? [.null] {
      let ends = item.array?.compactMap(\.int) ?? []
      guard ends.count == 2, ends[0] >= segments.last?.upperBound ?? 0, ends[0] < ends[1], ends[1] <= width else {
        segments = []
        return "the rows of the schema line are \(list.text), expected rising ranges of its features"
      }
      segments.append(ends[0]..<ends[1])
    }
    let shared = Set(segments.joined())
    others = (0..<width).filter { !shared.contains($0) }
    return segments.isEmpty ? "the rows of the schema line name no range" : nil
  }

  /// The values of a row, and how many of them are missing; nil for one that was not given.
  func row(_ number: Int) -> (values: [Double], missing: Int)? {
    rows.indices.contains(number) ? rows[number] : nil
  }

  /// Takes a row, in place of an earlier one of its number. Returns what is wrong with it, or nil.
  mutating func take(_ number: Int, _ row: [Double]) -> String? {
    guard number <= rows.count else {
      return "row \(number) comes where \(rows.count) would: a compact stream is read from its beginning"
    }
    guard segments.contains(where: { $0.count == row.count }) else {
      let counts = Set(segments.map(\.count)).sorted().map { String($0) }.joined(separator: " or ")
      return "row \(number) has \(row.count) values, expected \(counts)"
    }
    if number == rows.count {
      values += row.count
      if values > SharedRows.mostValues { return "the rows have more than \(SharedRows.mostValues) values" }
      rows.append((row, row.count { $0.isNaN }))
    } else {
      values += row.count - rows[number].values.count
      rows[number] = (row, row.count { $0.isNaN })
    }
    return nil
  }
}
