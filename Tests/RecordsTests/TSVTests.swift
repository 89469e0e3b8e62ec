import Bytes
import Records
import Testing

@Suite struct TSVTests {
  @Test func featureRows() throws {
    let all = try bags("id\tlabel\tf0\tf1\np1\t1\t0.5\t-2e-3\np2\t0\t3\tNA\n", options { $0.keepMissing = true })
    #expect(all.count == 2)
    #expect(all[0].bag == "p1")
    #expect(!all[0].hasBag)
    #expect(all[0].label == 1)
    #expect(all[0].values == [0.5, -0.002])
    #expect(all[0].place == Bytes.SourceLocation(source: "in", line: 2))
    #expect(all[1].values[0] == 3)
    #expect(all[1].values[1].isNaN)
  }

  @Test func spellingsThatAreAccepted() throws {
    let clean = try bags("id\tf0\nπ\t1\nb\t2\n")
    for text in ["\u{FEFF}id\tf0\r\nπ\t1\r\nb\t2\r\n", "id\tf0\n\nπ\t1\n\nb\t2", "\nid\tf0\nπ\t1\nb\t2\r"] {
      for block in [1, 2, 3, 7, 1000] {
        let all = try bags(text, block: block)
        #expect(all.map(\.bag) == clean.map(\.bag))
        #expect(all.map(\.values) == clean.map(\.values))
      }
    }
  }

  @Test func theRowsOfABagAreOneRecord() throws {
    let text = """
      bag\tgene_a\tgene_b\tlabel\tinstances\tid\tisoform_a\tisoform_b\tinstance_label\tx1\tx2
      A:B\tA\tB\t1\t2\ta1:b1\ta1\tb1\t0\t1\t2
      A:B\tA\tB\t1\t2\ta2:b1\ta2\tb1\tNA\t3\t4
      C:D\tC\tD\tNA\t1\tc1:d1\tc1\td1\tNA\t5\t6

      """
    let reader = try RecordReader(MemorySource(text))
    #expect(reader.kind == .bag)
    #expect(reader.schema?.names == ["x1", "x2"])
    let first = try #require(try reader.next())
    #expect(first.bag == "A:B" && first.geneA == "A" && first.geneB == "B" && first.label == 1 && first.hasBag)
    #expect(first.instances.map(\.id) == ["a1:b1", "a2:b1"])
    #expect(first.instances.map(\.label) == [0, nil])
    #expect(first.instances[1].isoformA == "a2")
    #expect(first.values == [1, 2, 3, 4])
    let second = try #require(try reader.next())
    #expect(second.label == nil && second.values == [5, 6])
    #expect(try reader.next() == nil)
    #expect(try rewritten(text) == text)
  }

