import Bytes
import Records

/// Splits a CIF file into its words (CIF 1.1, Hall and others 1991; the grammar of PDBx/mmCIF).
///
/// A tokeniser of our own rather than a library such as gemmi: one table of a file is read, and what reads it should
/// stream, say line and column of a fault, refuse what is cut instead of guessing, and need no further package.
struct CIFTokens {
  /// The kinds of word.
  enum Word { case data, save, loop, name, value, end }

  private let lines: LineReader
  private var line: UnsafeBufferPointer<UInt8>
  private var p = 0
  private var isOpen = true
  /// The bytes of the last word: of a data block its name, of a quoted value what stands between the quotes. A view of
  /// the line, valid until the next word.
  private(set) var bytes: UnsafeBufferPointer<UInt8>
  /// Whether the last value stood between quotes: then `.` and `?` are texts.
  private(set) var isQuoted = false
  /// Whether the last value was a text of several lines, of which `bytes` has nothing.
  private(set) var isText = false
  /// Whether the last word, or the end of the file, came behind a comment.
  private(set) var followsComment = false
  private var column = 1

  /// Starts within a line that was read already.
  init(_ lines: LineReader, from line: UnsafeBufferPointer<UInt8>) {
    self.lines = lines
    self.line = line
    bytes = line
  }

  /// The location of the last word.
  var place: SourceLocation { lines.place(column: column) }

  /// Whether a word begins a data block.
  static func isData(_ word: UnsafeBufferPointer<UInt8>) -> Bool { begins(word, "data_") }

  /// Reads the next word; throws a `StructureError` for an open quote or text, and what the reader of lines throws.
  mutating func next() throws -> Word {
    isQuoted = false
    isText = false
    followsComment = false
    guard try skipBlanks() else { return .end }
    column = p + 1
    let first = line[p]
    if first == UInt8(ascii: ";"), p == 0 { return try textField() }
    if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") { return try quoted(first) }
    let start = p
    while p < line.count, !Self.isBlank(line[p]) { p += 1 }
    bytes = UnsafeBufferPointer(rebasing: line[start..<p])
    switch first {
    case UInt8(ascii: "_"): return .name
    case UInt8(ascii: "$"), UInt8(ascii: "["), UInt8(ascii: "]"):
      throw StructureError(
        .syntax, "a value that begins with '\(UnicodeScalar(first))' has no quotes around it", at: place)
    default: break
    }
    if Self.begins(bytes, "data_") {
      bytes = UnsafeBufferPointer(rebasing: bytes[5...])
      return .data
    }
    if bytes.count == 5, Self.begins(bytes, "loop_") { return .loop }
    return Self.begins(bytes, "save_") ? .save : .value
  }

  /// Moves to the next byte that is neither blank nor of a comment; false at the end of the file.
  private mutating func skipBlanks() throws -> Bool {
    while true {
      while p < line.count, Self.isBlank(line[p]) { p += 1 }
      if p < line.count, line[p] != UInt8(ascii: "#") { return true }
      if p < line.count { followsComment = true }
      guard try nextLine() else { return false }
    }
  }

  private mutating func nextLine() throws -> Bool {
    guard isOpen, let next = try lines.next() else {
      isOpen = false
      line = UnsafeBufferPointer(rebasing: line[..<0])
      p = 0
      return false
    }
    line = next
    p = 0
    return true
  }

  /// A value between quotes, which end before a blank or the end of the line.
  private mutating func quoted(_ quote: UInt8) throws -> Word {
    let start = p + 1
    p += 1
    while p < line.count {
      if line[p] == quote, p + 1 == line.count || Self.isBlank(line[p + 1]) {
        bytes = UnsafeBufferPointer(rebasing: line[start..<p])
        p += 1
        isQuoted = true
        return .value
      }
      p += 1
    }
    throw StructureError(
      .syntax,
      "the quote of \(Diagnostic.quoted(bytes: UnsafeBufferPointer(rebasing: line[(start - 1)...]))) "
        + "does not end on its line", at: place)
  }

  /// A value of several lines between lines that begin with a semicolon.
  private mutating func textField() throws -> Word {
    let begin = place
    while try nextLine() {
      if line.first == UInt8(ascii: ";") {
        p = 1
        isText = true
        bytes = UnsafeBufferPointer(rebasing: line[..<0])
        return .value
      }
    }
    throw StructureError(
      .syntax, "the text that begins here has no end: the file was cut", at: begin,
      hint: "fetch or write the file again")
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func begins(_ word: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    guard word.count >= text.utf8CodeUnitCount else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { word[$0] | 0x20 == text.utf8Start[$0] | 0x20 }
  }
}
