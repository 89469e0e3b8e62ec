#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A growing column of scores, 8 bytes each.
///
/// An Array holds two copies for a moment when it grows; a large block that `realloc` enlarges is remapped instead.
/// Sorting takes up to half of the column's memory in addition.
final class ScoreColumn {
  private var base: UnsafeMutablePointer<Double>?
  private var capacity = 0
  private(set) var count = 0
  private var isSorted = true

  deinit { free(base) }

  func append(_ score: Double) {
    if count == capacity { grow() }
    base![count] = score
    count += 1
    isSorted = false
  }

  private func grow() {
    capacity = max(8, capacity * 2)
    let block = realloc(base, capacity * MemoryLayout<Double>.stride)
    precondition(block != nil, "out of memory for \(capacity) scores")
    base = block!.bindMemory(to: Double.self, capacity: capacity)
  }

  /// The scores, in the order in which they came until `descending` is called.
  var values: UnsafeBufferPointer<Double> { UnsafeBufferPointer(start: base, count: count) }

  /// The scores from the highest to the lowest; sorts once.
  func descending() -> UnsafeBufferPointer<Double> {
    if !isSorted {
      var scores = UnsafeMutableBufferPointer(start: base, count: count)
      scores.sort(by: >)
      isSorted = true
    }
    return UnsafeBufferPointer(start: base, count: count)
  }
}
