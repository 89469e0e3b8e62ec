import Bytes

/// A buffer for the numbers of one row, filled through pointers.
final class NumberRun {
  let values: UnsafeMutablePointer<Double>
  let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    values = .allocate(capacity: max(1, capacity))
  }

  deinit { values.deallocate() }

  /// Reads numbers with `separator` between them to `values[from...]` until `upTo` are there or a cell is not a number.
  ///
  /// Returns the number of values now in the buffer. `p` is left after the last number if all were read, else at the
  /// first byte of the cell that was not.
  @inline(never)
  func fill(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, separator: UInt8, from: Int, upTo: Int
  ) -> Int {
    var n = from
    var q = p
    var value = 0.0
    while n < upTo {
      guard let next = NumberText.scan(q, end, into: &value) else { break }
      if n + 1 == upTo {
        guard next == end || next.pointee == separator || separator == 0x2C else { break }
        values[n] = value
        n += 1
        q = next
        break
      }
      guard next < end, next.pointee == separator else { break }
      values[n] = value
      n += 1
      q = next + 1
    }
    p = q
    return n
  }
}
