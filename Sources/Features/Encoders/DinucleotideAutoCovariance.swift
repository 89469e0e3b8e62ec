/// DAC: Σ (P_i − m)(P_{i+k} − m) / (L − 1 − k) over the valid pairs of dinucleotides at distance k, m = mean of the
/// property P over the dinucleotides (iFeatureOmega; repDNA and PyBioMed centre one factor only).
struct DinucleotideAutoCovariance: AutocorrelationEncoder {
  let alphabet = Alphabet.nucleotide
  let table: [[Double]]
  let lags: Int
  let names: [String]
  static let centers = true
  static let span = 2

  init(_ settings: EncoderSettings) {
    lags = settings.integer("lag")
    table = settings.properties.values
    names = settings.names(settings.properties.lagNames(lags))
  }

  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double {
    track.isUniform ? 0 : sum / Double(pairs)
  }

  static let entry = EncoderEntry(
    "dac", "dinucleotide auto covariance, 6 numbers a lag", .nucleotide,
    parameters: [EncoderParameter("lag", .integer(1...1000, default: 3), "number of lags")],
    properties: DinucleotideProperties.table,
    description: """
      sum (P_i - m)(P_(i+k) - m) / (L - 1 - k) over the dinucleotides, m the mean of the property over them;
      P: Rise, Roll, Shift, Slide, Tilt and Twist (standardised).
      Columns: Rise.lag1, Rise.lag2 ... Twist.lag3.
      Peers: iFeatureOmega to 7e-15, in another order. repDNA and PyBioMed divide the mean by L over a cut window and
      centre one factor only.
      """
  ) { DinucleotideAutoCovariance($0) }
}
