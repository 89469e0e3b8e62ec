import Bytes
import Records
import Testing

/// Bags whose text and values do not stay in buffers that are used again.
@Suite struct LargeBagTests {
  private static let names = (1...300).map { "f\($0)" }

  private static func bag(_ name: String, _ instances: Int, seed: UInt64) -> StreamRecord {
    var random = RandomStream(seed: seed)
    return StreamRecord(
      bag: name, geneA: "g", geneB: "h", label: 1,
      instances: (0..<instances).map { StreamRecord.Instance(id: "\(name)-\($0)", isoformA: "a\($0)", isoformB: "b") },
      values: (0..<instances * names.count).map { _ in Double(random.below(100)) / 8 })
  }

  private static func text(_ bags: [StreamRecord], _ format: OutputFormat) throws -> String {
    let sink = ByteSink.memory()
    let columns = RecordColumns(
      reserved: ["bag", "gene_a", "gene_b", "label", "instances", "id", "isoform_a", "isoform_b"], keep: [])
    let writer = RecordWriter(
      sink, format: format, kind: .bag, schema: try Schema(names: names), columns: columns, header: true,
      madeBy: "test")
    for bag in bags { try writer.write(bag) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  @Test(arguments: [OutputFormat.tsv, .ndjson]) func areWrittenAndReadAsAllOthers(_ format: OutputFormat) throws {
    let large = RecordReader.mostReused / Self.names.count + 1
    let given = [("s", 2), ("t", large), ("u", large), ("v", 3)].enumerated()
      .map { Self.bag($1.0, $1.1, seed: UInt64($0)) }
    let text = try Self.text(given, format)
    // Every line is one of what its bag is alone.
    let alone = try given.map { try Self.text([$0], format).split(separator: "\n").dropFirst() }
    let lines = text.split(separator: "\n").dropFirst()
    #expect(format == .tsv ? Array(lines) == alone.flatMap { $0 } : Array(lines.dropLast()) == alone.map { $0.first! })
    // A record that is kept stays what it was while others are read.
    let reader = try RecordReader(MemorySource(text, name: "in"))
    var found: [StreamRecord] = []
    while let record = try reader.next() { found.append(record) }
    #expect(found.map(\.bag) == given.map(\.bag))
    #expect(found.map(\.values) == given.map(\.values))
    #expect(found.map(\.instances) == given.map(\.instances))
  }
}
