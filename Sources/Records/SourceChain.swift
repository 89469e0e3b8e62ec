import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Several inputs one after the other, each opened when its turn comes; readers of lines and of FASTA see where each
/// begins, for everybody else the bytes simply follow each other.
public final class SourceChain: BlockSource {
  /// The name for messages.
  public var name: String { current?.name ?? last }
  private var paths: [String]
  private var current: BlockSource?
  private var last = "input"

  /// Chains files; throws an `IOFailure` at once if one of them is not there.
  public init(paths: [String]) throws {
    for path in paths where path != "-" && access(path, R_OK) != 0 {
      throw IOFailure(.open, path: path, errno: errno)
    }
    self.paths = paths.reversed()
    last = paths.first ?? last
  }

  /// Opens the next input; nil after the last one.
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

/// One block source after the other, whether an input is a chain or single.
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
