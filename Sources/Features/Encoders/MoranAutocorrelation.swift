/// Moran autocorrelation of a property x along the sequence:
/// [Σ (x_i − m)(x_{i+k} − m) / (N − k)] / [Σ (x − m)² / N] over the valid pairs at distance k; 0 where all x are
/// equal.
struct MoranAutocorrelation: AutocorrelationEncoder {
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
    track.isUniform ? 0 : (sum / Double(pairs)) / (track.squares / Double(track.valid))
  }

  static let entry = EncoderEntry(
    "moran", "Moran autocorrelation, 8 numbers a lag", .protein, parameters: [ResidueProperties.lag],
    properties: ResidueProperties.autocorrelation,
    description: """
      [sum (x_i - m)(x_(i+k) - m) / (N - k)] / [sum (x - m)^2 / N]; 0 where all x are equal;
      \(ResidueProperties.guide)
      Peers: iFeature's Moran to 1e-14; propy3 equal to rounding. Peers give 1 or noise for a homopolymer.
      """
  ) { MoranAutocorrelation($0) }
}
