import Bytes
import Records
import Testing

@Suite struct TableTests {
  func rows(_ text: String) throws -> [[String?]] {
    let reader = try TableReader(MemorySource(text, name: "in"))
    var all: [[String?]] = []
    while let row = try reader.next() { all.append((0..<row.count).map { row.text($0) }) }
    return all
  }

  func message(_ text: String) -> String? {
    do {
      _ = try rows(text)
      return nil
    } catch let error as Diagnosable {
      return error.diagnostic.text(tool: "t")
    } catch {
      return "\(error)"
    }
  }

  @Test func bothForms() throws {
    let expected: [[String?]] = [["A", "1", nil], ["B", "0.5", "x"]]
    #expect(try rows("gene\tscore\tnote\nA\t1\tNA\nB\t0.5\tx\n") == expected)
    #expect(
      try rows("{\"gene\":\"A\",\"score\":1,\"note\":null}\n{\"note\":\"x\",\"score\":0.5,\"gene\":\"B\"}\n")
        == expected)
    #expect(
      try rows(
        "{\"schema\":{\"kind\":\"score\",\"columns\":[\"gene\",\"score\",\"note\"],\"end\":true}}\n"
          + "{\"score\":1,\"gene\":\"A\"}\n{\"gene\":\"B\",\"score\":0.5,\"note\":\"x\"}\n{\"end\":{\"records\":2}}\n")
        == expected)
    #expect(try rows("") == [])
    #expect(try rows("a\tb\n") == [])
    #expect(try rows("a\n1\n\n2") == [["1"], ["2"]])
  }

  @Test func faults() {
    #expect(message("a\tb\n1\n") == "t: in:2: the row has 1 fields, expected 2\n")
    #expect(message("a\tb\n1\t2\t3\n") == "t: in:2: the row has 3 fields, expected 2\n")
    #expect(message("a\ta\n") == "t: in:1: columns 1 and 2 have the same name 'a'\n")
    #expect(message("a\tb\na\tb\n") == "t: in:2: the header is repeated\n")
    #expect(message(">a\nACGT\n") == "t: in:1: the input is FASTA, a table is expected\n")
    #expect(message("{\"a\":1}\n{\"b\":1}\n") == "t: in:2:2: unknown member 'b'\n")
    #expect(message("{\"a\":1,\"a\":2}\n") != nil)
    #expect(message("{\"a\":[1]}\n") == "t: in:1:6: the member 'a' is not a single value\n")
    #expect(
      message("{\"schema\":{\"kind\":\"score\",\"columns\":[\"a\"],\"end\":true}}\n{\"a\":1}\n")?.contains("end line")
        == true)
  }

  @Test func typedFields() throws {
    let reader = try TableReader(MemorySource("id\tn\tlabel\np\t1.5\tyes\n", name: "in"))
    #expect(reader.column("n") == 1 && reader.column("z") == nil)
    #expect(throws: RecordError.self) { try reader.require("z") }
    let row = try #require(try reader.next())
    #expect(try row.id(0) == "p")
    #expect(try row.number(1) == 1.5)
    #expect(throws: RecordError.self) { try row.integer(1) }
    do {
      _ = try row.label(2, nil)
    } catch let error as RecordError {
      #expect(error.diagnostic.text(tool: "t").hasPrefix("t: in:2:7: label 'yes' is not a number"))
    }
    #expect(row.place(of: 1) == Bytes.SourceLocation(source: "in", line: 2, column: 3))
  }

  @Test func writing() throws {
    let columns = [Column("bag"), Column("score", .double), Column("n", .int)]
    let fields: [[Field]] = [[.text("A\"B"), .double(0.25), .int(3)], [.missing, .double(.nan), .float(0.1)]]
    func written(_ format: OutputFormat, header: Bool = true) throws -> String {
      let sink = ByteSink.memory()
      let writer = TableWriter(sink, format: format, kind: .score, columns: columns, header: header, madeBy: "t 1")
      for row in fields { try writer.write(row) }
      try writer.finish()
      return String(decoding: sink.bytes, as: UTF8.self)
    }
    #expect(try written(.tsv) == "bag\tscore\tn\nA\"B\t0.25\t3\nNA\tNA\t0.1\n")
    #expect(try written(.tsv, header: false) == "A\"B\t0.25\t3\nNA\tNA\t0.1\n")
    #expect(
      try written(.ndjson)
        == "{\"schema\":{\"kind\":\"score\",\"columns\":[\"bag\",\"score\",\"n\"],\"made_by\":\"t 1\",\"end\":true}}\n"
        + "{\"bag\":\"A\\\"B\",\"score\":0.25,\"n\":3}\n"
        + "{\"bag\":null,\"score\":null,\"n\":0.1}\n{\"end\":{\"records\":2}}\n"
    )
    let writer = TableWriter(ByteSink.memory(), format: .tsv, columns: [Column("a")])
    #expect(throws: RecordError.self) { try writer.write([.text("a\tb")]) }
  }

  /// Rows put together of shared texts are those written field by field; rows that throw are not written.
  @Test(arguments: [OutputFormat.tsv, .ndjson]) func sharedTexts(format: OutputFormat) throws {
    let columns = [Column("id"), Column("n", .int), Column("x", .double), Column("y", .double), Column("z", .double)]
    let names = ["a\"b", "c\\", "\u{e9}\u{1}", ""]
    let numbers = [0.1, 0.1, .infinity, -2]
    let sinks = (ByteSink.memory(), ByteSink.memory())
    let plain = TableWriter(sinks.0, format: format, kind: .score, columns: columns)
    let shared = TableWriter(sinks.1, format: format, kind: .score, columns: columns)
    let ids = try shared.texts(names.map { [.text($0), .int($0.utf8.count)] }, column: 0)
    let end = try shared.texts([[.missing]], column: 4)
    try shared.writeRows { rows in
      for (place, number) in numbers.enumerated() {
        try plain.write([
          .text(names[place]), .int(names[place].utf8.count), .double(number), .float(Float(number)), .missing,
        ])
        rows.append(ids, place)
        rows.append(repeated: number)
        rows.append(Float(number))
        rows.append(end)
        rows.end()
      }
    }
    #expect(throws: CancellationError.self) {
      try shared.writeRows { rows in
        rows.append(ids)
        throw CancellationError()
      }
    }
    try plain.finish()
    try shared.finish()
    #expect(sinks.0.bytes == sinks.1.bytes && sinks.0.bytes.count > 60)
  }

  @Test func recordsKeepEveryNumber() throws {
    var random = RandomStream(seed: 4)
    var text = "id"
    for i in 0..<50 { text += "\tf\(i)" }
    text += "\n"
    for i in 0..<200 {
      text += "r\(i)"
      for k in 0..<50 {
        let value: Double =
          switch k % 5 {
          case 0: Double(random.below(5))
          case 1: Double(random.below(1000)) / 1000
          case 2: random.normal()
          case 3: Double(bitPattern: random.next())
          default: random.normal() * 1e-6
          }
        text += "\t" + (value.isFinite ? NumberText.text(value) : "0")
      }
      text += "\n"
    }
    #expect(try rewritten(text) == text)
    let back = try rewritten(rewritten(text, as: .ndjson), as: .tsv)
    #expect(back == text)
  }
}
