import Bytes
import Records
import Testing

@Suite struct GraphTests {
  let head = "{\"schema\":{\"kind\":\"graph\",\"features\":[\"a\",\"b\"],\"made_by\":\"test 1\",\"end\":true}}\n"
  let withEdges =
    "{\"schema\":{\"kind\":\"graph\",\"features\":[\"a\"],\"edge_features\":[\"d\"],\"made_by\":\"test 1\","
    + "\"end\":true}}\n"
  let good = "{\"id\":\"g\",\"nodes\":[[1,0.25],[2,-3e-9]],\"edges\":[[0,1],[1,0]],\"node_ids\":[\"0:C\",\"1:N\"]}\n"

  func graphs(_ text: String, block: Int = .max, _ set: (inout GraphReader.Options) -> Void = { _ in }) throws
    -> [GraphRecord]
  {
    var options = GraphReader.Options()
    set(&options)
    let reader = try GraphReader(MemorySource(text, name: "in", block: block), options: options)
    var all: [GraphRecord] = []
    while let graph = try reader.next() { all.append(graph) }
    return all
  }

  /// The message of a faulty line behind `head` and the good graph.
  func fault(_ line: String, head: String? = nil) -> String? {
    do {
      _ = try graphs((head ?? self.head) + line + "\n") { $0.maxNodes = 3 }
      return nil
    } catch let error as Diagnosable {
      return error.diagnostic.text(tool: "t")
    } catch {
      return "another error: \(error)"
    }
  }

