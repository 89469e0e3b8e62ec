import Bytes
import Records
import Testing

@Suite struct InputTests {
  /// Twelve short lines, and the same as gzip with two members and as BGZF with three blocks and its end block.
  static let text = (0..<12).map { "id\($0)\t\($0 * $0 % 97)\n" }.joined()
  static let firstMember = 66
  static let gzip: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 21, 138, 185, 17, 0, 32, 12, 195, 106, 49,
    13, 121, 8, 176, 15, 13, 251, 47, 128, 105, 164, 243, 201, 247, 116, 122, 187, 199, 48, 209,
    73, 49, 216, 98, 98, 37, 13, 124, 72, 69, 252, 53, 201, 223, 22, 165, 227, 3, 156, 214,
    59, 206, 60, 0, 0, 0, 31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 75, 177, 228, 180,
    48, 228, 202, 76, 49, 52, 224, 52, 6, 81, 134, 156, 70, 38, 92, 0, 39, 157, 60, 34,
    21, 0, 0, 0,
  ]
  static let bgzf: [UInt8] = [
    31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 53, 0, 203, 76,
    49, 224, 52, 224, 202, 76, 49, 228, 52, 4, 146, 70, 156, 38, 64, 210, 152, 211, 18, 72,
    154, 112, 26, 154, 1, 0, 243, 240, 222, 25, 30, 0, 0, 0, 31, 139, 8, 4, 0, 0,
    0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 54, 0, 227, 202, 76, 49, 229, 52, 50, 229,
    202, 76, 49, 227, 52, 54, 3, 82, 230, 156, 38, 150, 64, 202, 130, 211, 204, 132, 43, 19,
    0, 70, 231, 160, 175, 30, 0, 0, 0, 31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6,
    0, 66, 67, 2, 0, 45, 0, 75, 177, 228, 180, 48, 228, 202, 76, 49, 52, 224, 52, 6,
    81, 134, 156, 70, 38, 92, 0, 39, 157, 60, 34, 21, 0, 0, 0, 31, 139, 8, 4, 0,
    0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 27, 0, 3, 0, 0, 0, 0, 0, 0,
    0, 0, 0,
  ]

  func read(_ bytes: [UInt8]) throws -> [UInt8] {
    let path = try temporaryFile(bytes)
    return try drain(Input.open(path), block: 37)
  }

  @Test func threeForms() throws {
    let plain = Array(InputTests.text.utf8)
    #expect(try read(plain) == plain)
    #expect(try read(InputTests.gzip) == plain)
    #expect(try read(InputTests.bgzf) == plain)
    for short in [[], [0x1F], [65], [65, 66]] as [[UInt8]] { #expect(try read(short) == short) }
  }

  @Test func everyCutIsAnError() throws {
    for count in 2..<InputTests.gzip.count where count != InputTests.firstMember {
      #expect(throws: RecordError.self, "gzip cut at \(count)") { try read(Array(InputTests.gzip[..<count])) }
    }
    for count in 2..<InputTests.bgzf.count {
      #expect(throws: RecordError.self, "bgzf cut at \(count)") { try read(Array(InputTests.bgzf[..<count])) }
    }
  }

  @Test func everyFlippedBitIsAnErrorOrHarmless() throws {
    let plain = Array(InputTests.text.utf8)
    for (archive, step) in [(InputTests.gzip, 3), (InputTests.bgzf, 5)] {
      for bit in stride(from: 0, to: archive.count * 8, by: step) {
        var damaged = archive
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        // The magic bytes decide whether it is an archive at all.
        if bit < 16 { continue }
        let got = try? read(damaged)
        #expect(got == nil || got == plain, "bit \(bit)")
      }
    }
  }

  @Test func garbageAfterAnArchiveIsAnError() {
    #expect(throws: RecordError.self) { try read(InputTests.gzip + [1, 2, 3]) }
    #expect(throws: RecordError.self) { try read(InputTests.bgzf + [1, 2, 3]) }
  }

  @Test func otherArchivesAreNamed() throws {
    for head in [[0x28, 0xB5, 0x2F, 0xFD], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], [0x50, 0x4B, 3, 4], [0xFF, 0xFE]]
      as [[UInt8]]
    {
      do {
        _ = try read(head + [0, 0, 0, 0])
        Issue.record("taken")
      } catch let error as RecordError {
        #expect(error.kind == .archive)
      }
    }
  }

  @Test func linesInBlocksOfAnySize() throws {
    let text = "\u{FEFF}one\r\n\ntwo\nthree\r"
    for block in 1...12 {
      let lines = LineReader(MemorySource(text, block: block))
      var all: [String] = []
      while let line = try lines.next() { all.append("\(lines.line):" + String(decoding: line, as: UTF8.self)) }
      #expect(all == ["1:one", "2:", "3:two", "4:three"])
    }
  }

  @Test func schemasDiffer() throws {
    let a = try Schema(names: ["x", "y"])
    #expect(try a.firstDifference(from: Schema(names: ["x", "y"])) == nil)
    #expect(try a.firstDifference(from: Schema(names: ["x", "z"])) == "feature 2 is 'y', expected 'z'")
    #expect(try a.firstDifference(from: Schema(names: ["x"])) == "2 features, expected 1: 'y' is one too many")
    #expect(try a.firstDifference(from: Schema(names: ["x", "y", "z"])) == "2 features, expected 3: 'z' is missing")
    #expect(a.digest == SHA256.digest12(of: ["x", "y"]))
    for bad in [["x", "x"], [""], ["id"], ["a\tb"]] { #expect(throws: RecordError.self) { try Schema(names: bad) } }
  }
}
