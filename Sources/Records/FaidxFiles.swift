import Bytes
import CHTSlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The index of a FASTA file as samtools and bgzip make it: `FILE.fai`, and `FILE.gzi` for the blocks of BGZF.
struct FaidxFiles {
  private let input: String
  /// The paths of the index of sequences and of that of blocks, which only BGZF has.
  private let paths: [String]
  private var drafts: [FileOutput] = []
  private var isKept = true

  /// Makes the paths for an input.
  init(of input: SeekableInput) {
    self.input = input.name
    paths = [input.name + ".fai"] + (input.isCompressed ? [input.name + ".gzi"] : [])
  }

  /// The hint for an index that does not fit.
  static func hint(_ path: String) -> String {
    "remove \(path), and it is made again; or --index none, which does without"
  }

  /// The index, for what was written at `time`, and the file of the blocks; both must be there and no older.
  /// - Throws: a `RecordError`, or an `IOFailure` with status 66.
  func trusted(since time: FileTime) throws -> (sequences: FaidxReader, blocks: String?) {
    for path in paths {
      guard let own = FileTime(path: path) else {
        throw RecordError(.format, "there is no index \(path) to trust", at: nil, hint: "--index check makes it")
      }
      if own < time {
        throw RecordError(
          .format, "the index is older than \(input), and may be that of another text",
          at: SourceLocation(source: path),
          hint: Self.hint(path))
      }
    }
    return (try FaidxReader(path: paths[0]), paths.count > 1 ? paths[1] : nil)
  }

  /// The index of the sequences; what is missing is made first, under other names until `keep()`. Nil if htslib makes
  /// none of this input.
  ///
  /// Where the folder can't be written, the files are made in another one and go again.
  /// - Throws: an `IOFailure`.
  mutating func open() throws -> FaidxReader? {
    if paths.allSatisfy(Self.isThere) { return try FaidxReader(path: paths[0]) }
    do {
      drafts = try paths.map { try OutputFile.open(path: $0, isNamed: true, mayReplaceInput: true) }
    } catch is IOFailure {
      isKept = false
      drafts = try paths.map {
        try OutputFile.open(path: "/tmp/" + ($0.split(separator: "/").last ?? ""), isNamed: true)
      }
    }
    let names = try ([input] + drafts.map(\.temporaryPath)).map(Self.absolute)
    errno = 0
    if fai_build3(names[0], names[1], names.count > 2 ? names[2] : nil) != 0 {
      if [ENOSPC, EDQUOT, EIO].contains(errno) { throw IOFailure(.write, path: paths[0], errno: errno) }
      discard()
      return nil
    }
    return try FaidxReader(path: Self.isThere(paths[0]) ? paths[0] : names[1])
  }

  /// Moves newly made indexes to their final names and reports them; throws an `IOFailure` with status 73 or 74.
  mutating func keep(_ report: (Diagnostic) -> Void) throws {
    guard !drafts.isEmpty else { return }
    if !isKept {
      report(Diagnostic(.success, "the index of \(input) is not kept: its folder can't be written"))
      return discard()
    }
    // The index of blocks first, so that it exists whenever that of sequences does.
    for (path, draft) in zip(paths, drafts).reversed() {
      if Self.isThere(path) {
        draft.discard()
      } else {
        try draft.commit()
        report(Diagnostic(.success, "made the index \(path)"))
      }
    }
    drafts = []
  }

  private mutating func discard() {
    for draft in drafts { draft.discard() }
    drafts = []
  }

  private static func isThere(_ path: String) -> Bool { FileTime(path: path) != nil }

  /// The absolute path, as htslib would take text before a colon for a protocol.
  private static func absolute(_ path: String) throws -> String {
    guard let whole = realpath(path, nil) else { throw IOFailure(.open, path: path, errno: errno) }
    defer { free(whole) }
    return String(cString: whole)
  }
}
