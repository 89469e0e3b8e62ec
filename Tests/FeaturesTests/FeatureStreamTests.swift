import Bytes
import Features
import Records
import Testing

@Suite struct FeatureStreamTests {
  @Test func rowsOfAFile() {
    let run = Run.features(of: ">s1 first\nMKV\nAA\n>s2\nMKX*\n", "aac")
    #expect(run.error == nil)
    #expect(run.lines.count == 3)
    #expect(run.lines[0].hasPrefix("id\tlength\tvalid\taac.A\taac.C\t"))
    #expect(run.lines[1].hasPrefix("s1\t5\t5\t0.4\t0\t"))
    #expect(run.lines[2].hasPrefix("s2\t3\t2\t0\t0\t"))
    #expect(run.counts.records == 2 && run.counts.written == 2)
    #expect(run.counts.ambiguousRecords == 1 && run.counts.ambiguousLetters == 1)
  }

  @Test func severalEncodersStandSideBySide() {
    let run = Run.features(of: ">s1\nMKVAA\n", "aac", "dpc", "paac:lambda=2")
    let names = run.lines[0].split(separator: "\t")
    #expect(names.count == 3 + 20 + 400 + 22)
    #expect(names[23] == "dpc.AA" && names[names.count - 1] == "paac-lambda2.freq.lambda2")
    #expect(Run.features(of: ">s\nA\n", "aac", "ct64").error?.code == .usage)
    #expect(Run.features(of: ">s\nA\n", "aac", "aac").error != nil)
  }

  @Test func emptyInputGivesEmptyOutput() {
    let run = Run.features(of: "", "aac")
    #expect(run.text.isEmpty && run.error == nil)
    #expect(Run.features(of: "\n\n", "aac", format: .ndjson).text.isEmpty)
  }

  @Test func concatenatedFilesGiveConcatenatedOutputs() {
    let (first, second) = (">a\nMKVLAAG\n>b\nMMKV\n", ">c\nWERTY\n")
    let one = Run.features(of: first, "aac", "dpc").lines
    let two = Run.features(of: second, "aac", "dpc").lines
    #expect(Run.features(of: first + second, "aac", "dpc").lines == one + two.dropFirst())
    let swapped = Run.features(of: second + first, "aac", "dpc").lines
    #expect(Set(swapped) == Set(one + two))
    #expect(swapped.dropFirst() == two.dropFirst() + one.dropFirst())
  }

  @Test func spellingOfTheFileDoesNotMatter() {
    let plain = Run.features(of: ">s1\nMKVLAAG\n>s2\nMKV\n", "aac").text
    for variant in [
      ">s1\r\nMKVLAAG\r\n>s2\r\nMKV\r\n", "\u{FEFF}>s1\nMKVLAAG\n>s2\nMKV", "\n>s1\nMKV\n\nLA AG\n>s2\nMKV*\n\n",
      ">s1 words\nmkvlaag\n>s2\tmore\nM\tK V\n",
    ] {
      let run = Run.features(of: variant, "aac")
      #expect(run.text == plain, "\(variant) \(run.error?.message ?? "")")
    }
  }

  @Test func shortRules() {
    let fasta = ">s1\nMKVAA\n>s2\nM\n>s3\n\n"
    let missing = Run.features(of: fasta, "aac", "dpc")
    #expect(missing.lines.count == 4)
    #expect(missing.lines[2].hasSuffix("\tNA\tNA") && missing.lines[2].hasPrefix("s2\t1\t1\t0\t"))
    #expect(missing.lines[3].split(separator: "\t").filter { $0 == "NA" }.count == 420)
    #expect(missing.warnings.count == 2)
    #expect(missing.warnings[0] == "'s2' has missing features: dpc needs 2 letters, there is 1")
    let json = Run.features(of: ">s3\n", "aac", format: .ndjson)
    #expect(json.lines[1].contains("null,null") && json.lines[2] == "{\"end\":{\"records\":1}}")
    let zero = Run.features(of: fasta, "aac", "dpc") { $0.short = .zero }
    #expect(zero.lines[3].hasPrefix("s3\t0\t0\t0\t0") && !zero.lines[3].contains("NA"))
    #expect(zero.warnings[0] == "'s2' has features of 0: dpc needs 2 letters, there is 1")
    let skip = Run.features(of: fasta, "aac", "dpc") { $0.short = .skip }
    #expect(skip.lines.count == 2 && skip.counts.written == 1)
    #expect(skip.warnings[0] == "'s2' is left out: dpc needs 2 letters, there is 1")
    let stop = Run.features(of: fasta, "aac", "dpc") { $0.short = .error }
    #expect(stop.error?.code == .data && stop.error?.place?.line == 3)
    let noWindow = Run.features(of: ">x\nXXXX\n", "dpc")
    #expect(noWindow.warnings == ["'x' has missing features: dpc finds no valid window in 4 letters"])
  }