  func rewritten(_ text: String) throws -> String {
    let reader = try GraphReader(MemorySource(text, name: "in"))
    let sink = ByteSink.memory()
    let writer = GraphWriter(sink, schema: try #require(reader.schema), header: true, madeBy: "test 1")
    while let graph = try reader.next() { try writer.write(graph) }
    try writer.finish()
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  @Test(arguments: [1, 7, Int.max]) func graphsComeAsWritten(block: Int) throws {
    let all = try graphs(head + good + "{\"end\":{\"records\":1}}\n", block: block)
    let graph = try #require(all.first)
    #expect(all.count == 1 && graph.id == "g" && graph.nodeCount == 2 && graph.edgeCount == 2)
    #expect(graph.nodes == [1, 0.25, 2, -3e-9] && graph.from == [0, 1] && graph.to == [1, 0])
    #expect(graph.nodeIds == ["0:C", "1:N"] && graph.edges.isEmpty && graph.place.line == 2)
  }

  @Test func writtenAgainTheBytesAreTheSame() throws {
    let text =
      withEdges + "{\"id\":\"g\",\"nodes\":[[1],[2]],\"edges\":[[0,1]],\"edge_x\":[[0.5]]}\n"
      + "{\"id\":\"h\",\"nodes\":[[0]],\"edges\":[],\"edge_x\":[]}\n{\"end\":{\"records\":2}}\n"
    #expect(try rewritten(text) == text)
    #expect(try rewritten(head + good + "{\"end\":{\"records\":1}}\n") == head + good + "{\"end\":{\"records\":1}}\n")
    #expect(try rewritten(head + "{\"end\":{\"records\":0}}\n") == head + "{\"end\":{\"records\":0}}\n")
  }

  @Test func membersComeInAnyOrder() throws {
    let line = " { \"edges\" : [ [ 0 , 0 ] ] , \"id\":\"\\u0067\", \"nodes\":[ [ 1 , 2 ] ] }"
    let graph = try #require(try graphs(head + line + "\n{\"end\":{\"records\":1}}\n").first)
    #expect(graph.id == "g" && graph.from == [0] && graph.nodes == [1, 2])
  }

  @Test func digestCoversBothLists() throws {
    let schema = try GraphSchema(nodes: ["a"], edges: ["d"])
    #expect(schema.digest == SHA256.digest12(of: ["a", "--", "d"]))
    #expect(try GraphSchema(nodes: ["a", "d"]).digest != schema.digest)
    #expect(throws: RecordError.self) { try GraphSchema(nodes: ["a", "--"]) }
    #expect(throws: RecordError.self) { try GraphSchema(nodes: ["a", "a"]) }
    #expect(throws: RecordError.self) { try GraphSchema(nodes: []) }
  }

  @Test func craftedGraphsAreRefusedWhereTheyAreWrong() {
    let cases = [
      ("\"nodes\":1000000000,\"edges\":[]", "20: nodes is '1000000000', expected a list"),
      (
        "\"nodes\":[[1,2]],\"edges\":[[0,999999999]]", "37: edge 0: there is no node 999999999, the graph has 1, from 0"
      ),
      ("\"edges\":[[0,0],[1,0]],\"nodes\":[[1,2]]", "27: edge 1: there is no node 1, the graph has 1, from 0"),
      ("\"nodes\":[[1,2]],\"edges\":[[0,-1]]", "40: edge 0: '-1' is not the number of a node"),
      ("\"nodes\":[[1,2]],\"edges\":[[0,9999999999]]", "40: edge 0: '9999999999' is not the number of a node"),
      ("\"nodes\":[[1,2]],\"edges\":[[0,0.5]]", "40: edge 0: '0.5' is not the number of a node"),
      ("\"nodes\":[[1,2]],\"edges\":[[0,0,0]]", "41: edge 0 is not a pair [from,to]"),
      ("\"nodes\":[[1,2]],\"edges\":[[0]]", "39: ',' is missing"),
      ("\"nodes\":[[1,NaN]],\"edges\":[]", "24: 'b' of node 0: 'NaN' is not a finite number"),
      ("\"nodes\":[[1,1e999]],\"edges\":[]", "24: 'b' of node 0: '1e999' is not a finite number"),
      ("\"nodes\":[[1,null]],\"edges\":[]", "24: 'b' of node 0: 'null' is not a finite number"),
      ("\"nodes\":[[1,2],[3]],\"edges\":[]", "27: node 1 has 1 value, expected 2"),
      ("\"nodes\":[[1,2],[3,4,5]],\"edges\":[]", "27: node 1 has more than 2 values, expected 2"),
      ("\"nodes\":[[1,2],3],\"edges\":[]", "27: node 1 is '3', expected a list"),
      ("\"nodes\":[[1,2],[1,2],[1,2],[1,2]],\"edges\":[]", "39: the graph has more than 3 nodes"),
      ("\"nodes\":[],\"edges\":[]", "20: the graph has no nodes"),
      ("\"nodes\":[[1,2]]", "28: the graph has no 'edges'"),
      (
        "\"nodes\":[[1,2]],\"edges\":[],\"edge_x\":[]",
        "39: the graph has 'edge_x', the schema line names no edge features"
      ),
      ("\"nodes\":[[1,2]],\"edges\":[],\"node_ids\":[]", "50: node_ids has 0 names, expected 1"),
      ("\"nodes\":[[1,2]],\"edges\":[],\"node_ids\":[\"\"]", "51: node_ids[0] '' is empty"),
      ("\"nodes\":[[1,2]],\"edges\":[],\"label\":1", "39: unknown member 'label'"),
      ("\"nodes\":[[1,2]],\"nodes\":[[1,2]]", "28: key 'nodes' twice in one object"),
      ("\"nodes\":[[1,2]", "26: the line ends too early"),
    ]
    for (members, message) in cases {
      let line = "{\"id\":\"g\", " + members + (message.hasSuffix("early") ? "" : "}")
      #expect(fault(line) == "t: in:2:\(message)\n", "\(line)")
    }
    let start = "{\"id\":\"g\",\"nodes\":[[1],[2]],\"edges\":[[0,1]]"
    #expect(fault(start + "}", head: withEdges) == "t: in:2:45: the graph has no 'edge_x'\n")
    #expect(
      fault(start + ",\"edge_x\":[[1],[2]]}", head: withEdges)
        == "t: in:2:54: edge_x has 2 rows, expected 1\n")
  }

  @Test func streamsThatAreCutOrOthers() {
    #expect(
      fault(String(good.dropLast())) == "t: in:2: the stream stops after 1 record without its end line: the tool "
        + "that wrote it failed\n  hint: a piece of a stream is read with --part\n")
    #expect(fault("", head: ">p\nACD\n")?.contains("not a stream of graphs") == true)
    #expect(fault("", head: good)?.contains("no schema line") == true)
    let other = "{\"schema\":{\"kind\":\"feature\",\"features\":[\"a\"],\"end\":true}}\n"
    #expect(fault("", head: other)?.contains("the stream has feature records, not graphs") == true)
    #expect(fault(head.replacing("\"b\"", with: "\"c\""))?.contains("before the end line") == true)
    let second = head + "{\"end\":{\"records\":0}}\n" + head.replacing("\"b\"", with: "\"c\"")
    #expect(
      fault("", head: second)
        == "t: in:3: another schema than before: node feature 2 is 'c', expected 'b'\n")
    #expect(
      message(head + good, ReaderOptions())?.contains("the stream has graph records, not features or bags") == true)
  }

  @Test func faultyGraphsAreSkippedOnRequest() throws {
    var warnings: [String] = []
    var options = GraphReader.Options()
    options.badRows = .skip
    let text = head + "{\"id\":\"f\",\"nodes\":[[1]],\"edges\":[]}\n" + good + "{\"end\":{\"records\":2}}\n"
    let reader = try GraphReader(MemorySource(text, name: "in"), options: options) { warnings.append($0.message) }
    #expect(try reader.next()?.id == "g")
    #expect(try reader.next() == nil)
    #expect(warnings == ["node 0 has 1 value, expected 2"])
  }

  @Test func valuesThatAreNotFiniteAreNotWritten() throws {
    var graph = GraphRecord(id: "g")
    graph.nodeCount = 2
    graph.nodes = [1, 2, 3, .nan]
    let writer = GraphWriter(
      ByteSink.memory(), schema: try GraphSchema(nodes: ["a", "b"]), header: true, madeBy: "test 1")
    let error = #expect(throws: RecordError.self) { try writer.write(graph) }
    #expect(error?.message == "'b' of node 1 of 'g' is not a finite number")
  }
}
