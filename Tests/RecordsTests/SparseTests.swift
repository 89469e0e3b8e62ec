import Bytes
import Records
import Testing

/// Records without their zeros read back as what they were.
@Suite struct SparseTests {
  private static let names = ["a", "b \"q\"", "ü", "d"]
  private static let rows: [[Double]] = [
    [0, 0, 0, 0], [-0.0, 0, 1e-300, .nan], [.nan, .nan, .nan, .nan], [1, 2.5, -3, 4e20], [0, 0, 0, 0.1],
    [5e-324, -0.0, 0, 0],
  ]

  private func written(
    _ format: OutputFormat, kind: RecordKind, isSparse: Bool, named: Bool = true, header: Bool = true
  ) throws -> String {
    let sink = ByteSink.memory()
    let writer = RecordWriter(
      sink, format: format, kind: kind, schema: named ? try Schema(names: Self.names) : nil,
      columns: RecordColumns(reserved: ["id"]), header: header, form: isSparse ? .sparse : .full, madeBy: "test")
    if kind == .bag {
      let instances = Self.rows.indices.map { StreamRecord.Instance(id: "i\($0)") }
      try writer.write(StreamRecord(bag: "b", label: 1, instances: instances, values: Self.rows.flatMap { $0 }))
    } else {
      for (number, row) in Self.rows.enumerated() {
        let id = "i\(number)"
        try writer.write(StreamRecord(bag: id, hasBag: false, instances: [StreamRecord.Instance(id: id)], values: row))
      }
    }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  private func bits(_ text: String) throws -> [UInt64] {
    var options = ReaderOptions()
    options.missing = .skip
    let reader = try RecordReader(MemorySource(text, name: "in"), options: options)
    var bits: [UInt64] = []
    while let record = try reader.next() { bits += record.values.map { $0.isNaN ? 1 << 63 | 1 : $0.bitPattern } }
    return bits
  }

  @Test(arguments: [RecordKind.feature, .bag]) func readsBack(_ kind: RecordKind) throws {
    let sparse = try written(.ndjson, kind: kind, isSparse: true)
    #expect(try bits(sparse) == bits(try written(.ndjson, kind: kind, isSparse: false)))
  }

  @Test func text() throws {
    let lines = try written(.ndjson, kind: .feature, isSparse: true).split(separator: "\n").map(String.init)
    #expect(lines[1] == #"{"id":"i0","x":{}}"#)
    #expect(lines[2] == #"{"id":"i1","x":{"a":-0,"ü":1e-300,"d":null}}"#)
    #expect(lines[4] == #"{"id":"i3","x":{"a":1,"b \"q\"":2.5,"ü":-3,"d":4e20}}"#)
    #expect(lines[5] == #"{"id":"i4","x":{"d":0.1}}"#)
    #expect(lines.last == #"{"end":{"records":6}}"#)
  }

  @Test func needsNamesAndNDJSON() {
    #expect(throws: RecordError.self) { try written(.ndjson, kind: .feature, isSparse: true, named: false) }
    #expect(throws: RecordError.self) { try written(.tsv, kind: .feature, isSparse: true) }
  }

  /// Without its first line a sparse record still says what it holds, and our readers don't guess.
  @Test func withoutHeader() throws {
    let text = try written(.ndjson, kind: .feature, isSparse: true, header: false)
    #expect(text.hasPrefix(#"{"id":"i0","x":{}}"#))
    #expect(throws: RecordError.self) { try bits(text) }
  }
}
