/// SOCN, sequence order coupling numbers (Chou 2000, Biochem Biophys Res Commun 278:477): τ_k = Σ d(R_i, R_{i+k})² over
/// the valid pairs, for the distances of Schneider and Wrede (SW) and of Grantham (Gr).
///
/// `mean`: τ_k over the number of pairs (iFeature); `sum`: τ_k (Chou, protr, propy3).
struct SequenceOrderCoupling: Encoder {
  enum Scale: String, CaseIterable { case mean, sum }

  let alphabet = Alphabet.protein
  let names: [String]
  private let lags: Int
  private let scale: Scale
  static let distances = [
    ("SW", ResidueDistances.schneiderWrede.squared), ("Gr", ResidueDistances.grantham.squared),
  ]

  init(_ settings: EncoderSettings) {
    let lags = settings.integer("lag")
    self.lags = lags
    scale = settings.variant(Scale.self)
    names = settings.names(Self.distances.flatMap { name, _ in (1...lags).map { "\(name).lag\($0)" } })
  }

  var minimumLength: Int { lags + 1 }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    for (index, distance) in Self.distances.enumerated() {
      let counted = distance.1.sums(residues, lags: lags) { lag, sum, pairs in
        features[index * lags + lag - 1] += weight * (scale == .mean ? sum / Double(pairs) : sum)
      }
      if !counted { return false }
    }
    return true
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    for index in Self.distances.indices {
      for lag in 1...lags {
        Occurrence.pairs(in: residues, alphabet: .protein, lag: lag) {
          visit(Occurrence(feature: index * lags + lag - 1, first: $0, step: lag, count: 2))
        }
      }
    }
  }

  static let entry = EncoderEntry(
    "socn", "sequence order coupling numbers, 2 numbers a lag", .protein, variants: Scale.allCases.map(\.rawValue),
    parameters: [ResidueProperties.lag],
    description: """
      tau_k = sum of d(R_i, R_(i+k))^2 (Chou 2000), d of Schneider and Wrede (SW, not symmetric) and of Grantham (Gr).
      mean: tau_k over the number of pairs (default).  sum: tau_k.
      Columns: SW.lag1 ... SW.lag30, Gr.lag1 ... Gr.lag30.
      Peers: mean is iFeature's SOCNumber; sum is protr and propy3.
      """
  ) { SequenceOrderCoupling($0) }
}
