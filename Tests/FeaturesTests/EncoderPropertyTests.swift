import Bytes
import Features
import Testing

@Suite struct EncoderPropertyTests {
  private func sequence(_ alphabet: Alphabet, length: Int, seed: UInt64, ambiguous: Bool = false) -> String {
    var random = RandomStream(seed: seed)
    let letters = Array(alphabet.letters + (ambiguous ? (alphabet == .protein ? "XB" : "N") : ""))
    return String((0..<length).map { _ in letters[random.below(letters.count)] })
  }

  private static let texts = EncoderCatalog.entries.map(\.name)

  /// The fast sums over a whole sequence equal those by pairs: an X far behind the end changes no pair before it.
  @Test func fastAndPairwiseSumsAgree() throws {
    let encoder = try EncoderCatalog.encoder("paac:lambda=7")
    for length in [8, 9, 31, 32, 33, 2047, 2048, 2049, 5000] {
      let text = sequence(.protein, length: length, seed: UInt64(length))
      let fast = try #require(try encoder.features(of: text))
      let slow = try #require(try encoder.features(of: text + "X"))
      for (a, b) in zip(fast, slow) { #expect(difference(a, b) < 1e-12) }
    }
  }

  @Test(arguments: texts) func attributionIsKeptByProjection(_ text: String) throws {
    let encoder = try EncoderCatalog.encoder(text, defaults: ["length": "40"])
    let letters = sequence(encoder.alphabet, length: 90, seed: 5, ambiguous: true)
    var residues = Residues(encoder.alphabet)
    try residues.read(letters)
    var random = RandomStream(seed: 6)
    let attribution = (0..<encoder.width).map { _ in random.uniform() - 0.5 }
    var track = [Double](repeating: 0, count: residues.codes.count)
    let rest = residues.codes.withUnsafeBufferPointer {
      Projection.project(attribution, of: encoder, from: $0, onto: &track)
    }
    let total = attribution.reduce(0, +)
    #expect(abs(track.reduce(rest, +) - total) < 1e-9 * Double(encoder.width))
    if text == "blosum62" { return }  // B, Z and X have rows of their own
    for place in residues.codes.indices where Int(residues.codes[place]) >= encoder.alphabet.count {
      #expect(track[place] == 0)
    }
  }

  @Test func aTriadLiesOnItsThreeLetters() throws {
    let encoder = try EncoderCatalog.encoder("ct64")
    var residues = Residues(.nucleotide)
    try residues.read("AAACAAA")
    var attribution = [Double](repeating: 0, count: 64)
    attribution[0] = 6
    attribution[63] = 5
    var track = [Double](repeating: 0, count: 7)
    let rest = residues.codes.withUnsafeBufferPointer {
      Projection.project(attribution, of: encoder, from: $0, onto: &track)
    }
    #expect(track == [1, 1, 1, 0, 1, 1, 1])
    #expect(rest == 5)
  }

  /// The totals of encoders of shares; 13 partitions and two matrices.
  private static let totals: [(text: String, total: Double)] = [
    ("ct64", 1), ("ct343", 1), ("kmer", 1), ("kmer:k=1", 1), ("kmer:k=8", 1), ("rckmer", 1), ("rckmer:k=4", 1),
    ("aac", 1), ("dpc", 1), ("tpc", 1), ("psednc", 1), ("pseknc", 1), ("pseknc:k=5,weight=2", 1), ("paac", 1),
    ("paac:lambda=3,weight=9", 1), ("apaac", 1), ("apaac:lambda=2", 1), ("ctdc", 13), ("ctdc:properties=7", 7),
    ("qso", 2), ("qso:lag=2,weight=3", 2),
  ]

  @Test func sharesAddUp() throws {
    for (text, total) in Self.totals {
      let encoder = try EncoderCatalog.encoder(text)
      for (length, ambiguous) in [(40, false), (300, false), (300, true)] {
        let letters = sequence(encoder.alphabet, length: length, seed: UInt64(length), ambiguous: ambiguous)
        for rule in AmbiguityRule.allCases where rule != .error {
          let features = try #require(try encoder.features(of: letters, rule: rule), "\(text)")
          #expect(difference(features.reduce(0, +), total) < 1e-12, "\(text), \(rule), \(letters)")
        }
      }
    }
    let told = Set(Self.totals.compactMap { EncoderCatalog.entry(of: $0.text)?.name })
    for (kind, entries) in EncoderCatalog.kinds {
      for entry in entries where ["triads", "composition", "pseudo-composition"].contains(kind) {
        #expect(told.contains(entry.name))
      }
    }
  }

  /// The other strand has the same folded words and the same local properties.
  @Test func theOtherStrandIsTheSame() throws {
    let other: [Character: Character] = ["A": "T", "C": "G", "G": "C", "T": "A", "N": "N"]
    let texts = [
      "rckmer", "rckmer:count,k=5", "rckmer:shen,k=4", "dac:lag=6", "psednc:lambda=5", "pseknc:k=4,lambda=6",
    ]
    for text in texts {
      let encoder = try EncoderCatalog.encoder(text)
      for ambiguous in [false, true] {
        let letters = sequence(.nucleotide, length: 211, seed: 11, ambiguous: ambiguous)
        let turned = String(try letters.reversed().map { try #require(other[$0]) })
        let here = try #require(try encoder.features(of: letters))
        let there = try #require(try encoder.features(of: turned))
        let words = text.hasPrefix("pse") ? encoder.names.firstIndex { $0.hasSuffix("lambda1") } : 0
        for column in try #require(words)..<encoder.width {
          #expect(difference(here[column], there[column]) < 1e-11, "\(encoder.names[column])")
        }
        #expect(text.hasPrefix("rckmer") || here[0] != there[0] || text.hasPrefix("dac"))
      }
    }
  }

  @Test(arguments: texts) func everyFeatureIsFinite(_ text: String) throws {
    let encoder = try EncoderCatalog.encoder(text, defaults: ["length": "40"])
    for length in [1, 2, 3, 20, 21, 31, 32, 33, 200] {
      for ambiguous in [false, true] {
        let letters = sequence(encoder.alphabet, length: length, seed: UInt64(length), ambiguous: ambiguous)
        for rule in AmbiguityRule.allCases where rule != .error {
          if let features = try encoder.features(of: letters, rule: rule) {
            #expect(features.allSatisfy { $0.isFinite }, "\(letters)")
          }
        }
      }
    }
  }
}
