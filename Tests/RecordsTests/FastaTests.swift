import Bytes
import Records
import Testing
import Workbench

@Suite struct FastaTests {
  func records(_ bytes: [UInt8], block: Int = .max) throws -> [FastaRecord] {
    let reader = try FastaReader(MemorySource(bytes, name: "in", block: block))
    var all: [FastaRecord] = []
    while try reader.next() { all.append(reader.record) }
    return all
  }

  func summary(_ text: String, block: Int = .max) throws -> [String] {
    try records(Array(text.utf8), block: block).map { "\($0.id)=\(String(decoding: $0.sequence, as: UTF8.self))" }
  }

  func message(_ text: String) -> String? { message(Array(text.utf8)) }

  func message(_ bytes: [UInt8]) -> String? {
    do {
      _ = try records(bytes)
      return nil
    } catch let error as Diagnosable {
      return error.diagnostic.text(tool: "t")
    } catch {
      return "\(error)"
    }
  }

  @Test func spellingsThatAreAccepted() throws {
    let cases: [(String, [String])] = [
      (">a\nACGT\n>b\nGG\n", ["a=ACGT", "b=GG"]),
      (">a\r\nAC\r\nGT\r\n>b\r\nGG\r\n", ["a=ACGT", "b=GG"]),
      ("\u{FEFF}>a\nACGT", ["a=ACGT"]),
      ("\n\n>a desc more\n\nAC GT\n\tA \n\n>b\n", ["a=ACGTA", "b="]),
      (">only", ["only="]),
      (">a\nacgtN*\n>b\n*\n>c\nM*K*", ["a=acgtN", "b=", "c=M*K"]),
      (">a|b|c x>y\nM-.\n", ["a|b|c=M-."]),
      ("> a word\nAC\r", ["a=AC"]),
      ("", []), ("\n\n", []), (">é\nAA", ["é=AA"]),
    ]
    for (text, expected) in cases {
      for block in [1, 2, 3, 5, 1 << 20] { #expect(try summary(text, block: block) == expected, "\(text) \(block)") }
    }
    let record = try #require(try records(Array("\n>id  two words \nAC\n".utf8)).first)
    #expect(record.description == "two words ")
    #expect(record.place == Bytes.SourceLocation(source: "in", line: 2))
  }

  @Test func faultsHaveTheirPlace() {
    let cases: [(String, String)] = [
      ("ACGT\n", "t: in:1:1: text before the first '>': 'A'\n  hint: each sequence starts with a line '>id'\n"),
      ("\nx>a\n", "t: in:2:1: text before the first '>': 'x'\n  hint: each sequence starts with a line '>id'\n"),
      (">a\nACGT\n>\nAC\n", "t: in:3: an empty header\n  hint: each sequence starts with a line '>id'\n"),
      (">  \nAC\n", "t: in:1: an empty header\n  hint: each sequence starts with a line '>id'\n"),
      (">a\nAC\nKA>Q\n", "t: in:3:3: '>' inside a sequence line\n  hint: is a line break missing before it?\n"),
      (">a\nAC1GT\n", "t: in:2:3: '1' in a sequence\n"),
      (">a\nA\u{0}C\n", "t: in:2:2: '\\x00' in a sequence\n"),
      (">a\nAC\rGT\n", "t: in:2:3: a carriage return inside a line\n"),
      (">a\u{1}\nAC\n", "t: in:1:2: the id 'a\\x01' has a control character\n"),
      ("@r\nACGT\n+\nIIII\n", "t: in:1:1: the input is FASTQ, FASTA is expected\n  hint: seqkit fq2fa converts it\n"),
      (">a\nAC;GT\n", "t: in:2:3: ';' in a sequence\n"),
      (">a\nACé\n", "t: in:2:3: '\\xc3' in a sequence\n"),
    ]
    for (text, expected) in cases { #expect(message(text) == expected) }
    #expect(message([0x3E, 0x73, 0xE9, 0x71, 0x0A]) == "t: in:1:2: the id 's\\xe9q' is not UTF-8\n")
    #expect(message(">" + String(repeating: "a", count: 65537) + "\nA\n")?.contains("longer than 64 KiB") == true)
  }

  @Test func longLinesInSmallBlocks() throws {
    let residues = (0..<300_000).map { UInt8(ascii: "A") + UInt8($0 * 7 % 26) }
    let all = try records(Array(">x\n".utf8) + residues + Array("\n>y\nA".utf8), block: 4097)
    #expect(all.count == 2)
    #expect(all[0].sequence == residues)
    #expect(all[1].place.line == 3)
  }

  @Test func filesFollowEachOther() throws {
    let a = try temporaryFile(Array(">a\nAC".utf8), name: "a")
    let b = try temporaryFile(Array(">b\nA1".utf8), name: "b")
    let reader = try FastaReader(SourceChain(paths: [a, b]))
    #expect(try reader.next())
    #expect(reader.record.sequence == Array("AC".utf8))
    do {
      _ = try reader.next()
      Issue.record("a digit was taken")
    } catch let error as RecordError {
      #expect(error.place == Bytes.SourceLocation(source: b, line: 2, column: 2))
    }
  }

  /// The fasta/ cases of the shared hostile files; skipped when they are absent.
  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func hostileFiles() throws {
    let folder = try #require(Shared.root) + "/hostile/hostile/"
    let table = try TableReader(Input.open(folder + "EXPECTED.tsv"))
    var count = 0
    while let row = try table.next() {
      let file = row.field(0)
      guard file.hasPrefix("fasta/") else { continue }
      count += 1
      var read = true
      do {
        let reader = try FastaReader(Input.open(folder + file))
        while try reader.next() {}
      } catch is RecordError {
        read = false
      }
      #expect(read == (row.field(1) == "accept"), "\(file)")
    }
    #expect(count == 17)
  }
}
