import Bytes
import CHTSlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of plain or BGZF text that can be read from any byte of the text on.
final class SeekableInput: BlockSource {
  let name: String
  let isCompressed: Bool
  /// When the file was written last.
  let written: FileTime
  private let archive: UnsafeMutablePointer<BGZF>
  /// Bytes that may still be handed out.
  private var left = Int.max
  /// Blocks that are kept decompressed, for records that stand together.
  private static let cache: Int32 = 1 << 23

  /// Opens a file; throws an `IOFailure`, or a `RecordError` for a pipe, for gzip without blocks and for a cut archive.
  ///
  /// - Parameter notesBlocks: where blocks are is noted while the text is read from its beginning to its end; else
  ///   `readBlocks` must tell it before the first `seek`.
  init(path: String, notesBlocks: Bool) throws {
    hts_set_log_level(HTS_LOG_OFF)
    let file = try DescriptorSource(path: path)
    name = file.name
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw RecordError(
        .format, "records are picked from a file, and this is none", at: Place(source: path),
        hint: "write it to a file first")
    }
    written = FileTime(status)
    let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0, let handle = hdopen(descriptor, "r") else {
      throw IOFailure(.read, path: path, errno: errno)
    }
    guard let opened = bgzf_hopen(handle, "r") else {
      hclose_abruptly(handle)
      throw IOFailure(.read, path: path, errno: errno)
    }
    archive = opened
    let compression = bgzf_compression(archive)
    isCompressed = compression == 2
    // From here on `deinit` closes.
    let head = UnsafeRawBufferPointer(start: handle.pointee.begin, count: handle.pointee.end - handle.pointee.begin)
    try Input.refuseOtherArchive([UInt8](head), name: path)
    if compression == 1 {
      throw RecordError(
        .archive, "gzip is read from its beginning only: no record can be picked", at: Place(source: path),
        hint: "gunzip -c FILE | bgzip > OTHER.gz makes it BGZF, which is gzip in blocks")
    }
    if isCompressed {
      bgzf_set_cache_size(archive, Self.cache)
      if bgzf_check_EOF(archive) != 1 { throw CompressedSource.cut(path) }
      if notesBlocks && bgzf_index_build_init(archive) != 0 { throw IOFailure(.read, path: path, errno: ENOMEM) }
    }
  }

  deinit { bgzf_close(archive) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = bgzf_read(archive, buffer.baseAddress, min(buffer.count, left, 0xFF00))
    if count < 0 { throw isCompressed ? CompressedSource.damaged(name) : IOFailure(.read, path: name, errno: errno) }
    left -= count
    return count
  }

  /// The next bytes, nil if there are fewer.
  func read(count: Int) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = try bytes.withUnsafeMutableBytes { [done] in
        try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
      }
      if got == 0 { return nil }
      done += got
    }
    return bytes
  }

  /// Goes to a byte of the text and hands out what stands before `end`; false if there is no such byte.
  func seek(to start: Int, before end: Int) -> Bool {
    left = end - start
    return bgzf_useek(archive, off_t(start), SEEK_SET) == 0
  }

  /// The text was read to its end: `seek` finds every block.
  func hasNotedBlocks() { archive.pointee.idx_build_otf = 0 }

  /// Reads where the blocks are; throws an `IOFailure`, or a `RecordError` for another file.
  func readBlocks(from path: String) throws {
    if bgzf_index_load(archive, path, nil) == 0 { return }
    _ = try DescriptorSource(path: path)
    throw RecordError(
      .archive, "no index of BGZF blocks", at: Place(source: path), hint: "bgzip --reindex makes it again")
  }
}

/// When a file was written, to the nanosecond.
struct FileTime: Comparable {
  private let seconds: Int
  private let nanoseconds: Int

  init(_ status: stat) {
    seconds = Int(status.st_mtim.tv_sec)
    nanoseconds = Int(status.st_mtim.tv_nsec)
  }

  /// That of a file by name, nil where there is none.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  static func < (a: FileTime, b: FileTime) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}
