import Features
import Testing

/// The rules for letters stand in the names of the features whose numbers they change.
@Suite struct LetterRulesTests {
  private func names(_ text: String, _ change: (inout LetterRules) -> Void) throws -> [String] {
    var rules = LetterRules()
    change(&rules)
    return try EncoderCatalog.encoder(text, defaults: ["length": "3"], letters: rules).names
  }

  @Test(arguments: EncoderCatalog.entries.map(\.name)) func namesSayWhichRuleItWas(_ text: String) throws {
    let plain = try names(text) { _ in }
    let isProtein = EncoderCatalog.entry(text)?.alphabet == .protein
    #expect(try names(text) { $0.ambiguous = .error } == plain)
    #expect(try (names(text) { $0.ambiguous = .map } == plain) == !isProtein)
    var all = Set(plain)
    for rule in [AmbiguityRule.strip, .map, .skip] {
      for masks in [false, true] where masks || rule == .strip || rule == .map && isProtein {
        let marked = try names(text) { ($0.ambiguous, $0.maskLower) = (rule, masks) }
        if rule == .map && !isProtein { continue }
        #expect(all.isDisjoint(with: marked) && marked.count == plain.count)
        all.formUnion(marked)
      }
    }
  }

  @Test func whereTheMarkStands() throws {
    #expect(try names("ct64") { $0.ambiguous = .strip }[0] == "ct64-strip.freq.AAA")
    #expect(try names("aac") { $0.maskLower = true }[0] == "aac-masklower.A")
    let both = try names("paac:count,lambda=2") { ($0.ambiguous, $0.maskLower) = (.map, true) }
    #expect(both[21] == "paac-lambda2-map-masklower.count.lambda2")
  }

  /// Letters that are mapped count as letters that name no single residue, and as valid ones.
  @Test func mappedLettersAreCounted() {
    let fasta = ">a\nMKUBXZ\n>b\nMKV*\n>c\nOJ-jo\n"
    let mapped = Run.features(of: fasta, "aac") { $0.letters.ambiguous = .map }
    #expect(mapped.counts.ambiguousRecords == 2 && mapped.counts.ambiguousLetters == 9)
    #expect(mapped.counts.mappedLetters == 7)
    #expect(mapped.lines[1].hasPrefix("a\t6\t5\t") && mapped.lines[3].hasPrefix("c\t5\t4\t"))
    let masked = Run.features(of: fasta, "aac") { ($0.letters.ambiguous, $0.letters.maskLower) = (.map, true) }
    #expect(masked.counts.ambiguousLetters == 9 && masked.counts.mappedLetters == 5)
    let skipped = Run.features(of: fasta, "aac")
    #expect(skipped.counts.ambiguousLetters == 9 && skipped.counts.mappedLetters == 0)
  }
}
