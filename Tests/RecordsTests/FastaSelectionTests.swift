import Bytes
import Records
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Records picked from a file are those of the stream, or an error says why not.
@Suite struct FastaSelectionTests {
  /// The facts of a record.
  private struct Seen: Equatable {
    var id: String
    var description: String
    var sequence: [UInt8]
    var line: Int

    init(_ record: FastaRecord, hasLine: Bool = true) {
      id = record.id
      description = record.description
      sequence = record.sequence
      line = hasLine ? record.place.line : 0
    }
  }

  private static func streamed(_ text: [UInt8], hasLines: Bool = true) throws -> [Seen] {
    let reader = try FastaReader(MemorySource(text))
    var seen: [Seen] = []
    while try reader.next() { seen.append(Seen(reader.record, hasLine: hasLines)) }
    return seen
  }

  private static func list(_ ids: [String]) throws -> IdList {
    try IdList(reading: MemorySource(ids.map { $0 + "\n" }.joined(), name: "list"))
  }

  private static func picked(
    _ path: String, _ ids: [String], _ index: IndexRule, missing: MissingIdRule = .error,
    said: ((String) -> Void)? = nil
  ) throws -> [Seen] {
    let selection = try FastaSelection(of: path, list(ids), index: index, missing: missing, naming: { $0.id }) {
      said?($0.message)
    }
    var seen: [Seen] = []
    while try selection.next() { seen.append(Seen(selection.record, hasLine: index != .trust)) }
    return seen
  }

  private static func fault(_ path: String, _ ids: [String], _ index: IndexRule = .check) -> Diagnostic? {
    do {
      _ = try picked(path, ids, index)
      return nil
    } catch let error as any Diagnosable {
      return error.diagnostic
    } catch {
      return Diagnostic(.software, "\(error)")
    }
  }

  /// How a file may be written.
  private struct Spelling {
    var width: ClosedRange<Int>
    var feed = "\n"
    var blank = false
    var mark = false
    /// Whether faidx makes an index of it.
    var isIndexed = true
  }

  private static let spellings = [
    Spelling(width: 60...60), Spelling(width: 13...13, feed: "\r\n"), Spelling(width: 1000...1000),
    Spelling(width: 5...40, isIndexed: false), Spelling(width: 20...20, blank: true, isIndexed: false),
    Spelling(width: 60...60, mark: true, isIndexed: false),
  ]

  private static func fasta(_ records: Int, _ spelling: Spelling, _ random: inout RandomStream) -> String {
    var text = spelling.mark ? "\u{FEFF}" : ""
    for number in 0..<records {
      text += ">id\(number)\(number % 3 == 0 ? " with >words" : "")" + spelling.feed
      var left = Int.random(in: 1...300, using: &random)
      while left > 0 {
        let width = min(left, Int.random(in: spelling.width, using: &random))
        text += String((0..<width).map { _ in "ACDEFGHIKLMNPQRSTVWYacdx*-".randomElement(using: &random) ?? "A" })
        text += spelling.feed
        left -= width
        if spelling.blank && number % 5 == 0 { text += spelling.feed }
      }
    }
    return text
  }

  @Test(arguments: spellings.indices) func anyOrderGivesTheRecordsOfTheStream(_ number: Int) throws {
    let spelling = Self.spellings[number]
    var random = RandomStream(seed: 8, UInt64(number))
    let text = Array(Self.fasta(120, spelling, &random).utf8)
    let blocks = (0..<400).map { _ in Int.random(in: 1...400, using: &random) }
    for bytes in [text, BGZFText.archive(text, blocks: blocks), BGZFText.archive(text, blocks: [])] {
      let path = try temporaryFile(bytes, name: "p.fa")
      let all = try Self.streamed(text)
      var order = Array(all.indices)
      order.shuffle(using: &random)
      var said: [String] = []
      for rule in [IndexRule.check, .none, .check] {
        let found = try Self.picked(path, order.map { all[$0].id }, rule) { said.append($0) }
        #expect(found == order.map { all[$0] })
      }
      #expect((access(path + ".fai", F_OK) == 0) == spelling.isIndexed)
      #expect(said.contains { $0.contains("has no index") } != spelling.isIndexed, "\(said)")
      guard spelling.isIndexed else { continue }
      let plain = try Self.streamed(text, hasLines: false)
      #expect(try Self.picked(path, order.map { plain[$0].id }, .trust) == order.map { plain[$0] })
      #expect(try Self.picked(path, ["id7"], .trust) == [plain[7]])
    }
  }

  @Test func longHeadersAreFoundFromTheirEnd() throws {
    let long = String(repeating: "w >", count: 3000)
    let text = Array(">a \(long)\nMK\n>b \(long)\(long)\nMKV\n>c\nM\n".utf8)
    let path = try temporaryFile(text)
    let all = try Self.streamed(text)
    #expect(try Self.picked(path, ["c", "b", "a"], .check) == all.reversed())
    let plain = try Self.streamed(text, hasLines: false)
    #expect(try Self.picked(path, ["c", "b", "a"], .trust) == plain.reversed())
  }

  @Test func theIndexIsThatOfSamtools() throws {
    // `samtools faidx` 1.16.1 of the same bytes.
    let path = try temporaryFile(Array(">one x\nACGTA\nCG\n>two\r\nAC\r\nG\r\n>three\nAC GT*\n".utf8))
    _ = try Self.picked(path, ["two"], .check)
    let index = try drain(DescriptorSource(path: path + ".fai"))
    #expect(String(decoding: index, as: UTF8.self) == "one\t7\t7\t5\t6\ntwo\t3\t22\t2\t4\nthree\t5\t36\t5\t7\n")
  }

