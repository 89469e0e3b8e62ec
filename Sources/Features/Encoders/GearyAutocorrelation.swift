/// Geary autocorrelation of a property x along the sequence:
/// [Σ (x_i − x_{i+k})² / (2 (N − k))] / [Σ (x − m)² / (N − 1)] over the valid pairs at distance k; 0 where all x are
/// equal.
struct GearyAutocorrelation: AutocorrelationEncoder {
  let alphabet = Alphabet.protein
  let table: [[Double]]
  let lags: Int
  let names: [String]
  static let centers = true
  static let takesDifferences = true

  init(_ settings: EncoderSettings) {
    lags = settings.integer("lag")
    table = settings.properties.values
    names = settings.names(settings.properties.lagNames(lags))
  }

  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double {
    track.isUniform
      ? 0 : sum / (2 * Double(pairs)) / (track.squares / Double(track.valid - 1))
  }

  static let entry = EncoderEntry(
    "geary", "Geary autocorrelation, 8 numbers a lag", .protein, parameters: [ResidueProperties.lag],
    properties: ResidueProperties.autocorrelation,
    description: """
      [sum (x_i - x_(i+k))^2 / (2 (N - k))] / [sum (x - m)^2 / (N - 1)]; 0 where all x are equal;
      \(ResidueProperties.guide)
      Peers: iFeature's Geary to 1e-14; propy3 is too small by (N - 1)/N.
      """
  ) { GearyAutocorrelation($0) }
}
