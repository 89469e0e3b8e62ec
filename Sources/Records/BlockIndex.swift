import Bytes

/// The offsets of the blocks of a BGZF file, 16 bytes per block.
///
/// htslib ends the process on a faulty index file; this reader throws.
struct BlockIndex {
  /// The offset of each block in the text and in the file, both ascending.
  private var texts = [0]
  private var files = [0]

  /// Makes an index of the first block alone.
  init() {}

  /// Reads a `.gzi` file: the number of blocks but the first, and for each its byte in the file and in the text, as
  /// little-endian numbers of 64 bits (bgzip(1) of htslib).
  /// - Throws: an `IOFailure`, or a `RecordError` for what can't be the index of a file of `size` bytes.
  init(reading path: String, for size: Int) throws {
    let input = try DescriptorSource(path: path)
    func number(_ place: Int) throws -> Int? {
      var value: UInt64 = 0
      let count = try withUnsafeMutableBytes(of: &value) { try input.read(into: $0, at: 8 * place) }
      return count == 8 ? Int(exactly: UInt64(littleEndian: value)) : nil
    }
    let fault = RecordError(
      .archive, "this is no index of the file's BGZF blocks", at: SourceLocation(source: path),
      hint: FaidxFiles.hint(path))
    guard let count = try number(0) else { throw fault }
    var place = 1
    while let file = try number(place), let text = try number(place + 1) {
      guard file > files[files.count - 1], file < size, text >= texts[texts.count - 1] else { throw fault }
      files.append(file)
      texts.append(text)
      place += 2
    }
    guard files.count - 1 == count, try number(place) == nil else { throw fault }
  }

  /// Adds a block behind the known ones; others are ignored.
  mutating func note(text: Int, file: Int) {
    guard text > texts[texts.count - 1] else { return }
    texts.append(text)
    files.append(file)
  }

  /// The last known block that starts at or before a byte of the text.
  func block(of byte: Int) -> (text: Int, file: Int) {
    var (low, high) = (0, texts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if texts[middle] <= byte { low = middle } else { high = middle }
    }
    return (texts[low], files[low])
  }
}