  @Test func faultsHaveTheirPlace() {
    let head = "id\tlabel\tf0\tf1\n"
    let cases: [(String, String)] = [
      (head + "p\t1\t0,5\t1\n", "t: in:2:5: column 'f0': '0,5' is not a number\n  hint: the decimal point is '.'\n"),
      (head + "p\t1\t1\t\n", "t: in:2:7: column 'f1' is empty\n  hint: a missing value is written NA\n"),
      (
        head + "p\t1\t1\tnan\n",
        "t: in:2:7: column 'f1': 'nan' is not a number\n  hint: a missing value is written NA\n"
      ),
      (head + "p\t1\t1\tinf\n", "t: in:2:7: column 'f1': 'inf' is not a number\n"),
      (head + "p\t1\t0x1p3\t1\n", "t: in:2:5: column 'f0': '0x1p3' is not a number\n"),
      (head + "p\t1\t+1\t1\n", "t: in:2:5: column 'f0': '+1' is not a number\n"),
      (head + "p\t1\t.5\t1\n", "t: in:2:5: column 'f0': '.5' is not a number\n"),
      (head + "p\t1\t1e999\t1\n", "t: in:2:5: column 'f0': '1e999' is not a number\n"),
      (head + "p\t1\t1 \t1\n", "t: in:2:5: column 'f0': '1 ' is not a number\n"),
      (
        head + "p\t1\t1\tliver\n",
        "t: in:2:7: column 'f1': 'liver' is not a number\n  hint: if 'f1' is not a feature, pass it on with --keep f1\n"
      ),
      (head + "p\t1\t1\n", "t: in:2: the row has 3 fields, expected 4\n"),
      (head + "p\t1\t1\t1\t1\n", "t: in:2: the row has 5 fields, expected 4\n"),
      (head + "p\t1\tx\n", "t: in:2: the row has 3 fields, expected 4\n"),
      (
        head + head,
        "t: in:2: the header is repeated\n  hint: to put TSV files together, name them all instead of using cat\n"
      ),
      ("id\tf\tf\n", "t: in:1: columns 2 and 3 have the same name 'f'\n"),
      ("id\t\tf\n", "t: in:1: the name of column 2 is empty\n"),
      ("id,f0\n", "t: in:1: there is no column 'id'\n  hint: columns are separated by tabs, not commas\n"),
      ("id\tlabel\n", "t: in:1: there are no feature columns\n"),
      (head + "\t1\t1\t1\n", "t: in:2:1: id '' is empty\n"),
      (head + "a\u{1}\t1\t1\t1\n", "t: in:2:1: id 'a\\x01' has a control character\n"),
      (
        head + "p\tyes\t1\t1\n",
        "t: in:2:3: label 'yes' is not a number\n"
          + "  hint: write 1 for positive, 0 for negative, NA where unknown\n"
      ),
      (">p\nACGT\n", "t: in:1: the input is FASTA, not features\n  hint: seqfeat makes features of sequences\n"),
      ("[{\"id\":\"a\"}]\n", "t: in:1: a JSON array, not one object a line\n  hint: jq -c '.[]' makes lines of it\n"),
    ]
    for (text, expected) in cases { #expect(message(text) == expected) }
  }

  @Test func bagsThatDoNotAddUp() {
    func text(_ rows: String...) -> String { "bag\tlabel\tinstances\tid\tf\n" + rows.joined(separator: "\n") + "\n" }
    #expect(message(text("b\t1\t2\ti\t1", "b\t1\t2\tj\t1", "c\t0\t1\tk\t1")) == nil)
    #expect(
      message(text("b\t1\t3\ti\t1", "b\t1\t3\tj\t1", "c\t0\t1\tk\t1"))
        == "t: in:2: bag 'b' has 2 rows, its column instances says 3\n"
        + "  hint: the rows of a bag must be adjacent; was the file cut inside a bag?\n")
    #expect(message(text("b\t1\t3\ti\t1"))?.hasPrefix("t: in:2: bag 'b' has 1 rows") == true)
    #expect(message(text("b\t1\t1\ti\t1", "b\t1\t1\tj\t1"))?.hasPrefix("t: in:3: bag 'b' is repeated") == true)
    #expect(
      message(text("b\t1\t1\ti\t1", "c\t1\t1\tj\t1", "b\t1\t1\tk\t1"))
        == "t: in:4: bag 'b' is repeated\n  hint: the rows of a bag must be adjacent: sort the file by bag\n")
    #expect(
      message(text("b\t1\t2\ti\t1", "b\t0\t2\tj\t1"))
        == "t: in:3: bag 'b': label is '0' here, '1' on its first row (line 2)\n"
        + "  hint: a label of its own for each row is instance_label\n")
    #expect(message(text("b\t1\t0\ti\t1")) == "t: in:2:5: instances '0' is not a count\n")
    let many = (0..<20).map { "b\t1\t20\ti\($0)\t1" }.joined(separator: "\n")
    #expect(
      message(text(many), options { $0.maxInstances = 10 })
        == "t: in:12: bag 'b' has more than 10 instances\n  hint: raise the limit with --max-instances\n")
  }

  @Test func keptColumns() throws {
    let text = "id\ttissue\tf\tscore\np\tliver\t1\t0.25\nq\tNA\t2\t0.5\n"
    #expect(message(text)?.contains("--keep tissue") == true)
    let keep = options { $0.keep = ["tissue"] }
    let reader = try RecordReader(MemorySource(text), options: keep)
    #expect(reader.schema?.names == ["f"])
    #expect(reader.columns == RecordColumns(reserved: ["id"], keep: ["tissue", "score"]))
    #expect(try reader.next()?.kept == [.text("liver"), .number("0.25")])
    #expect(try reader.next()?.kept == [.missing, .number("0.5")])
    #expect(try rewritten(text, keep) == "id\ttissue\tscore\tf\np\tliver\t0.25\t1\nq\tNA\t0.5\t2\n")
    #expect(message(text, options { $0.keep = ["nose"] })?.contains("there is no column 'nose' to keep") == true)
  }

  @Test func columnsAreGivenWhereThereIsNoHeader() throws {
    let all = try bags("p\t1\t2\nq\t3\t4\n", options { $0.columns = ["id", "a", "b"] })
    #expect(all.map(\.values) == [[1, 2], [3, 4]])
    #expect(
      message("p\t1\t2\n", options { $0.columns = ["id", "a"] }) == "t: in:1: the row has 3 fields, expected 2\n")
  }

  @Test func missingFeatures() throws {
    let text = "id\ta\tb\np\t1\tNA\nq\t3\t4\n"
    #expect(
      message(text)
        == "t: in:2: feature 'b' of 'p' is missing\n  hint: say what to do with --missing skip, zero or mean\n")
    #expect(try bags(text, options { $0.missing = .zero }).map(\.values) == [[1, 0], [3, 4]])
    #expect(try bags(text, options { $0.missing = .skip }).map(\.bag) == ["q"])
    #expect(try bags(text, options { $0.missing = .mean })[0].values[1].isNaN)
  }

  @Test func badRowsAreSkippedWhenAsked() throws {
    var warnings: [Diagnostic] = []
    let reader = try RecordReader(
      MemorySource("id\ta\np\tx\nq\t2\nr\nid\ta\n"),
      options: options { $0.badRows = .skip }, report: { warnings.append($0) })
    #expect(try reader.next()?.bag == "q")
    #expect(throws: RecordError.self) { while try reader.next() != nil {} }
    #expect(warnings.count == 2)
    #expect(warnings.allSatisfy { $0.topic == "rows skipped as unreadable" })
  }

  @Test func emptyInputs() throws {
    for text in ["", "\n\n", "  \n"] {
      let reader = try RecordReader(MemorySource(text))
      #expect(reader.isEmpty && reader.schema == nil)
      #expect(try reader.next() == nil)
      #expect(try rewritten(text) == "")
    }
    #expect(try rewritten("id\tf\n") == "id\tf\n")
  }

  @Test func longLinesAreRefusedBeforeMemoryIsTaken() {
    let text = "id\tf\n" + String(repeating: "a", count: 5000) + "\t1\n"
    #expect(message(text, options { $0.maxLine = 5002 }) == nil)
    #expect(
      message(text, options { $0.maxLine = 5001 })?.hasPrefix("t: in:2: the line is longer than 5001 bytes") == true)
    #expect(
      message("id\tf\n" + String(repeating: "a", count: 66000) + "\t1\n")?.contains("is longer than 64 KiB") == true)
  }

  @Test func severalFilesHaveTheSameHeader() throws {
    let a = try temporaryFile(Array("id\tf\np\t1".utf8), name: "a")
    let b = try temporaryFile(Array("id\tf\nq\t2\n".utf8), name: "b")
    let c = try temporaryFile(Array("id\tg\nq\t2\n".utf8), name: "c")
    let reader = try RecordReader(SourceChain(paths: [a, b]))
    #expect(try reader.next()?.bag == "p")
    let second = try #require(try reader.next())
    #expect(second.bag == "q" && second.place == Bytes.SourceLocation(source: b, line: 2))
    #expect(try reader.next() == nil)
    let other = try RecordReader(SourceChain(paths: [a, c]))
    _ = try other.next()
    #expect(throws: RecordError.self) { try other.next() }
    #expect(throws: IOFailure.self) { try SourceChain(paths: [a, "/nowhere"]) }
  }

  @Test func theDigestOfARowIsChecked() {
    let digest = SHA256.digest12(of: ["f"])
    #expect(message("id\tschema\tf\np\t\(digest)\t1\n") == nil)
    #expect(message("id\tschema\tf\np\t123456789abc\t1\n")?.contains("the record's schema is '123456789abc'") == true)
  }

  @Test func manyBagsAreRemembered() throws {
    var text = "bag\tid\tf\n"
    for i in 0..<5000 { text += "b\(i)\ti\t1\n" }
    #expect(message(text) == nil)
    #expect(message(text + "b17\ti\t1\n")?.contains("bag 'b17' is repeated") == true)
  }
}
