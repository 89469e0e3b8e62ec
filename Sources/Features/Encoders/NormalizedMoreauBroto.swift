/// Normalised Moreau-Broto autocorrelation of a property x along the sequence:
/// Σ x_i x_{i+k} / (N − k), over the valid pairs at distance k.
struct NormalizedMoreauBroto: AutocorrelationEncoder {
  let alphabet = Alphabet.protein
  let table: [[Double]]
  let lags: Int
  let names: [String]
  static let centers = false

  init(_ settings: EncoderSettings) {
    lags = settings.integer("lag")
    table = settings.properties.values
    names = settings.names(settings.properties.lagNames(lags))
  }

  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double {
    sum / Double(pairs)
  }

  static let entry = EncoderEntry(
    "nmbroto", "normalised Moreau-Broto autocorrelation, 8 numbers a lag", .protein,
    parameters: [ResidueProperties.lag],
    properties: ResidueProperties.autocorrelation,
    description: """
      sum x_i x_(i+k) / (N - k);
      \(ResidueProperties.guide)
      Peers: iFeature's NMBroto to 1e-14; propy3 takes lag 1 for every lag.
      """
  ) { NormalizedMoreauBroto($0) }
}