  @Test func duplicateRules() {
    let fasta = ">a\nM\n>a\nK\n>a_2\nV\n>a\nA\n"
    func ids(_ rule: DuplicateRule) -> [Substring] {
      Run.features(of: fasta, "aac") { $0.duplicates = rule }.lines.dropFirst().map { $0.prefix { $0 != "\t" } }
    }
    #expect(ids(.warn) == ["a", "a", "a_2", "a"])
    #expect(Run.features(of: fasta, "aac").warnings.count == 2)
    #expect(ids(.first) == ["a", "a_2"])
    let renamed = ids(.suffix)
    #expect(renamed.count == 4 && Set(renamed).count == 4)
    let stop = Run.features(of: fasta, "aac") { $0.duplicates = .error }
    #expect(stop.error?.message == "the id 'a' was there before" && stop.error?.place?.line == 3)
  }

  @Test func idsAreCounted() {
    var ids = IdLedger()
    for round in 0..<3 {
      for id in 0..<5000 { #expect(ids.enter("id\(id)") == round) }
    }
    #expect(ids.count == 5000)
    for round in 0..<1000 { #expect(ids.enter("often") == round) }
    #expect(ids.count == 5001)
  }

  @Test func nucleotidesAreNoProteins() {
    let bases = (1...12).map { ">s\($0)\nACGTNNACGTACGTACGT\n" }.joined()
    let stop = Run.features(of: bases, "aac")
    #expect(stop.error?.code == .data && stop.text.isEmpty)
    #expect(stop.error?.message.hasPrefix("the first 10 records look like nucleotides") == true)
    let insists = Run.features(of: bases, "aac") { $0.alphabet = .protein }
    #expect(insists.error == nil && insists.lines.count == 13)
    #expect(Run.features(of: bases, "ct64").error == nil)
    let tenth = (1...9).map { ">s\($0)\nACGT\n" }.joined() + ">p\nMKV\n" + bases
    let mixed = Run.features(of: tenth, "aac")
    #expect(mixed.error == nil && mixed.lines.count == 23)
    let few = Run.features(of: ">s1\n" + String(repeating: "ACGT", count: 30) + "\n", "aac")
    #expect(few.error?.message.hasPrefix("the first record looks like nucleotides") == true && few.text.isEmpty)
    #expect(Run.features(of: ">s1\nACGTACGT\n", "aac").error == nil)
  }

  @Test func proteinsAreNoNucleotides() {
    let stop = Run.features(of: ">a\nACGT\n>b\nMKVLAAGIVG\n", "ct64")
    #expect(stop.error?.place?.line == 3)
    #expect(stop.error?.message.hasPrefix("'b' is no nucleotide sequence: 2 of its 10 letters") == true)
    let insists = Run.features(of: ">a\nACGT\n>b\nMKVLAAGIVG\n", "kmer:k=1") { $0.alphabet = .nucleotide }
    #expect(insists.error == nil && insists.lines.count == 3)
  }

  @Test func faultyFiles() {
    for text in ["ACGT\n", ">s1\nAC\0GT\n", ">s1\n1 ACGT 4\n", ">\nACGT\n", ">s1\nAC>s2\nGT\n"] {
      let run = Run.features(of: text, "aac")
      #expect(run.error?.code == .data, "\(text)")
    }
  }

  @Test func bothFormsHaveTheSameNumbers() throws {
    let fasta = ">s1\nMKVLAAGIVG\n>s2\nMKX\n"
    let table = Run.features(of: fasta, "dpc").lines.dropFirst()
    let objects = Run.features(of: fasta, "dpc", format: .ndjson).lines.dropFirst().dropLast()
    #expect(table.count == 2 && objects.count == 2)
    for (row, object) in zip(table, objects) {
      let fields = row.split(separator: "\t").dropFirst(3).map(String.init)
      let start = try #require(object.firstIndex(of: "["))
      let numbers = object[start...].dropFirst().dropLast(2).split(separator: ",").map(String.init)
      #expect(fields == numbers)
    }
  }
}