  @Test func everyChangeOfTheFileIsSeen() throws {
    let text = ">a\nMKVLA\n>bb words\nMKAAA\nGG\n>c\nMA\n"
    let path = try temporaryFile(Array(text.utf8))
    _ = try Self.picked(path, ["c"], .check)
    let index = try drain(DescriptorSource(path: path + ".fai"))
    var given = [IndexRule.check: 0, .trust: 0]
    for place in text.utf8.indices {
      for letter in ["", "A", ">", "\n"] {
        var changed = Array(text.utf8)
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: place)
        changed.replaceSubrange(offset...offset, with: letter.utf8)
        let other = try temporaryFile(changed)
        try write(index, to: other + ".fai")
        // Where all is well, the records are those of the changed file; an index that is believed may see no change
        // of another record, but never gives a wrong one.
        let own = try? Self.streamed(changed, hasLines: false)
        for rule in [IndexRule.check, .trust] {
          guard let found = try? Self.picked(other, ["c"], rule) else { continue }
          given[rule]? += 1
          #expect(found.map(\.sequence) == own?.filter { $0.id == "c" }.map(\.sequence) ?? found.map(\.sequence))
          if rule == .check { #expect(own?.map(\.id) == ["a", "bb", "c"]) }
        }
      }
    }
    // At least where a letter was changed into itself.
    #expect(given.values.allSatisfy { $0 > 3 }, "\(given)")
  }

  @Test func damagedIndexesGiveNoWrongRecord() throws {
    var random = RandomStream(seed: 9)
    let text = Array(Self.fasta(60, Spelling(width: 60...60), &random).utf8)
    let blocks = (0..<200).map { _ in Int.random(in: 1...300, using: &random) }
    let path = try temporaryFile(BGZFText.archive(text, blocks: blocks))
    let all = try Self.streamed(text, hasLines: false)
    let wanted = [57, 3, 22, 40]
    _ = try Self.picked(path, ["id1"], .check)
    var right = 0
    for name in [".gzi", ".fai"] {
      let index = try drain(DescriptorSource(path: path + name))
      for _ in 0..<300 {
        var damaged = index
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          let place = Int.random(in: 0..<damaged.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: damaged.removeLast(damaged.count - place - 1)
          case 1: damaged.insert(UInt8.random(in: 0...255, using: &random), at: place)
          case 2: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          default: damaged[place] = UInt8.random(in: 0...255, using: &random)
          }
        }
        try write(damaged, to: path + name)
        do {
          #expect(try Self.picked(path, wanted.map { all[$0].id }, .trust) == wanted.map { all[$0] })
          right += 1
        } catch is RecordError {}
      }
      try write(index, to: path + name)
    }
    // Some damage is to places that are not asked for.
    #expect(right > 0 && right < 500)
  }

  @Test func whatFaidxLeavesOutIsAnError() throws {
    let empty = try temporaryFile(Array(">a\nMK\n>b\n>c\nM\n".utf8))
    #expect(Self.fault(empty, ["c"])?.message.hasPrefix("'b' has no letters: it is not in the index") == true)
    #expect(Self.fault(empty, ["c"])?.place?.line == 3)
    let twice = try temporaryFile(Array(">a\nMK\n>b\nM\n>a\nMK\n".utf8))
    #expect(Self.fault(twice, ["b"])?.message.hasPrefix("'a' was there before: it is not in the index") == true)
    #expect(Self.fault(twice, ["a"], .none)?.message.contains("is the id of two records: this one and line 1") == true)
    #expect(access(empty + ".fai", F_OK) != 0 && access(twice + ".fai", F_OK) != 0)
    #expect(try Self.picked(empty, ["c", "b"], .none).map(\.id) == ["c", "b"])
    #expect(try Self.picked(twice, ["b"], .none).map(\.id) == ["b"])
  }

  @Test func listsThatCannotBe() throws {
    for (text, line) in [("a\nb\n\na\n", 4), ("a\tb\n", 1), ("a\n\u{7}\n", 2), ("\u{FEFF}a\r\n \t\na", 3)] {
      let error = #expect(throws: RecordError.self) { try IdList(reading: MemorySource(text, name: "list")) }
      #expect(error?.place?.line == line)
    }
    #expect(try IdList(reading: MemorySource("\u{FEFF}a\r\n\r\n  \nb b", name: "list")).ids == ["a", "b b"])
  }

  @Test func idsWithoutARecord() throws {
    let path = try temporaryFile(Array(">a\nMK\n>b\nM\n".utf8))
    let error = Self.fault(path, ["b", "x", "y"], .none)
    #expect(error?.message == "\(path) has no record with the id 'x', nor with 1 more of the list")
    #expect(error?.place == Bytes.SourceLocation(source: "list", line: 2))
    var said: [String] = []
    #expect(try Self.picked(path, ["y", "b", "x"], .none, missing: .skip) { said.append($0) }.map(\.id) == ["b"])
    #expect(said.count == 2)
    #expect(try Self.picked(path, [], .none).isEmpty)
  }

  @Test func inputsThatCannotBePicked() throws {
    let gzip = try temporaryFile(InputTests.gzip)
    #expect(Self.fault(gzip, ["a"])?.hint?.contains("bgzip") == true)
    let cut = try temporaryFile(Array(BGZFText.archive(Array(">a\nMK\n".utf8), blocks: []).dropLast(28)))
    #expect(Self.fault(cut, ["a"])?.message.contains("no end block") == true)
    #expect(Self.fault("/dev/null", ["a"])?.code == .data)
    #expect(Self.fault("/none", ["a"])?.code == .noInput)
    let quality = try temporaryFile(Array("@r\nAC\n+\n!!\n".utf8))
    #expect(Self.fault(quality, ["r"])?.message == "the input is FASTQ, FASTA is expected")
  }
}
