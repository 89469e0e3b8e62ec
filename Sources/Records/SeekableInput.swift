import Bytes
import CHTSlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A plain or BGZF file that can be read from any offset of its text.
final class SeekableInput: BlockSource {
  let name: String
  /// The time of the file's last change.
  let written: FileTime
  var isCompressed: Bool { archive != nil }
  private let file: DescriptorSource
  private let size: Int
  private var archive: UnsafeMutablePointer<BGZF>?
  private var blocks = BlockIndex()
  private var scratch = [UInt8](repeating: 0, count: 1 << 16)
  /// The offset of the next byte in the text.
  private var position = 0
  /// The number of bytes up to the end of the wanted range.
  private var left = Int.max
  /// The number of bytes of decompressed blocks that are kept, for adjacent records.
  private static let cache: Int32 = 1 << 23

  /// Opens a file; throws an `IOFailure`, or a `RecordError` for a pipe, for gzip without blocks and for a cut archive.
  ///
  /// Blocks are found by `seek` if the text was read up to them, or `readBlocks` knows them.
  init(path: String) throws {
    file = try DescriptorSource(path: path)
    name = file.name
    var status = stat()
    guard fstat(file.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw RecordError(
        .format, "records are picked from a file, and this is none", at: SourceLocation(source: path),
        hint: "write it to a file first")
    }
    written = FileTime(status)
    size = Int(status.st_size)
    var head = [UInt8](repeating: 0, count: 18)
    head.removeLast(head.count - (try head.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }))
    try Input.refuseOtherArchive(head, name: name)
    if head.starts(with: [0x1F, 0x8B]) { try openArchive() }
  }

  deinit { _ = archive.map { bgzf_close($0) } }

  private func openArchive() throws {
    hts_set_log_level(HTS_LOG_OFF)
    let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0, let handle = hdopen(descriptor, "r") else {
      throw IOFailure(.read, path: name, errno: errno)
    }
    guard let opened = bgzf_hopen(handle, "r") else {
      hclose_abruptly(handle)
      throw CompressedSource.damaged(name)
    }
    archive = opened
    guard bgzf_compression(opened) == 2 else {
      throw RecordError(
        .archive, "gzip is read from its beginning only: no record can be picked", at: SourceLocation(source: name),
        hint: "gunzip -c FILE | bgzip > OTHER.gz makes it BGZF, which is gzip in blocks")
    }
    if bgzf_check_EOF(opened) != 1 { throw CompressedSource.cut(name) }
    bgzf_set_cache_size(opened, Self.cache)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, left)])
    let count = try archive.map { try read($0, part) } ?? file.read(into: part, at: position)
    position += count
    left -= count
    if let archive {
      blocks.note(text: position - Int(archive.pointee.block_offset), file: Int(archive.pointee.block_address))
    }
    return count
  }

  /// Reads at most what a block holds, so that most blocks are noted.
  private func read(
    _ archive: UnsafeMutablePointer<BGZF>, _ buffer: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    let count = bgzf_read(archive, buffer.baseAddress, min(buffer.count, 0xFF00))
    if count < 0 { throw CompressedSource.damaged(name) }
    return count
  }

  /// Returns the next bytes, nil if there are fewer.
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

  /// Moves to an offset of the text; reading then stops at `end`. Returns false if the text ends before the offset.
  /// - Throws: an `IOFailure`, or a `RecordError` for a damaged archive.
  func seek(to start: Int, before end: Int) throws -> Bool {
    position = start
    left = end - start
    guard let archive else { return true }
    let block = blocks.block(of: start)
    guard bgzf_seek(archive, Int64(block.file) << 16, SEEK_SET) == 0 else { return false }
    position = block.text
    left = start - block.text
    while left > 0 {
      let count = try scratch.withUnsafeMutableBytes { try read(into: $0) }
      if count == 0 { return false }
    }
    left = end - start
    return true
  }

  /// Reads the index of blocks; throws an `IOFailure`, or a `RecordError` for another file's.
  func readBlocks(from path: String) throws { blocks = try BlockIndex(reading: path, for: size) }
}

/// The time of a file's last change, in nanoseconds.
struct FileTime: Comparable {
  private let seconds: Int
  private let nanoseconds: Int

  init(_ status: stat) {
    seconds = Int(status.st_mtim.tv_sec)
    nanoseconds = Int(status.st_mtim.tv_nsec)
  }

  /// Reads the time of a file, nil if it does not exist.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  static func < (a: FileTime, b: FileTime) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}
