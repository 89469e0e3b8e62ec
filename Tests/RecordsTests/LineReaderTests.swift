import Bytes
import Records
import Testing
import Workbench

@Suite struct LineReaderTests {
  /// The lines of a text with their numbers.
  private func lines(
    _ text: String, skipping blanks: LineReader.BlankLines, block: Int, maxLine: Int = 1 << 30
  ) throws -> [String] {
    let reader = LineReader(MemorySource(text, name: "in", block: block), maxLine: maxLine)
    var all: [String] = []
    while let line = try reader.next(skipping: blanks) {
      all.append("\(reader.line) \(String(decoding: line, as: UTF8.self))")
    }
    return all
  }

  /// Blank lines are passed over wherever a block ends, and are counted.
  @Test(arguments: [1, 2, 3, 5, 7, 64])
  func blankLinesArePassedOver(block: Int) throws {
    let text = "\u{FEFF}\n\na\n\r\n \t\r\n\n\n \n\n  b\n\nc\r\n\n\n \t"
    #expect(
      try lines(text, skipping: .none, block: block) == [
        "1 ", "2 ", "3 a", "4 ", "5  \t", "6 ", "7 ", "8  ", "9 ", "10   b", "11 ", "12 c", "13 ", "14 ", "15  \t",
      ])
    #expect(
      try lines(text, skipping: .empty, block: block) == ["3 a", "5  \t", "8  ", "10   b", "12 c", "15  \t"])
    #expect(try lines(text, skipping: .whitespace, block: block) == ["3 a", "10   b", "12 c"])
  }

  /// The limit is of a line without its end, and holds for blank lines too.
  @Test func theLimitHolds() throws {
    #expect(
      try lines("1234567\r\n12345678\n", skipping: .none, block: .max, maxLine: 8) == ["1 1234567", "2 12345678"])
    for text in ["123456789\n", "\n\n         \n", "\n         "] {
      #expect(throws: RecordError.self) { try lines(text, skipping: .whitespace, block: 4, maxLine: 8) }
    }
  }

  /// Lines longer than the buffer at its beginning are whole.
  @Test func longLinesAreWhole() throws {
    let long = String(repeating: "abcdefg", count: 300_000)
    #expect(try lines("x\n\(long)\n\n\(long)", skipping: .empty, block: 70_000) == ["1 x", "2 \(long)", "4 \(long)"])
  }
}
