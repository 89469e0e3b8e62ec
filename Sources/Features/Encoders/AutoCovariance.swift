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
    table = settings.properties.values
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
      \(ResidueProperties.guide)
      Peers: iFeatureOmega's AC to 6e-16.
      """
  ) { AutoCovariance($0) }
}
