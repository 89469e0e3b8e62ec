import Arrays
import Bytes

/// Rows of features of instances, of which the features of one partner (`BLOCK.a.*`, `BLOCK.b.*`) are held once for all
/// its instances; an instance says by number which partners it has.
///
/// Partners are found by their ids. A row that differs from the last one of its id is held too, so the rows that come
/// out are those that went in, bit for bit. Memory: 4 bytes per feature of a partner, and per instance 4 bytes per
/// feature of both partners and 8 bytes.
final class InstanceRows {
  /// The columns of a part of the rows, in runs of consecutive ones, each with its start in the part.
  struct Part {
    var columns: [Int] = []
    fileprivate var runs: [(columns: Range<Int>, start: Int)] = []

    fileprivate func gather(_ row: UnsafeBufferPointer<Float>, into out: UnsafeMutablePointer<Float>) {
      guard let row = row.baseAddress else { return }
      for run in runs { (out + run.start).update(from: row + run.columns.lowerBound, count: run.columns.count) }
    }

    fileprivate func scatter(_ values: UnsafePointer<Float>, into row: UnsafeMutableBufferPointer<Float>) {
      guard let row = row.baseAddress else { return }
      for run in runs { (row + run.columns.lowerBound).update(from: values + run.start, count: run.columns.count) }
    }
  }

  /// The columns of the first partner, of the second, and of both.
  let parts: (first: Part, second: Part, both: Part)
  private let first: PartnerTable
  private let second: PartnerTable
  private let shared = GrowingBuffer<Float>()
  /// The number of rows.
  private(set) var count = 0

  /// No rows of `width` features; without names no feature is of one partner.
  init(width: Int, names: [String]?) {
    let columns = PairColumns(
      owners: names.map { $0.map(PairColumns.owner(of:)) } ?? Array(repeating: .both, count: width))
    var parts = (first: Part(), second: Part(), both: Part())
    for run in columns.runs(in: [0..<width]) {
      func add(to part: inout Part) {
        part.runs.append((run.columns, part.columns.count))
        part.columns += run.columns
      }
      switch run.owner {
      case .first: add(to: &parts.first)
      case .second: add(to: &parts.second)
      case .both: add(to: &parts.both)
      }
    }
    self.parts = parts
    (first, second) = (PartnerTable(parts.first.columns.count), PartnerTable(parts.second.columns.count))
  }

  /// The memory in bytes.
  var bytes: Int { first.bytes + second.bytes + shared.bytes }

  /// Adds a row of the partners of these ids; a partner without an id is held for this row alone.
  func append(_ row: UnsafeBufferPointer<Float>, _ a: String?, _ b: String?) throws {
    try first.append(a) { parts.first.gather(row, into: $0) }
    try second.append(b) { parts.second.gather(row, into: $0) }
    let room = try shared.extend(by: parts.both.columns.count)
    if let start = room.baseAddress { parts.both.gather(row, into: start) }
    count += 1
  }

  /// Removes the last rows, down to `size` of them.
  func shorten(to size: Int) {
    count = size
    first.shorten(to: size)
    second.shorten(to: size)
    shared.shorten(to: size * parts.both.columns.count)
  }

  /// Writes a row; parts for which a `view` has values come from there.
  func copy(_ row: Int, into out: UnsafeMutableBufferPointer<Float>, _ view: ScaledPartners? = nil) {
    precondition(row >= 0 && row < count, "a row of this store")
    if let a = first.row(row, view?.first) { parts.first.scatter(a, into: out) }
    if let b = second.row(row, view?.second) { parts.second.scatter(b, into: out) }
    if let start = shared.start { parts.both.scatter(start + row * parts.both.columns.count, into: out) }
  }

  /// The partners' features changed by packers for the columns of either; `offsets` are first added to the stored
  /// values. Throws the error that `fault` makes of a row, a column and its value that Float32 can't hold.
  func scaled(
    _ a: RowPacker, _ b: RowPacker, offsets: [Double], fault: (Int, Int, Double) -> BagsError
  ) throws -> ScaledPartners {
    func scaled(_ table: PartnerTable, _ part: Part, _ packer: RowPacker) throws -> GrowingBuffer<Float> {
      try table.scaled(packer, offsets: offsets.isEmpty ? [] : part.columns.map { offsets[$0] }) {
        fault($0, part.columns[$1], $2)
      }
    }
    return ScaledPartners(first: try scaled(first, parts.first, a), second: try scaled(second, parts.second, b))
  }
}

/// The features of partners after a change, in the order in which `InstanceRows` holds them. Only read once it is made.
struct ScaledPartners: @unchecked Sendable {
  fileprivate let first: GrowingBuffer<Float>
  fileprivate let second: GrowingBuffer<Float>
}

/// The features of one partner of each instance, each different row of an id once.
private final class PartnerTable {
  private let width: Int
  private let values = GrowingBuffer<Float>()
  /// The partner of each instance.
  private let index = GrowingBuffer<Int32>()
  /// The last partner of each id.
  private var numbers: [String: Int32] = [:]
  private var partners = 0

  init(_ width: Int) { self.width = width }

  var bytes: Int { values.bytes + index.bytes }

  /// Adds an instance with the partner of this id, whose features `write` writes.
  func append(_ id: String?, _ write: (UnsafeMutablePointer<Float>) -> Void) throws {
    if width == 0 { return }
    let room = try values.extend(by: width)
    guard let new = room.baseAddress, let start = values.start else { return }
    write(new)
    if let id, let number = numbers[id], isSame(new, start + Int(number) * width) {
      values.shorten(to: partners * width)
      return try index.append(number)
    }
    if let id { numbers[id] = Int32(partners) }
    try index.append(Int32(partners))
    partners += 1
  }

  private func isSame(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Bool {
    for column in 0..<width where a[column].bitPattern != b[column].bitPattern { return false }
    return true
  }

  /// Forgets the last instances; their partners stay.
  func shorten(to instances: Int) { if width > 0 { index.shorten(to: instances) } }

  func row(_ instance: Int, _ other: GrowingBuffer<Float>?) -> UnsafePointer<Float>? {
    guard width > 0, let start = (other ?? values).start else { return nil }
    return UnsafePointer(start + Int(index.buffer[instance]) * width)
  }

  func scaled(
    _ packer: RowPacker, offsets: [Double], fault: (Int, Int, Double) -> BagsError
  ) throws -> GrowingBuffer<Float> {
    let result = GrowingBuffer<Float>()
    guard width > 0, let start = values.start else { return result }
    let room = try result.extend(by: partners * width)
    var row = [Double](repeating: 0, count: width)
    try row.withUnsafeMutableBufferPointer { row in
      for partner in 0..<partners {
        for column in 0..<width { row[column] = Double(start[partner * width + column]) }
        for column in offsets.indices { row[column] += offsets[column] }
        let to = UnsafeMutableBufferPointer(rebasing: room[partner * width..<(partner + 1) * width])
        guard let column = try packer.pack(row, into: to) else { continue }
        throw fault(index.buffer.firstIndex(of: Int32(partner)) ?? 0, column, row[column])
      }
    }
    return result
  }
}
