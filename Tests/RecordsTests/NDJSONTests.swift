import Bytes
import Records
import Testing
import Workbench

@Suite struct NDJSONTests {
  let head = "{\"schema\":{\"kind\":\"bag\",\"features\":[\"a\",\"b\"],\"made_by\":\"test 1\",\"end\":true}}\n"
  let trust = options { $0.trustOrder = true }
  let digest = SHA256.digest12(of: ["a", "b"])

  @Test func wholeBags() throws {
    let text =
      head
      + "{\"bag\":\"A:B\",\"gene_a\":\"A\",\"gene_b\":\"B\",\"label\":1,\"schema\":\"\(digest)\",\"instances\":"
      + "[{\"id\":\"i\",\"isoform_a\":\"A1\",\"isoform_b\":\"B1\",\"instance_label\":null,\"x\":[1,2.5]},"
      + "{\"id\":\"j\",\"isoform_a\":null,\"isoform_b\":null,\"instance_label\":0,\"x\":[1e-9,0.1]}]}\n"
      + "{\"end\":{\"records\":1}}\n"
    let reader = try RecordReader(MemorySource(text))
    #expect(reader.kind == .bag && reader.format == .ndjson && reader.digest == digest)
    let bag = try #require(try reader.next())
    #expect(bag.bag == "A:B" && bag.label == 1 && bag.geneB == "B")
    #expect(bag.instances.map(\.id) == ["i", "j"])
    #expect(bag.instances[1].label == 0 && bag.instances[1].isoformA == nil)
    #expect(bag.values == [1, 2.5, 1e-9, 0.1])
    #expect(try reader.next() == nil)
    #expect(try rewritten(text) == text)
    let tsv = try rewritten(text, as: .tsv)
    #expect(
      tsv == "bag\tgene_a\tgene_b\tlabel\tinstances\tid\tisoform_a\tisoform_b\tinstance_label\ta\tb\n"
        + "A:B\tA\tB\t1\t2\ti\tA1\tB1\tNA\t1\t2.5\nA:B\tA\tB\t1\t2\tj\tNA\tNA\t0\t1e-9\t0.1\n")
    #expect(try rewritten(tsv, as: .ndjson) == text)
  }

  @Test func featureRowsInAnyOrderOfKeys() throws {
    let all = try bags(
      "{\"x\":[1,null],\"id\":\"a\"}\r\n\n{ \"label\" : 0 , \"id\" : \"\\u0062\" , \"x\" : [ 2 , 3.5e1 ] }",
      options {
        $0.trustOrder = true
        $0.keepMissing = true
      })
    #expect(all.map(\.bag) == ["a", "b"])
    #expect(all[0].values[0] == 1 && all[0].values[1].isNaN)
    #expect(all[1].values == [2, 35] && all[1].label == 0)
  }

  @Test func flatRowsOfABag() throws {
    let all = try bags(
      "{\"bag\":\"b\",\"id\":\"i\",\"label\":1,\"x\":[1]}\n{\"bag\":\"b\",\"id\":\"j\",\"label\":1,\"x\":[2]}\n"
        + "{\"bag\":\"c\",\"id\":\"k\",\"label\":0,\"instances\":1,\"x\":[3]}\n", trust)
    #expect(all.map(\.bag) == ["b", "c"])
    #expect(all[0].values == [1, 2])
  }

  @Test func sparseFeatures() throws {
    let text =
      "{\"schema\":{\"kind\":\"feature\",\"features\":[\"a\",\"b\",\"c\"]}}\n{\"id\":\"p\",\"x\":{\"c\":2,\"a\":1}}\n"
      + "{\"id\":\"q\",\"x\":{}}\n{\"id\":\"r\",\"x\":[7,8,9]}\n"
    #expect(try bags(text).map(\.values) == [[1, 0, 2], [0, 0, 0], [7, 8, 9]])
    let line = "{\"schema\":{\"kind\":\"feature\",\"features\":[\"a\"]}}\n"
    #expect(message(line + "{\"id\":\"p\",\"x\":{\"z\":2}}\n") == "t: in:2:16: there is no feature 'z' in the schema\n")
    #expect(message(line + "{\"id\":\"p\",\"x\":{\"a\":2,\"a\":1}}\n") == "t: in:2:22: key 'a' twice in one object\n")
    #expect(message("{\"id\":\"p\",\"x\":{\"a\":2}}\n", trust)?.contains("no schema line") == true)
  }

  @Test func faultsHaveTheirPlace() {
    let cases: [(String, String)] = [
      ("{\"id\":\"p\",\"x\":[1,2]", "t: in:1:20: the line ends too early\n"),
      ("{\"id\":\"p\",\"x\":[1,2", "t: in:1:19: the line ends too early\n"),
      ("{\"id\":\"p\",\"x\":[1,NaN]}", "t: in:1:18: feature 'x[1]': 'NaN' is not a finite number; missing is null\n"),
      ("{\"id\":\"p\",\"x\":[1e999]}", "t: in:1:16: feature 'x[0]': '1e999' is not a finite number; missing is null\n"),
      ("{\"id\":\"p\",\"x\":[1,]}", "t: in:1:18: a number is missing\n"),
      ("{\"id\":\"p\",\"x\":[01]}", "t: in:1:16: feature 'x[0]': '01' is not a finite number; missing is null\n"),
      ("{\"id\":\"p\",\"id\":\"q\",\"x\":[1]}", "t: in:1:11: key 'id' twice in one object\n"),
      ("{\"id\":\"p\",\"\\u0069d\":\"q\",\"x\":[1]}", "t: in:1:11: key 'id' twice in one object\n"),
      ("{\"id\":\"p\",\"x\":[1]}{}", "t: in:1:19: more text after the record: one object a line\n"),
      ("{\"id\":\"p\",\"x\":[1]},", "t: in:1:19: more text after the record: one object a line\n"),
      ("{\"id\":\"p\",\"x\":[1],}", "t: in:1:19: a key in quotes is missing\n"),
      ("{\"id\":7,\"x\":[1]}", "t: in:1:7: id '7' is not a string\n"),
      ("{\"id\":\"\",\"x\":[1]}", "t: in:1:7: id '' is empty\n"),
      ("{\"id\":\"a\\u0000\",\"x\":[1]}", "t: in:1:7: id 'a\\x00' has a control character\n"),
      ("{\"id\":\"\\ud800\",\"x\":[1]}", "t: in:1:8: half a surrogate pair\n"),
      ("{\"id\":null,\"x\":[1]}", "t: in:1:11: the id is null\n"),
      ("{\"x\":[1]}", "t: in:1:10: the record has no 'id'\n"),
      ("{\"id\":\"p\"}", "t: in:1:11: the record has no features: the member 'x' is missing\n"),
      ("{\"id\":\"p\",\"x\":[]}", "t: in:1:16: x is empty\n"),
      (
        "{\"id\":\"p\",\"tissue\":\"liver\",\"x\":[1]}",
        "t: in:1:11: unknown member 'tissue'\n  hint: pass it on with --keep tissue\n"
      ),
      (
        "{\"id\":\"p\",\"label\":\"yes\",\"x\":[1]}",
        "t: in:1:19: label '\"yes\"' is not a number\n"
          + "  hint: write 1 for positive, 0 for negative, NA where unknown\n"
      ),
      (
        "{\"id\":\"p\",\"label\":true,\"x\":[1]}",
        "t: in:1:19: label 'true' is not a number\n"
          + "  hint: write 1 for positive, 0 for negative, NA where unknown\n"
      ),
      ("{\"bag\":\"b\",\"instances\":[]}", "t: in:1:25: the bag has no instances\n"),
      ("{\"instances\":[{\"id\":\"i\",\"x\":[1]}]}", "t: in:1:35: a record with instances needs a member 'bag'\n"),
      (
        "{\"bag\":\"b\",\"instances\":[{\"id\":\"i\",\"label\":1,\"x\":[1]}]}",
        "t: in:1:35: the member 'label' belongs to the bag\n"
      ),
      (
        "{\"bag\":\"b\",\"id\":\"i\",\"instances\":[{\"id\":\"i\",\"x\":[1]}]}",
        "t: in:1:54: the member 'id' belongs inside 'instances', not beside it\n"
      ),
    ]
    for (text, expected) in cases { #expect(message(text + "\n", trust) == expected) }
    #expect(
      message("{\"id\":\"p\",\"x\":[1,2]}\n{\"id\":\"q\",\"x\":[1]}\n", trust)
        == "t: in:2:15: x has 1 value, expected 2\n")
    #expect(
      message("{\"id\":\"p\",\"x\":[1]}\n{\"id\":\"q\",\"x\":[1,2]}\n", trust)
        == "t: in:2:15: x has 2 values, expected 1\n")
  }

  @Test func namesDigestsAndTrust() throws {
    let row = "{\"id\":\"p\",\"x\":[1,2]}\n"
    #expect(message(row)?.contains("--trust-order") == true)
    #expect(message(row, trust) == nil)
    #expect(try RecordReader(MemorySource(row), options: trust).schema == nil)
    let named = try RecordReader(MemorySource(row), options: options { $0.columns = ["a", "b"] })
    #expect(named.schema?.names == ["a", "b"])
    let carried = "{\"id\":\"p\",\"schema\":\"\(digest)\",\"x\":[1,2]}\n"
    let reader = try RecordReader(MemorySource(carried))
    #expect(reader.schema == nil && reader.digest == digest)
    #expect(message(carried + row)?.contains("the record has no 'schema'") == true)
    #expect(
      message(carried + "{\"id\":\"p\",\"schema\":\"000000000000\",\"x\":[1,2]}\n")
        == "t: in:2:20: the record's schema is '000000000000', that of the stream is '\(digest)'\n"
        + "  hint: the records were made with other features\n")
    #expect(
      message(
        head.replacing("\"a\"", with: "\"c\"")
          + "{\"bag\":\"b\",\"schema\":\"\(digest)\",\"instances\":[{\"id\":\"i\",\"x\":[1,2]}]}\n")?.contains(
          "the record's schema is") == true)
    #expect(
      message("{\"schema\":{\"kind\":\"feature\",\"features\":[\"a\",\"a\"]}}\n")?.contains("the same name 'a'") == true
    )
    #expect(
      message("{\"schema\":{\"kind\":\"feature\",\"features\":[\"id\"]}}\n")?.contains("reserved name 'id'") == true)
  }

  @Test func theEndOfAStream() throws {
    let bag = { (n: Int) in "{\"bag\":\"b\(n)\",\"instances\":[{\"id\":\"i\",\"x\":[1,2]}]}\n" }
    let end = { (n: Int) in "{\"end\":{\"records\":\(n)}}\n" }
    #expect(message(head + bag(1) + bag(2) + end(2)) == nil)
    #expect(message(head + end(0)) == nil)
    #expect(
      message(head + bag(1) + bag(2))
        == "t: in:3: the stream stops after 2 records without its end line: the tool that wrote it failed\n"
        + "  hint: a piece of a stream is read with --part\n")
    #expect(message(head)?.contains("without its end line") == true)
    #expect(message(head + bag(1) + end(2))?.contains("the end line counts 2 records, 1 came") == true)
    #expect(message(head + bag(1) + end(1) + bag(2))?.contains("a record after the end line") == true)
    // Two whole streams put together; then one that was cut before another.
    #expect(message(head + bag(1) + end(1) + head + bag(2) + bag(3) + end(2)) == nil)
    #expect(message(head + bag(1) + head + bag(2) + end(1))?.contains("the first stream was cut") == true)
    let other = head.replacing("\"b\"", with: "\"c\"")
    #expect(
      message(head + bag(1) + end(1) + other)
        == "t: in:4: another schema than before: feature 2 is 'c', expected 'b'\n")
    let part = options { $0.part = true }
    #expect(message(head + bag(1), part) == nil)
    let carried = "{\"bag\":\"b\",\"schema\":\"\(digest)\",\"instances\":[{\"id\":\"i\",\"x\":[1,2]}]}\n"
    #expect(message(carried + end(7), part) == nil)
    #expect(try rewritten(head + end(0)) == head + end(0))
  }

  @Test func bagsThatComeAgain() {
    let row = { (bag: String, id: String) in "{\"bag\":\"\(bag)\",\"id\":\"\(id)\",\"x\":[1]}\n" }
    #expect(message(row("b", "1") + row("c", "2") + row("b", "3"), trust)?.contains("bag 'b' is repeated") == true)
    let whole = "{\"bag\":\"b\",\"instances\":[{\"id\":\"i\",\"x\":[1]}]}\n"
    #expect(message(whole + whole, trust)?.contains("bag 'b' is repeated") == true)
  }

  @Test func keptMembers() throws {
    let keep = options {
      $0.trustOrder = true
      $0.keep = ["tissue", "n"]
    }
    let text =
      "{\"bag\":\"b\",\"tissue\":\"liver\",\"instances\":[{\"id\":\"i\",\"n\":1.50,\"x\":[1]},"
      + "{\"id\":\"j\",\"tissue\":\"skin\",\"x\":[2]}]}\n"
    #expect(try bags(text, keep)[0].kept == [.text("liver"), .number("1.50"), .text("skin"), .missing])
    let scored = "{\"id\":\"p\",\"score\":0.5,\"x\":[1]}\n"
    #expect(try bags(scored, trust)[0].kept == [.number("0.5")])
    #expect(message("{\"id\":\"p\",\"n\":[1],\"x\":[1]}\n", keep)?.contains("is not a single value") == true)
  }

  @Test func limits() {
    let deep = "{\"id\":\"p\",\"x\":" + String(repeating: "[", count: 100_000) + "\n"
    #expect(message(deep, trust) != nil)
    let many =
      "{\"bag\":\"b\",\"instances\":[" + (0..<5).map { "{\"id\":\"\($0)\",\"x\":[1]}" }.joined(separator: ",") + "]}\n"
    #expect(
      message(
        many,
        options {
          $0.trustOrder = true; $0.maxInstances = 4
        })?.contains("--max-instances") == true)
    #expect(
      message(
        many,
        options {
          $0.trustOrder = true; $0.maxLine = 64
        })?.contains("longer than 64 bytes") == true)
  }

  /// The ndjson/ and tsv/ cases of the shared hostile files; what may be taken or not must not crash.
  @Test(.enabled(if: Shared.root != nil, "needs the data beside the repository"))
  func hostileFilesAtReaderLevel() throws {
    let folder = try #require(Shared.root) + "/hostile/hostile/"
    let table = try TableReader(Input.open(folder + "EXPECTED.tsv"))
    var count = 0
    while let row = try table.next() {
      let file = row.field(0)
      guard file.hasPrefix("ndjson/") || file.hasPrefix("tsv/") else { continue }
      count += 1
      var read = true
      do {
        let reader = try RecordReader(Input.open(folder + file), options: trust)
        while try reader.next() != nil {}
      } catch is RecordError {
        read = false
      }
      switch row.field(1) {
      case "accept": #expect(read, "\(file)")
      case "error": #expect(!read, "\(file)")
      default: break
      }
    }
    #expect(count > 20)
  }
}
