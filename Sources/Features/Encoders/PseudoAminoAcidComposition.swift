import Bytes

/// PAAC, type 1 pseudo amino acid composition (Chou 2001, Proteins 43:246).
///
/// z_p: each of P properties standardised with its population SD over the 20 residues.
/// Θ(a, b) = Σ_p (z_p(a) − z_p(b))² / P; θ_k = mean of Θ(R_i, R_{i+k}) over the valid pairs, k = 1 … λ.
/// `freq` (the default, Chou): f_u / D, w θ_k / D with D = 1 + w Σ θ_k: the 20 + λ values add up to 1.
/// `count` (iFeature, protr, protlearn): counts in place of frequencies over the same D, which grows with the length.
struct PseudoAminoAcidComposition: Encoder {
  enum Composition: String, CaseIterable { case freq, count }

  let alphabet = Alphabet.protein
  let names: [String]
  let lambda: Int
  private let weight: Double
  private let composition: Composition
  private let differences: PairTable
  private let properties: Double
  private let letters = ResidueColumns()

  init(_ settings: EncoderSettings) {
    lambda = settings.integer("lambda")
    weight = settings.real("weight")
    composition = settings.variant(Composition.self)
    differences = PairTable(squaredDifferences: settings.properties.values)
    properties = Double(settings.properties.names.count)
    names = settings.names(ResidueColumns.names + (1...lambda).map { "lambda\($0)" })
  }

  var minimumLength: Int { lambda + 1 }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    letters.add(residues, weight: weight, into: features)
    return differences.sums(residues, lags: lambda) { lag, sum, pairs in
      features[20 + lag - 1] += weight * sum / (properties * Double(pairs))
    }
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    ChouNormalization.apply(features, leading: 20, weight: weight, frequencies: composition == .freq)
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    letters.occurrences(in: residues, visit)
    for lag in 1...lambda {
      Occurrence.pairs(in: residues, alphabet: .protein, lag: lag) {
        visit(Occurrence(feature: 20 + lag - 1, first: $0, step: lag, count: 2))
      }
    }
  }

  static let parameters = [
    Setting("lambda", .integer(1...1000, default: 20), "number of lags"),
    Setting("weight", short: "w", .real(0...1000, default: 0.05), "weight of the lag terms"),
  ]

  static let entry = EncoderEntry(
    "paac", "pseudo amino acid composition, type 1, 20 + lambda numbers", .protein,
    variants: Composition.allCases.map(\.rawValue),
    parameters: parameters, properties: ResidueProperties.pseudo,
    description: """
      Composition and lambda order terms (Chou 2001): theta_k is the mean over pairs at distance k of
      Theta(a,b) = mean over the properties of (z(a) - z(b))^2; hydrophobicity (Tanford), hydrophilicity
      (Hopp and Woods) and side chain mass, standardised with the population SD.
      freq: f / D and w theta / D with D = 1 + w sum theta, so all values add up to 1 (default).
      count: counts in place of frequencies over the same D.
      Columns: ARNDCQEGHILKMFPSTWYV, lambda1, lambda2 ...
      Peers: count is iFeature, iFeatureOmega, protr and protlearn; freq is Chou's, propy3 has 100 times it, rounded.
      """
  ) { PseudoAminoAcidComposition($0) }
}
