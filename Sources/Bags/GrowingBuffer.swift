import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One allocation that grows in place where the system can: large blocks are moved by remapping pages, not by copying,
/// so that filling it never takes twice its size.
///
/// Filled by one owner; may be read from several threads once it is complete.
final class GrowingBuffer<Element: BitwiseCopyable> {
  private(set) var count = 0
  private var capacity = 0
  private(set) var start: UnsafeMutablePointer<Element>?

  init() {}

  deinit { free(start) }

  var buffer: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: start, count: count) }
  var bytes: Int { count * MemoryLayout<Element>.stride }

  /// Adds `more` uninitialised elements at the end and returns them. Throws `BagsError` where there is no memory.
  func extend(by more: Int) throws -> UnsafeMutableBufferPointer<Element> {
    let (need, overflow) = count.addingReportingOverflow(more)
    if overflow { throw BagsError(.noMemory(bytes: Int.max)) }
    if need > capacity { try grow(to: max(need, capacity + capacity / 2, 1024)) }
    let added = UnsafeMutableBufferPointer(start: start.map { $0 + count }, count: more)
    count = need
    return added
  }

  func append(_ element: Element) throws { try extend(by: 1)[0] = element }

  /// Removes the last elements, down to `size` of them.
  func shorten(to size: Int) {
    precondition(size <= count, "a buffer is shortened")
    count = size
  }

  private func grow(to wanted: Int) throws {
    let (size, overflow) = wanted.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, let memory = realloc(start, size) else {
      throw BagsError(.noMemory(bytes: overflow ? Int.max : size))
    }
    start = memory.assumingMemoryBound(to: Element.self)
    capacity = wanted
  }
}
