/// Growable 64-byte aligned memory, reused from batch to batch. Not thread-safe.
public final class Buffer<Element: BitwiseCopyable> {
  /// The number of elements in use.
  public private(set) var count = 0
  private var capacity = 0
  private var memory: UnsafeMutablePointer<Element>

  /// Makes an empty buffer.
  public init() {
    memory = Self.allocate(0)
  }

  /// Returns memory for `count` elements with undefined content.
  @discardableResult public func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
    if count > capacity {
      UnsafeMutableRawPointer(memory).deallocate()
      // Batches differ in size: a little more than asked for saves most of the later growths.
      capacity = max(count, capacity + capacity / 8)
      memory = Self.allocate(capacity)
    }
    self.count = count
    return memory
  }

  /// Returns memory for `count` elements, all set to `value`.
  @discardableResult public func fill(_ count: Int, with value: Element) -> UnsafeMutablePointer<Element> {
    let start = reserve(count)
    start.update(repeating: value, count: count)
    return start
  }

  /// The first element; valid until more is reserved.
  public var start: UnsafeMutablePointer<Element> { memory }
  /// The elements in use.
  public var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: memory, count: count) }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    let bytes = max(64, count * MemoryLayout<Element>.stride)
    return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Element.self, capacity: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(memory).deallocate() }
}
