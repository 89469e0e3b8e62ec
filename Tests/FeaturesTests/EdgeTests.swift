import Bytes
import Features
import Testing

@Suite struct EdgeTests {
  private static let folder = GoldenFiles.fixtures + "golden/"

  /// Each row of the table: valid residues, windows, bins that are not 0, sum of the frequencies.
  @Test func edgeTable() throws {
    let rows = GoldenFiles.rows(Self.folder + "edge_expected.tsv").dropFirst()
    let proteins = GoldenFiles.fasta(Self.folder + "edge_proteins.fa")
    let transcripts = GoldenFiles.fasta(Self.folder + "edge_transcripts.fa")
    #expect(!rows.isEmpty && rows.count == proteins.count + transcripts.count)
    for (row, record) in zip(rows, proteins + transcripts) {
      #expect(row[0] == record.id)
      let name = row[1] == "protein" ? "ct343" : "ct64"
      let counts = try EncoderCatalog.encoder(name + ":count")
      var residues = Residues(counts.alphabet)
      try residues.read(record.sequence)
      #expect(residues.valid == Int(row[3]), "\(row)")
      #expect(residues.length == (Int(row[2]) ?? 0) - (record.sequence.hasSuffix("*") ? 1 : 0))
      let skipped = try counts.features(of: record.sequence)
      #expect(Int(skipped?.reduce(0, +) ?? 0) == Int(row[5]), "\(row)")
      #expect(skipped?.filter { $0 > 0 }.count ?? 0 == Int(row[6]), "\(row)")
      let frequencies = try EncoderCatalog.encoder(name).features(of: record.sequence)
      #expect((frequencies == nil) == (row[7] == "null"))
      if let frequencies { #expect(abs(frequencies.reduce(0, +) - 1) < 1e-12) }
      let stripped = try counts.features(of: record.sequence, rule: .strip)
      #expect(Int(stripped?.reduce(0, +) ?? 0) == Int(row[8]), "\(row)")
    }
  }

  @Test func spellingIsFree() throws {
    let encoder = try EncoderCatalog.encoder("paac")
    let plain = try encoder.features(of: "MKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNM")
    #expect(try encoder.features(of: "mkvlaagivgLLLAQWERTYIPASDFGHKLCVNM*") == plain)
    let triads = try EncoderCatalog.encoder("ct64")
    #expect(try triads.features(of: "ACGUACGUGGA") == triads.features(of: "acgtacgtgga"))
  }

  @Test func lengthsAroundTheMinimum() throws {
    let encoder = try EncoderCatalog.encoder("paac")
    #expect(encoder.minimumLength == 21)
    #expect(try encoder.features(of: "MKVLAAGIVGLLLAQWERTY") == nil)
    #expect(try encoder.features(of: "MKVLAAGIVGLLLAQWERTYI") != nil)
    #expect(try EncoderCatalog.encoder("dpc").features(of: "M") == nil)
    #expect(try EncoderCatalog.encoder("aac").features(of: "") == nil)
    #expect(try EncoderCatalog.encoder("aac").features(of: "XXX") == nil)
  }

  /// One X leaves each lag its other pairs; the divisor is the number of pairs that are left.
  @Test func ambiguousResiduesLeaveTheOtherPairs() throws {
    let encoder = try EncoderCatalog.encoder("paac:lambda=1,w=1")
    let features = try #require(try encoder.features(of: "AAXAA"))
    #expect(features[20] == 0)
    let alone = try #require(try encoder.features(of: "AR"))
    let both = try #require(try encoder.features(of: "ARXAR"))
    #expect(zip(alone, both).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(try encoder.features(of: "AXAXA") == nil)
  }

  @Test func homopolymersHaveNoOrderTerms() throws {
    let features = try #require(
      try EncoderCatalog.encoder("paac").features(of: String(repeating: "W", count: 5000)))
    #expect(features[20...].allSatisfy { $0 == 0 })
  }

  @Test func mapCountsHalves() throws {
    let composition = try EncoderCatalog.encoder("aac")
    let features = try #require(try composition.features(of: "BZUOJX", rule: .map))
    let byName = Dictionary(uniqueKeysWithValues: zip(composition.names, features))
    for (name, share) in [("D", 0.1), ("N", 0.1), ("E", 0.1), ("Q", 0.1), ("C", 0.2), ("K", 0.2), ("L", 0.2)] {
      #expect(byName["aac." + name] == share)
    }
    let pairs = try #require(try EncoderCatalog.encoder("dpc").features(of: "ABA", rule: .map))
    #expect(pairs.filter { $0 == 0.25 }.count == 4)
  }

  @Test func lettersThatCannotBe() throws {
    func code(_ text: String, _ alphabet: Alphabet, _ rule: AmbiguityRule = .skip) -> String {
      var residues = Residues(alphabet, rule: rule)
      do { try residues.read(text, record: "s1") } catch let error as any Diagnosable {
        return error.diagnostic.message
      } catch { return "another error" }
      return "accepted"
    }
    #expect(code("AC1GT", .protein) == "'1' at position 3 of 's1' is not a letter of a sequence")
    #expect(code("AC\u{1}GT", .nucleotide).hasPrefix("byte 0x01 at position 3"))
    #expect(code("MKVLAAGIVG", .nucleotide).hasPrefix("'s1' is no nucleotide sequence: 2 of its 10 letters"))
    #expect(code("ACGTACGTAE", .nucleotide) == "accepted")  // 10 % is not over 10 %
    #expect(code("ACGTNACGT", .nucleotide, .error).hasPrefix("'N' at position 5 of 's1'"))
    #expect(code("MKX", .protein, .error).hasPrefix("'X' at position 3"))
    #expect(code("MK*", .protein, .error) == "accepted")
    #expect(code("M*K", .protein, .error).hasPrefix("'*' at position 2"))
  }
}
