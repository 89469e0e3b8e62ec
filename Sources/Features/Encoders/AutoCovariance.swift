/// Auto covariance of a property x along the sequence:
/// Σ (x_i − m)(x_{i+k} − m) / (N − k), over the valid pairs at distance k.
struct AutoCovariance: AutocorrelationEncoder {
  let alphabet = Alphabet.protein
  let table: [[Double]]
  let lags: Int
  let names: [String]
  static let centers = true

  init(_ settings: EncoderSettings) {
    lags = settings.integer("lag")
    table = settings.properties.standardized
    names = settings.names(settings.properties.lagNames(lags))
  }

  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double {
    track.isUniform ? 0 : sum / Double(pairs)
  }

  static let entry = EncoderEntry(
    "ac", "auto covariance, 8 numbers a lag", .protein, parameters: [ResidueProperties.lag],
    properties: ResidueProperties.autocorrelation,
    description: """
      sum (x_i - m)(x_(i+k) - m) / (N - k), m the mean over the sequence;
      x: eight AAindex properties (Kawashima et al. 2008), standardised with the population SD: hydrophobicity
      (CIDH920105), flexibility (BHAR880101), polarizability (CHAM820101), free energy of solution in water
      (CHAM820102), accessible surface in a tripeptide (CHOC760101), volume (BIGC670101), steric parameter
      (CHAM810101), relative mutability (DAYM780201).
      Columns: PROPERTY.lag1 ... PROPERTY.lag30, one property after the other.
      Peers: iFeatureOmega's AC to 6e-16.
      """
  ) { AutoCovariance($0) }
}
