import Bytes

/// Normalised Moreau-Broto autocorrelation of a property x along the sequence:
/// Σ x_i x_{i+k} / (N − k), over the valid pairs at distance k.
enum NormalizedMoreauBroto: AutocorrelationFormula {
  static let centers = false

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
  ) { Autocorrelation<NormalizedMoreauBroto>($0) }
}

/// Auto covariance of a property x along the sequence:
/// Σ (x_i − m)(x_{i+k} − m) / (N − k), over the valid pairs at distance k.
enum AutoCovariance: AutocorrelationFormula {
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
  ) { Autocorrelation<AutoCovariance>($0) }
}

/// Moran autocorrelation of a property x along the sequence:
/// [Σ (x_i − m)(x_{i+k} − m) / (N − k)] / [Σ (x − m)² / N] over the valid pairs at distance k; 0 where all x are
/// equal.
enum Moran: AutocorrelationFormula {
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
  ) { Autocorrelation<Moran>($0) }
}

/// Geary autocorrelation of a property x along the sequence:
/// [Σ (x_i − x_{i+k})² / (2 (N − k))] / [Σ (x − m)² / (N − 1)] over the valid pairs at distance k; 0 where all x are
/// equal.
enum Geary: AutocorrelationFormula {
  static let takesDifferences = true

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
  ) { Autocorrelation<Geary>($0) }
}

/// DAC: Σ (P_i − m)(P_{i+k} − m) / (L − 1 − k) over the valid pairs of dinucleotides at distance k, m = mean of the
/// property P over the dinucleotides (iFeatureOmega; repDNA and PyBioMed centre one factor only).
enum DinucleotideAutoCovariance: AutocorrelationFormula {
  static let alphabet = Alphabet.nucleotide
  static let span = 2

  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double {
    track.isUniform ? 0 : sum / Double(pairs)
  }

  static let entry = EncoderEntry(
    "dac", "dinucleotide auto covariance, 6 numbers a lag", .nucleotide,
    parameters: [Setting("lag", .integer(1...1000, default: 3), "number of lags")],
    properties: DinucleotideProperties.table,
    description: """
      sum (P_i - m)(P_(i+k) - m) / (L - 1 - k) over the dinucleotides, m the mean of the property over them;
      P: Rise, Roll, Shift, Slide, Tilt and Twist (standardised).
      Columns: Rise.lag1, Rise.lag2 ... Twist.lag3.
      Peers: iFeatureOmega to 7e-15, in another order. repDNA and PyBioMed divide the mean by L over a cut window and
      centre one factor only.
      """
  ) { Autocorrelation<DinucleotideAutoCovariance>($0) }
}
