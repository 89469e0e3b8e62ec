import Bytes

/// PseDNC (Chen et al. 2013, Nucleic Acids Research 41:e68) and PseKNC (Chen et al. 2014, Analytical Biochemistry
/// 456:53): frequencies of k-mers and λ order terms over dinucleotides: θ_j = mean over the valid pairs of
/// dinucleotides at distance j of the mean squared difference of six properties; f / D and w θ / D with D = 1 + w Σ θ.
/// PseDNC is k = 2.
struct PseudoDinucleotide: Encoder {
  let alphabet = Alphabet.nucleotide
  let names: [String]
  private let lambda: Int
  private let weight: Double
  private let counter: WordCounter
  private let differences: PairTable
  private let properties: Double

  init(_ settings: EncoderSettings, length: Int) {
    let lambda = settings.integer("lambda")
    self.lambda = lambda
    weight = settings.real("weight")
    counter = WordCounter(.nucleotide, length: length)
    differences = PairTable(squaredDifferences: settings.properties.values)
    properties = Double(settings.properties.names.count)
    names = settings.names(counter.spell(["A", "C", "G", "T"]) + (1...lambda).map { "lambda\($0)" })
  }

  var minimumLength: Int { max(counter.length, lambda + 2) }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard counter.count(residues, weight: weight, into: features) > 0 else { return false }
    return Dinucleotides.with(residues) { pairs in
      differences.sums(pairs, lags: lambda) { lag, sum, count in
        features[counter.words + lag - 1] += weight * sum / (properties * Double(count))
      }
    }
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    ChouNormalization.apply(features, leading: counter.words, weight: weight, frequencies: true)
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    counter.visit(residues) { visit(Occurrence(feature: $0, first: $1, count: counter.length)) }
    Dinucleotides.with(residues) { pairs in
      for lag in 1...lambda {
        for place in 0..<max(0, pairs.count - lag)
        where pairs[place] != Dinucleotides.none && pairs[place + lag] != Dinucleotides.none {
          for letter in 0..<2 {
            visit(Occurrence(feature: counter.words + lag - 1, first: place + letter, step: lag, count: 2))
          }
        }
      }
    }
  }

  private static let parameters = [
    Setting("lambda", .integer(1...1000, default: 3), "number of lags"),
    Setting("weight", short: "w", .real(0...1000, default: 0.05), "weight of the lag terms"),
  ]

  static let dinucleotides = EncoderEntry(
    "psednc", "pseudo dinucleotide composition, 16 + lambda numbers", .nucleotide, parameters: parameters,
    properties: DinucleotideProperties.table,
    description: """
      Dinucleotide frequencies f and lambda order terms: theta_j is the mean over pairs of dinucleotides at distance j
      of the mean squared difference of Rise, Roll, Shift, Slide, Tilt and Twist (standardised);
      f / D and w theta / D with D = 1 + w sum theta (Chen et al. 2013).
      Columns: AA, AC ... TT, lambda1, lambda2 ...
      Peers: iFeatureOmega's PseDNC to 5e-16.
      """
  ) { PseudoDinucleotide($0, length: 2) }

  static let words = EncoderEntry(
    "pseknc", "pseudo k-tuple nucleotide composition, 4^k + lambda numbers", .nucleotide,
    parameters: [Kmer.parameter] + parameters, properties: DinucleotideProperties.table,
    description: """
      Frequencies f of the overlapping words of k bases and lambda order terms: theta_j is the mean over the valid pairs
      of dinucleotides at distance j of the mean squared difference of Rise, Roll, Shift, Slide, Tilt and Twist
      (standardised); f / D and w theta / D with D = 1 + w sum theta, so all values add up to 1 (Chen et al. 2014,
      Analytical Biochemistry 456:53). k = 2 is psednc.
      Columns: the words in lexicographic order, lambda1, lambda2 ...
      Peers: a write-out of the definition to 1e-12 for k = 1 and 3; psednc for k = 2.
      """
  ) { PseudoDinucleotide($0, length: $0.integer("k")) }
}
