import Bytes
import Features
import Records
import Testing

@Suite struct NormalizedStreamTests {
  private static let rows = "id\tlength\tvalid\ta\tb\nr1\t3\t3\t1\t5\nr2\t4\t3\t3\t5\nr3\t4\t4\t8\t5\n"
  private static let bags = """
    bag\tgene_a\tgene_b\tlabel\tinstances\tid\tinstance_label\ta\tb
    g:h\tg\th\t1\t2\tg1:h1\t0\t1\t5
    g:h\tg\th\t1\t2\tg1:h2\t1\t3\t5
    g:i\tg\ti\tNA\t1\tg1:i1\tNA\t8\t5\n
    """

  private func reader(_ text: String, _ change: (inout ReaderOptions) -> Void = { _ in }) throws -> RecordReader {
    var options = ReaderOptions()
    change(&options)
    return try RecordReader(MemorySource(text), options: options)
  }

  private func applied(
    _ normalizer: Normalizer, to text: String, as format: OutputFormat? = nil,
    _ change: (inout ReaderOptions) -> Void = { _ in }
  ) throws -> String {
    let reader = try reader(text, change)
    var options = ReaderOptions()
    change(&options)
    let source = try NormalizedSource(
      reader, normalizer, digest: reader.digest, trustOrder: options.trustOrder, fillsMeans: options.missing == .mean)
    let sink = ByteSink.memory()
    let writer = RecordWriter(
      sink, format: format ?? reader.format, kind: reader.kind, schema: source.schema, columns: reader.columns,
      header: true, madeBy: "test")
    while let record = try source.next() { try writer.write(record) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  @Test func rowsAreScaledAndNothingElse() throws {
    let normalizer = try #require(try NormalizerFit.fit(reader(Self.rows), ScalingPlan(ScalingChain(.minmax))))
    #expect(normalizer.fit.rows == 3 && normalizer.spreadless.constant == ["b"])
    let mark = normalizer.suffix
    #expect(
      try applied(normalizer, to: Self.rows)
        == "id\tlength\tvalid\ta\(mark)\tb\(mark)\nr1\t3\t3\t0\t0\nr2\t4\t3\t0.2857142857142857\t0\nr3\t4\t4\t1\t0\n")
  }

  @Test func bagsAreScaledByInstance() throws {
    let normalizer = try #require(try NormalizerFit.fit(reader(Self.bags), ScalingPlan(ScalingChain(.zscore))))
    let flat = try #require(try NormalizerFit.fit(reader(Self.rows), ScalingPlan(ScalingChain(.zscore))))
    #expect(normalizer == flat)
    let text = try applied(normalizer, to: Self.bags)
    let json = try applied(normalizer, to: Self.bags, as: .ndjson)
    #expect(text.split(separator: "\n").count == 4)
    #expect(text.contains("g:i\tg\ti\tNA\t1\tg1:i1"))
    #expect(json.contains("\"bag\":\"g:h\"") && json.contains("\"label\":1"))
  }

  @Test func theSameStateFromBothForms() throws {
    let table = try #require(try NormalizerFit.fit(reader(Self.bags), ScalingPlan(ScalingChain(.zscore))))
    let sink = ByteSink.memory()
    let source = try reader(Self.bags)
    let writer = RecordWriter(
      sink, format: .ndjson, kind: source.kind, schema: source.schema, columns: source.columns, header: true,
      madeBy: "test")
    while let record = try source.next() { try writer.write(record) }
    try writer.finish()
    let json = String(decoding: sink.bytes, as: UTF8.self)
    #expect(try NormalizerFit.fit(reader(json), ScalingPlan(ScalingChain(.zscore)))?.json == table.json)
  }

  @Test func nothingIsNormalizedTwice() throws {
    let normalizer = try #require(try NormalizerFit.fit(reader(Self.rows), ScalingPlan(ScalingChain(.zscore))))
    let once = try applied(normalizer, to: Self.rows)
    #expect(throws: ScalingError.alreadyNormalized("a" + normalizer.suffix)) { try applied(normalizer, to: once) }
    #expect(throws: ScalingError.self) { try NormalizerFit.fit(reader(once), ScalingPlan(ScalingChain(.zscore))) }
  }

  @Test func anotherSchemaIsRefused() throws {
    let normalizer = try #require(try NormalizerFit.fit(reader(Self.rows), ScalingPlan(ScalingChain(.zscore))))
    do {
      _ = try applied(normalizer, to: "id\ta\tc\nr1\t1\t2\n")
      Issue.record("another schema was taken")
    } catch let error as ScalingError {
      #expect(error.diagnostic.code == .data)
      #expect(error.diagnostic.message.contains("'b' is missing, 'c' is not expected"))
    }
  }

  @Test func anotherOrderOfColumnsGivesTheSameBytes() throws {
    let normalizer = try #require(try NormalizerFit.fit(reader(Self.rows), ScalingPlan(ScalingChain(.zscore))))
    let given = try applied(normalizer, to: "id\ta\tb\nr1\t1\t2\nr2\tNA\t5\n") { $0.missing = .mean }
    let other = try applied(normalizer, to: "id\tb\ta\nr1\t2\t1\nr2\t5\tNA\n") { $0.missing = .mean }
    #expect(other == given)
  }

  @Test func missingValuesByRule() throws {
    let text = "id\ta\tb\nr1\t1\t2\nr2\tNA\t4\nr3\t3\t6\n"
    #expect(throws: (any Error).self) { try NormalizerFit.fit(reader(text), ScalingPlan(ScalingChain(.zscore))) }
    let mean = try #require(
      try NormalizerFit.fit(reader(text) { $0.missing = .mean }, ScalingPlan(ScalingChain(.zscore))))
    #expect(mean.statistics.map(\.count) == [2, 3] && mean.centers == [2, 4])
    #expect(try applied(mean, to: text) { $0.missing = .mean }.contains("r2\t0\t0"))
    let skip = try #require(
      try NormalizerFit.fit(reader(text) { $0.missing = .skip }, ScalingPlan(ScalingChain(.zscore))))
    #expect(skip.fit.rows == 2)
    let zero = try #require(
      try NormalizerFit.fit(reader(text) { $0.missing = .zero }, ScalingPlan(ScalingChain(.zscore))))
    #expect(zero.statistics[0].minimum == 0)
  }

  @Test func streamsWithoutNames() throws {
    let text = "{\"id\":\"r1\",\"x\":[1,2]}\n{\"id\":\"r2\",\"x\":[3,2]}\n"
    #expect(throws: (any Error).self) { try NormalizerFit.fit(reader(text), ScalingPlan(ScalingChain(.minmax))) }
    let normalizer = try #require(
      try NormalizerFit.fit(reader(text) { $0.trustOrder = true }, ScalingPlan(ScalingChain(.minmax))))
    #expect(!normalizer.isNamed)
    let again = try Normalizer.load(from: normalizer.json)
    #expect(try applied(again, to: text) { $0.trustOrder = true }.contains("\"x\":[1,0]"))
    #expect(throws: ScalingError.self) { try applied(again, to: Self.rows) }
  }

  @Test func nothingToFit() throws {
    #expect(try NormalizerFit.fit(reader(""), ScalingPlan(ScalingChain(.zscore))) == nil)
    #expect(try NormalizerFit.fit(reader("id\ta\tb\n"), ScalingPlan(ScalingChain(.zscore))) == nil)
  }
}
