import Bytes
import Features
import Records
import Testing

/// Any number of threads gives the same rows, warnings, counts and errors, in the same order.
@Suite struct ThreadTests {
  /// Records of all sorts: short, empty, doubled, with ambiguous letters and stops; more than a few parts of them.
  private static func fasta(records: Int, letters: String, seed: UInt64, with wrong: [Int: String] = [:]) -> String {
    var source = RandomStream(seed: seed, 7)
    let alphabet = Array(letters)
    func below(_ bound: Int) -> Int { Int(source.next() % UInt64(bound)) }
    var text = ""
    for number in 0..<records {
      let id = below(40) == 0 ? "r\(below(number + 1))" : "r\(number)"
      let length = below(30) == 0 ? below(4) : below(700)
      text += ">\(id)\n" + String((0..<length).map { _ in alphabet[below(alphabet.count)] }) + "\n"
      if let wrong = wrong[number] { text += wrong + "\n" }
    }
    return text
  }

  private static let proteins = "ACDEFGHIKLMNPQRSTVWYACDEFGHIKLMNPQRSTVWYX*"

  private func sameForAllThreads(
    _ fasta: String, _ encode: [String], format: OutputFormat = .tsv, isSparse: Bool = false,
    with change: (inout FeatureStream.Options) -> Void = { _ in }
  ) -> Run {
    let one = Run.features(of: fasta, encode, format: format, isSparse: isSparse, with: change)
    for threads in [2, 3, 8] {
      let run = Run.features(of: fasta, encode, format: format, threads: threads, isSparse: isSparse, with: change)
      #expect(run.text == one.text, "\(encode) with \(threads) threads")
      #expect(run.warnings == one.warnings)
      #expect(run.error?.text(tool: "t") == one.error?.text(tool: "t"))
      if one.error == nil { #expect(run.counts == one.counts) }
    }
    return one
  }

  @Test func rows() {
    let fasta = Self.fasta(records: 3000, letters: Self.proteins, seed: 1)
    let run = sameForAllThreads(fasta, ["ct343", "paac"])
    #expect(run.error == nil && run.lines.count == 3001 && run.warnings.count > 100)
    _ = sameForAllThreads(fasta, ["aac", "ctdd"], format: .ndjson)
    _ = sameForAllThreads(fasta, ["ct343"], format: .ndjson, isSparse: true)
    let bases = Self.fasta(records: 1500, letters: "ACGTACGTACGTACGTN", seed: 2)
    #expect(sameForAllThreads(bases, ["kmer:k=5"]).lines.count == 1501)
  }

  @Test(arguments: ShortRule.allCases) func short(_ rule: ShortRule) {
    let fasta = Self.fasta(records: 1200, letters: Self.proteins, seed: 3)
    let run = sameForAllThreads(fasta, ["ct343", "paac"]) { $0.short = rule }
    #expect((run.error != nil) == (rule == .error))
  }

  @Test(arguments: DuplicateRule.allCases) func duplicates(_ rule: DuplicateRule) {
    let fasta = Self.fasta(records: 1200, letters: Self.proteins, seed: 4)
    let run = sameForAllThreads(fasta, ["aac"]) { $0.duplicates = rule }
    #expect((run.error != nil) == (rule == .error))
  }

  @Test(arguments: AmbiguityRule.allCases) func ambiguous(_ rule: AmbiguityRule) {
    let fasta = Self.fasta(records: 400, letters: Self.proteins + "BZUOJ", seed: 5)
    _ = sameForAllThreads(fasta, ["ct343", "apaac"]) { $0.letters.ambiguous = rule }
  }

  @Test func translation() throws {
    let fasta = Self.fasta(records: 1000, letters: "ACGTACGTACGTACGTN", seed: 6)
    let code = try GeneticCode.numbered(1)
    let run = sameForAllThreads(fasta, ["ct64", "paac"]) { $0.translation = Translation.Options(code) }
    #expect(run.error == nil && !run.warnings.isEmpty)
  }

  /// The same rows are written before an error, and of two errors the first one comes out.
  @Test(arguments: [0, 1, 11, 500, 2999]) func errors(_ place: Int) {
    for wrong in ["MKV7", "MK>V"] {
      let fasta = Self.fasta(records: 3000, letters: Self.proteins, seed: 7, with: [place: wrong, 2500: "A1"])
      let run = sameForAllThreads(fasta, ["ct343"])
      #expect(run.error?.place?.line == 2 * min(place, 2500) + 3)
      // The first records may wait for what they are to be taken for.
      if place > 10 { #expect(run.lines.count == 1 + min(place, 2500)) }
    }
    // Bases in place of residues are seen by the thread that encodes, a digit by the one that reads.
    let fasta = Self.fasta(
      records: 3000, letters: "ACGT", seed: 8, with: [place: String(repeating: "EFQ", count: 400), 2700: "1"])
    let run = sameForAllThreads(fasta, ["ct64"])
    let expected = place < 2700 ? "is no nucleotide sequence" : "'1' in a sequence"
    #expect(run.error?.message.contains(expected) ?? false, "\(run.error?.message ?? "")")
  }

  /// A sequence of more than 2^16 letters is turned into codes where it stands.
  @Test func longSequences() throws {
    var source = RandomStream(seed: 9, 7)
    let alphabet = Array("ACDEFGHIKLMNPQRSTVWYX")
    func sequence(_ count: Int) -> String {
      String((0..<count).map { _ in alphabet[Int(source.next() % 21)] })
    }
    let lengths = [70_000, 10, 300_000, 65_535, 65_536, 200, 400_000, 65_537]
    let sequences = lengths.map(sequence)
    let fasta = sequences.enumerated().map { ">s\($0)\n\($1)\n" }.joined()
    for rule in AmbiguityRule.allCases where rule != .error {
      let run = sameForAllThreads(fasta, ["ct343", "aac"]) { $0.letters.ambiguous = rule }
      #expect(run.error == nil && run.lines.count == 1 + lengths.count)
      for (sequence, line) in zip(sequences, run.lines.dropFirst()) {
        var features = try #require(try EncoderCatalog.encoder("ct343").features(of: sequence, rule: rule))
        features += try #require(try EncoderCatalog.encoder("aac").features(of: sequence, rule: rule))
        #expect(line.split(separator: "\t").dropFirst(3).map { Double($0) } == features)
      }
    }
    let wrong = ">a\n" + sequence(100_000) + "\n>b\n" + String(repeating: "MKV", count: 40_000) + "\n"
    #expect(sameForAllThreads(wrong, ["aac"]) { $0.letters.ambiguous = .error }.error != nil)
    let bases = ">a\nACGT\n>b\n" + sequence(100_000) + "\n>c\nACGT\n"
    #expect(sameForAllThreads(bases, ["ct64"]).error?.message.contains("b") ?? false)
  }

  @Test func means() {
    let fasta = Self.fasta(records: 2000, letters: Self.proteins, seed: 10)
      .replacingPrefixes(modulo: 37)
    let run = sameForAllThreads(fasta, ["ct343"]) { $0.grouping = Grouping(prefix: "|", unmapped: .keep) }
    #expect(run.error == nil && run.lines.count == 38)
  }
}

extension String {
  /// Puts `g0|` … in front of the ids of a FASTA text.
  fileprivate func replacingPrefixes(modulo groups: Int) -> String {
    var number = 0
    return split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.hasPrefix(">") else { return String(line) }
      number += 1
      return ">g\(number % groups)|\(line.dropFirst())"
    }.joined(separator: "\n")
  }
}
