import Bytes

/// An entry of a `.fai` index, as samtools and htslib write it.
struct FaidxEntry {
  var name: String
  /// The number of letters.
  var length: Int
  /// The offset of the first byte after the header line, in the decompressed text.
  var offset: Int
}

/// Reads a `.fai` index: on each line a sequence's name, letters and offset, and the letters and bytes of its lines
/// (the manual page faidx(5) of htslib).
final class FaidxReader {
  let path: String
  private let lines: LineReader
  private static let longestLine = 1 << 17

  /// Opens an index; throws an `IOFailure`.
  init(path: String) throws {
    self.path = path
    lines = LineReader(try DescriptorSource(path: path), maxLine: Self.longestLine)
  }

  /// The number of the line read last.
  var place: SourceLocation { lines.place() }

  /// Returns the next entry, nil at the end; throws a `RecordError` for a line that is not one of a FASTA index.
  func next() throws -> FaidxEntry? {
    guard let line = try lines.next() else { return nil }
    let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
    let numbers = fields.dropFirst().compactMap { NumberText.integer(UnsafeBufferPointer(rebasing: $0)) }
    guard fields.count == 5, numbers.count == 4, numbers.allSatisfy({ $0 >= 0 }) else {
      throw RecordError(
        .ragged, "\(Diagnostic.quoted(bytes: line)) is no line of an index of FASTA", at: place,
        hint: FaidxFiles.hint(path))
    }
    return FaidxEntry(name: String(decoding: fields[0], as: UTF8.self), length: numbers[0], offset: numbers[1])
  }
}
