import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Several inputs in sequence, each opened when the one before ends. Readers of lines and of FASTA see the boundaries;
/// `read(into:)` concatenates the bytes.
public final class SourceChain: BlockSource {
  /// The name for messages.
  public var name: String { current?.name ?? last }
  private var paths: [String]
  private var current: BlockSource?
  private var last = "input"

  /// Makes a chain of files; throws an `IOFailure` if one of them does not exist.
  public init(paths: [String]) throws {
    for path in paths where path != "-" && access(path, R_OK) != 0 {
      throw IOFailure(.open, path: path, errno: errno)
    }
    self.paths = paths.reversed()
    last = paths.first ?? last
  }

  /// Opens the next input and returns it, nil after the last one.
  public func nextSource() throws -> BlockSource? {
    guard let path = paths.popLast() else { return nil }
    return try Input.open(path)
  }

  /// Fills the front of `buffer`; 0 at the end. Throws what the source throws.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if let current {
        let count = try current.read(into: buffer)
        if count > 0 { return count }
        last = current.name
      }
      current = try nextSource()
      if current == nil { return 0 }
    }
  }
}

/// The sources of an input, one by one, whether it is a chain or single.
struct SourceQueue {
  private let chain: SourceChain?
  private var single: BlockSource?

  init(_ source: BlockSource) {
    chain = source as? SourceChain
    single = chain == nil ? source : nil
  }

  mutating func next() throws -> BlockSource? {
    if let chain { return try chain.nextSource() }
    defer { single = nil }
    return single
  }
}
