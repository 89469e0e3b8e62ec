import Bytes
import Features
import Testing

@Suite struct TranslationTests {
  /// The protein of a text, and what was met on the way.
  private func translate(
    _ text: String, code: Int = 1, masked: Bool = false, _ change: (inout Translation.Options) -> Void = { _ in }
  ) throws -> (protein: String, outcome: Translation.Outcome) {
    var options = Translation.Options(try GeneticCode.numbered(code))
    change(&options)
    var translation = Translation(options, maskLower: masked)
    var bytes = Array(text.utf8)
    let outcome = try bytes.withUnsafeMutableBufferPointer {
      try translation.translate(
        UnsafeBufferPointer($0), record: "s", place: Bytes.SourceLocation(source: "in", line: 1))
    }
    return (String(decoding: translation.protein, as: UTF8.self), outcome)
  }

  /// Every codon with its ambiguous bases, under every code, as Biopython has it.
  @Test func everyCodonOfEveryCode() throws {
    let rows = GoldenFiles.rows(GoldenFiles.fixtures + "translation/codes.tsv").dropFirst()
    #expect(rows.map { Int($0[0]) } == GeneticCode.all.map(\.id))
    #expect(rows.count == 27)
    let bases = Array("TCAG")
    let plain = bases.flatMap { a in bases.flatMap { b in bases.map { c in "\(a)\(b)\(c)" } } }
    let letters = Array("ACGTRYSWKMBDHVN")
    let all = letters.flatMap { a in letters.flatMap { b in letters.map { c in "\(a)\(b)\(c)" } } }
    for row in rows {
      let code = try #require(Int(row[0]))
      var expected = Dictionary(uniqueKeysWithValues: zip(plain, row[1].map(String.init)))
      for group in row[3].split(separator: " ") {
        for codon in group.dropFirst(2).split(separator: ",") { expected[String(codon)] = String(group.prefix(1)) }
      }
      // A last codon keeps each one from being the end, where a stop would be dropped.
      let found = try translate(all.joined() + "GCC", code: code).protein
      #expect(found == all.map { expected[$0] ?? "X" }.joined() + "A", "genetic code \(code)")
      for codon in plain {
        let first = try translate(codon + "GCC", code: code) { $0.startCodon = .methionine }.protein
        let starts = row[2].split(separator: ",").contains { $0 == codon }
        #expect(first == (starts ? "M" : expected[codon] ?? "") + "A", "genetic code \(code), \(codon)")
      }
    }
  }

  @Test func endsOfARecord() throws {
    #expect(try translate("ATGGCCTAA").protein == "MA")
    #expect(try translate("ATGGCCTAA").outcome.endsWithStop)
    #expect(try translate("ATGGCCTAAG").protein == "MA")
    #expect(try translate("ATGGCCTAAG").outcome.looseBases == 1)
    #expect(try translate("ATGGCCTAATAA").protein == "MA*")
    #expect(try translate("AT").protein == "" && translate("").protein == "" && translate("TAA").protein == "")
    #expect(try translate("ATGTAR").protein == "M")
    #expect(try translate("augGCCuga").protein == "MA")
  }

  @Test func stopsBeforeTheEnd() throws {
    let text = "ATGTGAGCCTAG"
    let kept = try translate(text)
    #expect(kept.protein == "M*A" && kept.outcome.firstStop == 2 && kept.outcome.endsWithStop)
    let cut = try translate(text) { $0.internalStop = .cut }
    #expect(cut.protein == "M" && cut.outcome.firstStop == 2 && !cut.outcome.endsWithStop)
    #expect(try translate("TAAGCC") { $0.internalStop = .cut }.protein == "")
    #expect(
      throws: FeatureError.internalStop(codon: 2, record: "s", place: Bytes.SourceLocation(source: "in", line: 1))
    ) {
      try translate(text) { $0.internalStop = .error }
    }
    #expect(try translate("ATGGCCTAG") { $0.internalStop = .error }.protein == "MA")
  }

  /// Condylostoma reads TAA as Q, and stops at it.
  @Test func aCodonOfTwoMeanings() throws {
    let found = try translate("ATGTAATAA", code: 28)
    #expect(found.protein == "MQ" && found.outcome.endsWithDoubtfulStop && found.outcome.firstStop == 0)
    #expect(try translate("ATGTAATGG", code: 28).protein == "MQW")
  }

  @Test func whatIsNoBase() throws {
    #expect(try translate("CTNCT-GCCGEC").protein == "LXAX")
    #expect(try translate("CTNCT-GCCGEC").outcome.unresolved == 2)
    #expect(try translate("ctnGCC", masked: true).protein == "XA")
  }

  @Test func startCodons() throws {
    let plain = try translate("CTGGCC")
    #expect(plain.protein == "LA" && plain.outcome.hasOtherStart)
    let started = try translate("CTGGCC") { $0.startCodon = .methionine }
    #expect(started.protein == "MA" && !started.outcome.hasOtherStart)
    #expect(try translate("GTGGCC") { $0.startCodon = .methionine }.protein == "VA")
    #expect(try translate("GTGGCC", code: 11) { $0.startCodon = .methionine }.protein == "MA")
  }

  @Test func unknownCodes() {
    #expect(throws: FeatureError.unknownGeneticCode(7, known: GeneticCode.all.map(\.id))) {
      try GeneticCode.numbered(7)
    }
  }

  /// One file of coding sequences gives what a file of each kind gives.
  @Test func bothKindsOfFeaturesInOneRun() throws {
    let coding = ">a\nATGAAAGTTNCTGCTGGTATTGTTTAA\n>b\nATGGCNTGGC\n>c\nAT\n"
    let protein = ">a\nMKVXAGIV\n>b\nMAW\n>c\n\n"
    let options: (inout FeatureStream.Options) -> Void = {
      $0.translation = (try? GeneticCode.numbered(1)).map { Translation.Options($0) }
    }
    let translated = Run.features(of: coding, "dpc", "paac:lambda=2", with: options)
    #expect(translated.text == Run.features(of: protein, "dpc", "paac:lambda=2").text)
    #expect(translated.counts.ambiguousLetters == 1)
    let both = Run.features(of: coding, "ct64", "dpc", with: options)
    let nucleotides = Run.features(of: coding, "ct64").lines
    let proteins = Run.features(of: protein, "dpc").lines
    for (row, (first, second)) in zip(both.lines, zip(nucleotides, proteins)) {
      let columns = second.split(separator: "\t").dropFirst(3).joined(separator: "\t")
      #expect(row == first + "\t" + columns)
    }
    #expect(both.lines.count == 4)
  }

  @Test func proteinsAreNotTranslated() {
    let run = Run.features(of: ">a\nMKVLAAGIVG\n", "aac") {
      $0.translation = (try? GeneticCode.numbered(1)).map { Translation.Options($0) }
    }
    #expect(run.error?.message.hasPrefix("'a' looks like a protein: ") == true)
  }
}
