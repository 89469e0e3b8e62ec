import Bytes
import Records
import Testing

/// Streams that have the features of a partner once read back as what they were.
@Suite struct CompactTests {
  /// Two segments of five features, one feature of the pair before, one between, and two behind them.
  private static let names =
    ["p.1"] + (1...5).map { "ct.a.\($0)" } + ["q"] + (1...5).map { "ct.b.\($0)" } + ["m.a.1", "m.b.1"]

  /// Bags of pairs of partners, whose rows are functions of their numbers.
  private static func bags(_ pairs: [[(Int, Int)]]) -> [StreamRecord] {
    func row(_ partner: Int) -> [Double] {
      if partner == 3 { return [.nan, 1, 2, 3, 4] }
      if partner == 4 { return [0, -0.0, 5e-324, 1, 1] }
      return [0, 0.1, 0.2, 0.3, 0.4].map { Double(partner) + $0 }
    }
    func values(_ a: Int, _ b: Int) -> [Double] {
      var values: [Double] = [0.5]
      values += row(a)
      values.append(Double(a * b))
      values += row(b)
      return values + [7, 8]
    }
    return pairs.enumerated().map { number, pairs in
      StreamRecord(
        bag: "b\(number)", label: 1, instances: pairs.map { StreamRecord.Instance(id: "\($0.0):\($0.1)") },
        values: pairs.flatMap { values($0.0, $0.1) })
    }
  }

  private func written(_ bags: [StreamRecord], _ form: FeatureForm, header: Bool = true) throws -> String {
    let sink = ByteSink.memory()
    let writer = RecordWriter(
      sink, format: .ndjson, kind: .bag, schema: try Schema(names: Self.names),
      columns: RecordColumns(reserved: ["bag", "label", "id"]), header: header, form: form, madeBy: "test")
    for bag in bags { try writer.write(bag) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  private func bits(_ text: String) throws -> [[UInt64]] {
    var options = ReaderOptions()
    options.keepMissing = true
    let reader = try RecordReader(MemorySource(text, name: "in"), options: options)
    var bits: [[UInt64]] = []
    while let record = try reader.next() {
      bits.append(record.values.map { $0.isNaN ? 1 : $0.bitPattern })
    }
    return bits
  }

  private static let some = [[(0, 1), (0, 2)], [(1, 1)], [(3, 4), (2, 0), (4, 3)], [(0, 1)], [(5, 6)], [(0, 6)]]

  /// With place for two, three or many rows at once: rows that went are given again, and a record with more rows than
  /// there is place for is written in full.
  @Test(arguments: [10, 15, 20, 1000]) func readsBack(values: Int) throws {
    let bags = Self.bags(Self.some)
    let compact = try written(bags, .compact(values: values))
    #expect(try bits(compact) == bits(try written(bags, .full)))
    #expect(compact.contains("\"row\":\(values / 5 - 1 < 7 ? values / 5 - 1 : 6),"))
    #expect(!compact.contains("\"row\":\(values / 5),"))
  }

  @Test func text() throws {
    let lines = try written(Self.bags([[(0, 1), (0, 0)], [(1, 0)]]), .compact()).split(separator: "\n").map(String.init)
    #expect(lines[0].contains(#""rows":[[1,6],[7,12]]"#))
    #expect(lines[1] == #"{"row":0,"x":[0,0.1,0.2,0.3,0.4]}"#)
    #expect(lines[2] == #"{"row":1,"x":[1,1.1,1.2,1.3,1.4]}"#)
    #expect(
      lines[3].hasSuffix(#"{"id":"0:1","rows":[0,1],"x":[0.5,0,7,8]},{"id":"0:0","rows":[0,0],"x":[0.5,0,7,8]}]}"#))
    #expect(lines[4].hasSuffix(#"{"id":"1:0","rows":[1,0],"x":[0.5,0,7,8]}]}"#))
    #expect(lines[5] == #"{"end":{"records":2}}"#)
  }

  /// Two streams in one: the second gives its rows anew.
  @Test func joined() throws {
    let one = try written(Self.bags(Self.some), .compact())
    let two = try written(
      Self.bags([[(6, 5)]]).map {
        var bag = $0
        bag.bag = "other"
        return bag
      }, .compact())
    #expect(try bits(one + two).count == Self.some.count + 1)
    var options = ReaderOptions()
    options.keepMissing = true
    let cut = two.split(separator: "\n").filter { !$0.hasPrefix("{\"row\":1") }.joined(separator: "\n")
    #expect(message(one + cut, options)?.contains("row 1 was not given before") == true)
  }

  @Test(arguments: [
    (#"{"row":0,"x":[0,0.1"#, #"{"row":4,"x":[0,0.1"#, "row 4 comes where 0 would"),
    (#"{"row":1,"x":[1,"#, #"{"row":1,"x":["#, "row 1 has 4 values, expected 5"),
    (#"{"row":1,"x":[1,"#, #"{"row":-1,"x":[1,"#, "row '-1' is not a count"),
    (#"{"row":1,"x":[1,"#, #"{"row":1,"y":[1,"#, "a row has the members 'row' and 'x'"),
    (#"{"row":1,"x":[1,"#, #"{"row":1,"x":["a","#, "is not a finite number"),
    (#""rows":[0,1],"#, #""rows":[0,2],"#, "row 2 was not given before"),
    (#""rows":[0,1],"#, #""rows":[0],"#, "rows has 1 numbers, expected 2"),
    (#""rows":[0,1],"x":[0.5,0,7,8]"#, #""x":[0.5,0,7,8],"rows":[0,1]"#, "x has 4 values, expected 14"),
    (#""x":[0.5,0,7,8]}]}"#, #""x":[0.5,0,7]}]}"#, "x has 3 values beside rows, expected 4"),
    (#""x":[0.5,0,7,8]}]}"#, #""x":[0.5,0,7,8,9]}]}"#, "more than 4 values"),
    ("[[1,6],[7,12]]", "[[1,6],[5,12]]", "expected rising ranges"),
    ("[[1,6],[7,12]]", "[[1,6],[7,15]]", "expected rising ranges"),
    ("[[1,6],[7,12]]", "[]", "name no range"),
    ("[[1,6],[7,12]]", "7", "expected rising ranges"),
    (#","rows":[[1,6],[7,12]]"#, "", "unknown member 'row'"),
  ])
  func refuses(part: String, replacement: String, fault: String) throws {
    let text = try written(Self.bags([[(0, 1)]]), .compact())
    let range = try #require(text.firstRange(of: part))
    let found = message(text[..<range.lowerBound] + replacement + text[range.upperBound...])
    #expect(found?.contains(fault) == true, "\(found ?? "read")")
  }

  @Test func needsNames() throws {
    #expect(throws: RecordError.self) { _ = try written(Self.bags(Self.some), .compact(), header: false) }
  }
}
