import Bytes
import Testing
import Workbench

/// All bytes of a file.
func contents(of path: String) throws -> [UInt8] {
  let source = try DescriptorSource(path: path)
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = try block.withUnsafeMutableBytes { try source.read(into: $0) }
    if count == 0 { return bytes }
    bytes += block[..<count]
  }
}

@Suite struct JSONTests {
  /// The verdict on JSONTestSuite, file by file; skipped when the shared material is absent.
  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func suite() throws {
    let folder = try #require(Shared.root) + "/hostile/jsontestsuite/test_parsing"
    // Taken on purpose: numbers that underflow to zero or lose digits are still finite numbers.
    let optionalTaken: Set<String> = [
      "i_number_double_huge_neg_exp.json", "i_number_real_underflow.json", "i_number_too_big_neg_int.json",
      "i_number_too_big_pos_int.json", "i_number_very_big_negative_int.json",
    ]
    let refusedDuplicates: Set<String> = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
    var counts = (y: 0, n: 0, i: 0)
    for name in Files.names(in: folder) {
      let taken = (try? JSON.parse(try contents(of: folder + "/" + name))) != nil
      switch name.first {
      case "y":
        counts.y += 1
        #expect(taken != refusedDuplicates.contains(name), "\(name)")
      case "n":
        counts.n += 1
        #expect(!taken, "\(name)")
      default:
        counts.i += 1
        #expect(taken == optionalTaken.contains(name), "\(name)")
      }
    }
    #expect(counts == (95, 188, 35))
  }

  @Test func refusals() {
    for bad in [
      "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "[1,]", "{\"a\":1,}", "[NaN]", "[1e999]", "\"\\ud800\"",
      "\"\\udc00\"",
      "\"\\ud800\\u0041\"", "1 2", "", " ", "nul", "{1:2}", "[1 2]", "\"\u{1}\"", "[", "{", "\"", "tru", "'a'", "[01]",
      "//",
    ] { #expect(throws: JSONFailure.self, "\(bad)") { try JSON.parse(bad) } }
    #expect(throws: JSONFailure.self) { try JSON.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONFailure.self) { try JSON.parse([0x22, 0xED, 0xA0, 0x80, 0x22]) }
  }

  @Test func depthIsLimited() throws {
    func nested(_ n: Int) -> String { String(repeating: "[", count: n) + String(repeating: "]", count: n) }
    _ = try JSON.parse(nested(64))
    #expect(throws: JSONFailure.self) { try JSON.parse(nested(65)) }
    #expect(throws: JSONFailure.self) { try JSON.parse(String(repeating: "[", count: 100_000)) }
    #expect(throws: JSONFailure.self) { try JSON.parse(nested(5), maxDepth: 4) }
  }

  @Test func placesAreRight() {
    do {
      _ = try JSON.parse("{\n  \"a\": 1,\n  \"a\": 2}")
      Issue.record("a duplicate key was taken")
    } catch let failure as JSONFailure {
      #expect(failure.line == 3)
      #expect(failure.column == 3)
      #expect(failure.message.contains("'a'"))
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func valuesAndText() throws {
    let value = try JSON.parse(" {\"a\":[1,2.5,-0,null,true,false],\"b\":\"x\\ny\\u00e9\\ud83d\\ude00\",\"c\":{}} ")
    #expect(value["a"]?.array?.count == 6)
    #expect(value["a"]?.array?[0].int == 1)
    #expect(value["a"]?.array?[1].double == 2.5)
    #expect(value["a"]?.array?[1].int == nil)
    #expect(value["b"]?.string == "x\nyé😀")
    #expect(value.members?.map(\.0) == ["a", "b", "c"])
    #expect(value.text == "{\"a\":[1,2.5,-0,null,true,false],\"b\":\"x\\nyé😀\",\"c\":{}}")
    #expect(try JSON.parse(value.text) == value)
    #expect(JSON.string("\u{1}\"\\").text == "\"\\u0001\\\"\\\\\"")
    #expect(JSON.object(["n": .number(1e-7), "i": .integer(3)]).text == "{\"n\":1e-7,\"i\":3}")
  }
}
