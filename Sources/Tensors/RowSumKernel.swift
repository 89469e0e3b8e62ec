/// Rows of a table by the row they belong to: a compressed list per row, in the order in which the rows were named.
public struct RowLists {
  /// Offsets of the lists, rows + 1.
  public let starts: UnsafePointer<Int32>
  /// The members of all lists, one after another.
  public let members: UnsafePointer<Int32>

  /// Sorts 0..<`count` by `keys`, members of one key in their order, in the `rows` + 1 + `count` numbers of `memory`.
  ///
  /// `values`, where given, are written in place of the members' own numbers. Keys are 0..<`rows`.
  public init(
    keys: UnsafePointer<Int32>, count: Int, rows: Int, values: UnsafePointer<Int32>? = nil, in memory: Buffer<Int32>,
    at offset: Int = 0
  ) {
    let starts = memory.start + offset
    let members = starts + rows + 1
    starts.update(repeating: 0, count: rows + 1)
    for item in 0..<count { starts[Int(keys[item]) + 1] += 1 }
    for row in 0..<rows { starts[row + 1] += starts[row] }
    // `starts` is moved along while the lists are filled, and back by one row afterwards.
    for item in 0..<count {
      let row = Int(keys[item])
      members[Int(starts[row])] = values?[item] ?? Int32(item)
      starts[row] += 1
    }
    for row in stride(from: rows, to: 0, by: -1) { starts[row] = starts[row - 1] }
    starts[0] = 0
    (self.starts, self.members) = (UnsafePointer(starts), UnsafePointer(members))
  }

  /// The numbers that lists of `count` members over `rows` rows take.
  public static func size(count: Int, rows: Int) -> Int { rows + 1 + count }

  /// The members of a row.
  public func members(of row: Int) -> UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(start: members + Int(starts[row]), count: Int(starts[row + 1] - starts[row]))
  }
}

/// Sums of rows by lists: y[i] += scale[i] · Σ_{m in list i} weight[m] · x[m].
public enum RowSumKernel {
  private static let kernels = FusedKernels.best
  private static let blockValues = 1 << 14
  /// Members that are added to each other before they are added to the sum: long sums lose less.
  private static let stretch = 64

  /// Adds to `y`, rows × width. Members are added in the order of their list, in stretches of 64, whatever the threads.
  ///
  /// `scale` holds one factor per row of `y`, `weight` one per row of `x`; nil is 1 everywhere.
  public static func add(
    _ lists: RowLists, rows: Int, width: Int, x: UnsafePointer<Float>, scale: UnsafePointer<Float>? = nil,
    weight: UnsafePointer<Float>? = nil, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(rows, size: max(1, blockValues / max(1, 4 * width))) { _, range, worker in
      let total = work.scratch(worker, 2 * width)
      let part = total + width
      for row in range {
        let members = lists.members(of: row)
        total.update(repeating: 0, count: width)
        for start in stride(from: 0, to: members.count, by: stretch) {
          part.update(repeating: 0, count: width)
          let end = min(start + stretch, members.count)
          guard let weight, let first = members.baseAddress else {
            if let first = members.baseAddress {
              kernels.table.pointee.add_indexed(x, first + start, end - start, width, part)
            }
            kernels.table.pointee.add_columns(part, 1, width, total)
            continue
          }
          for place in start..<end {
            let from = x + Int(first[place]) * width
            let factor = weight[Int(first[place])]
            for column in 0..<width { part[column] += factor * from[column] }
          }
          for column in 0..<width { total[column] += part[column] }
        }
        guard let scale else {
          kernels.table.pointee.add_columns(total, 1, width, y + row * width)
          continue
        }
        for column in 0..<width { y[row * width + column] += scale[row] * total[column] }
      }
    }
  }

  /// Copies rows: y[i] = x[rows[i]].
  public static func gather(
    count: Int, width: Int, rows: UnsafePointer<Int32>, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: max(1, blockValues / max(1, width))) { _, range, _ in
      for row in range { (y + row * width).update(from: x + Int(rows[row]) * width, count: width) }
    }
  }
}
