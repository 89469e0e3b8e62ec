import Bytes

/// QSO, quasi-sequence-order (Chou 2000): f_r / D and w τ_k / D with D = 1 + w Σ τ_k, τ_k = Σ d(R_i, R_{i+k})² over the
/// valid pairs, for each of two distances.
///
/// `freq`: f are frequencies (Chou); `count`: counts (iFeature, protr). Columns: SW letters, Gr letters, SW.d1 …,
/// Gr.d1 …
struct QuasiSequenceOrder: Encoder {
  enum Composition: String, CaseIterable { case freq, count }

  let alphabet = Alphabet.protein
  let names: [String]
  private let lags: Int
  private let weight: Double
  private let composition: Composition
  private let letters = ResidueColumns()
  private let distances = SequenceOrderCoupling.distances

  init(_ settings: EncoderSettings) {
    let lags = settings.integer("lag")
    self.lags = lags
    weight = settings.real("weight")
    composition = settings.variant(Composition.self)
    let matrices = distances.map(\.0)
    names = settings.names(
      matrices.flatMap { matrix in ResidueColumns.names.map { "\(matrix).\($0)" } }
        + matrices.flatMap { matrix in (1...lags).map { "\(matrix).d\($0)" } })
  }

  var minimumLength: Int { lags + 1 }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    for (index, distance) in distances.enumerated() {
      letters.add(residues, weight: weight, into: UnsafeMutableBufferPointer(rebasing: features[(20 * index)...]))
      let counted = distance.1.sums(residues, lags: lags) { lag, sum, _ in
        features[40 + index * lags + lag - 1] += weight * sum
      }
      if !counted { return false }
    }
    return true
  }

  /// Each distance has its own divisor.
  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    for index in distances.indices {
      let letters = 20 * index..<20 * index + 20
      let terms = 40 + index * lags..<40 + (index + 1) * lags
      let total = letters.reduce(0) { $0 + features[$1] }
      let divisor = 1 + weight * terms.reduce(0) { $0 + features[$1] }
      for column in letters { features[column] /= composition == .freq ? total * divisor : divisor }
      for column in terms { features[column] *= weight / divisor }
    }
    return .complete
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    for index in distances.indices {
      letters.occurrences(in: residues) { occurrence in
        var occurrence = occurrence
        occurrence.feature += 20 * index
        visit(occurrence)
      }
      for lag in 1...lags {
        Occurrence.pairs(in: residues, alphabet: .protein, lag: lag) {
          visit(Occurrence(feature: 40 + index * lags + lag - 1, first: $0, step: lag, count: 2))
        }
      }
    }
  }

  static let entry = EncoderEntry(
    "qso", "quasi-sequence-order, 40 numbers and 2 a lag", .protein, variants: Composition.allCases.map(\.rawValue),
    parameters: [
      ResidueProperties.lag,
      Setting("weight", short: "w", .real(0...1000, default: 0.1), "weight of the lag terms"),
    ],
    description: """
      f / D and w tau_k / D with D = 1 + w sum tau_k, tau_k = sum of d(R_i, R_(i+k))^2 (Chou 2000), once with the
      distances of Schneider and Wrede (SW) and once with Grantham's (Gr).
      freq: f are frequencies (default).  count: counts.
      Columns: SW.A ... SW.V, Gr.A ... Gr.V (ARNDCQEGHILKMFPSTWYV), SW.d1 ... SW.d30, Gr.d1 ... Gr.d30.
      Peers: count is iFeature's QSOrder to 2e-16, and protr's.
      """
  ) { QuasiSequenceOrder($0) }
}
