#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The hydropathy scale of Kyte and Doolittle (1982, J Mol Biol 157:105), from -4.5 to 4.5; 0 for what is no residue.
enum KyteDoolittle {
  /// By residue code.
  private static let scale: [Double] = [
    1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2, -0.9, -1.3,
  ]

  /// By any code.
  private static let table = scale + [Double](repeating: 0, count: 256 - scale.count)

  /// Calls `body` with the hydropathy of each letter.
  static func read<Result>(
    _ residues: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: residues.count) { values in
      table.withUnsafeBufferPointer { table in
        for place in 0..<residues.count { values[place] = table[Int(residues[place])] }
      }
      return body(UnsafeBufferPointer(values))
    }
  }
}

/// Windows of 19 residues and their mean hydropathy h: the segments that would span a membrane.
///
/// A segment is a run of windows with h > 1.6 (Kyte and Doolittle 1982). Features: their number n, ln(1 + n), the share
/// of windows above 1.6, largest, smallest and SD of h, the largest mean of 9 of the first 35 residues (a signal
/// peptide's core), and whether n is above 0, 3 and 6.
struct Hydropathy: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let components = [
    "segments", "log_segments", "share", "max", "min", "sd", "start_max", "over0", "over3", "over6",
  ]
  private static let (window, limit) = (19, 1.6)
  private static let (start, startWindow) = (35, 9)

  init(_ settings: EncoderSettings) {
    names = settings.names(Self.components)
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    KyteDoolittle.read(residues) { hydropathy in
      WindowMeans.of(hydropathy, length: Self.window) { means in
        let spread = WindowSpread(means)
        var (above, segments, wasAbove) = (0, 0, false)
        for mean in means {
          let isAbove = mean > Self.limit
          above += isAbove ? 1 : 0
          segments += isAbove && !wasAbove ? 1 : 0
          wasAbove = isAbove
        }
        let values = [
          Double(segments), log1p(Double(segments)), Double(above) / Double(means.count), spread.largest,
          spread.smallest, spread.deviation, Self.startMeans(hydropathy) { $0.max() ?? 0 }, segments > 0 ? 1 : 0,
          segments > 3 ? 1 : 0, segments > 6 ? 1 : 0,
        ]
        for (column, value) in values.enumerated() { features[column] += weight * value }
      }
    }
    return true
  }

  private static func startMeans<Result>(
    _ hydropathy: UnsafeBufferPointer<Double>, _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    WindowMeans.of(UnsafeBufferPointer(rebasing: hydropathy.prefix(start)), length: startWindow, body)
  }

  /// Segments and shares lie on the middles of the windows above the limit, extremes on the letters of their first
  /// window, the SD on all.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    let count = residues.count
    guard count > 0 else { return }
    func lay(_ feature: Int, _ window: Range<Int>) {
      Occurrence.residues(of: window, in: residues, feature: feature, visit)
    }
    KyteDoolittle.read(residues) { hydropathy in
      WindowMeans.of(hydropathy, length: Self.window) { means in
        for (index, mean) in means.enumerated() where mean > Self.limit {
          let letters = WindowMeans.letters(of: index, length: Self.window, in: count)
          let middle = (letters.lowerBound + letters.upperBound) / 2
          for feature in [0, 1, 2, 7, 8, 9] { lay(feature, middle..<middle + 1) }
        }
        for (feature, extreme) in [(3, means.max()), (4, means.min())] {
          guard let index = means.firstIndex(where: { $0 == extreme }) else { continue }
          lay(feature, WindowMeans.letters(of: index, length: Self.window, in: count))
        }
      }
      Self.startMeans(hydropathy) { means in
        guard let index = means.firstIndex(where: { $0 == means.max() }) else { return }
        lay(6, WindowMeans.letters(of: index, length: Self.startWindow, in: min(Self.start, count)))
      }
    }
    lay(5, 0..<count)
  }

  static let entry = EncoderEntry(
    "hydropathy", "windows of hydropathy: segments that would span a membrane, 10 numbers", .protein,
    description: """
      h: the means of hydropathy (Kyte and Doolittle 1982; 0 for an unknown letter) over all windows of 19 letters; of a
      shorter sequence, the mean over the whole. A segment is a run of windows with h > 1.6; n is their number.
      Columns: segments (n), log_segments (ln(1 + n)), share (of windows with h > 1.6), max, min, sd (of h; the SD is
      that of a population), start_max (the largest mean over 9 of the first 35 letters), over0, over3, over6 (1 where
      n > 0, 3, 6, else 0).
      Peers: a write-out of the definition with NumPy, equal to 1e-12.
      """
  ) { Hydropathy($0) }
}

/// The hydrophobic moment at five angles: how periodic hydropathy is along the sequence (Eisenberg et al. 1984, PNAS
/// 81:140).
///
/// x_j: hydropathy less its mean over the sequence. μ_i(δ) = |Σ_{j=i}^{i+17} x_j e^{iδj}| / 18 over all windows of 18
/// letters; the mean and the largest μ for δ = 100° (helix), 160° and 180° (strand), 720°/7 (heptads) and 360°/7.
struct HydrophobicMoments: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let window = 18
  /// All angles come back after 126 letters: after 18, 9, 2, 7 and 7.
  private static let period = 126
  private static let turns: [(name: String, degrees: Double)] = [
    ("angle100", 100), ("angle160", 160), ("angle180", 180), ("angle103", 720.0 / 7), ("angle51", 360.0 / 7),
  ]
  private typealias Lanes = SIMD8<Double>
  /// Cosine and sine of each angle (a lane) at the positions of a period.
  private let waves: [(cosine: Lanes, sine: Lanes)]

  init(_ settings: EncoderSettings) {
    names = settings.names(Self.turns.flatMap { ["\($0.name).mean", "\($0.name).max"] })
    waves = (0..<Self.period).map { place in
      var (cosine, sine) = (Lanes.zero, Lanes.zero)
      for (lane, turn) in Self.turns.enumerated() {
        let angle = turn.degrees * Double.pi / 180 * Double(place)
        (cosine[lane], sine[lane]) = (cos(angle), sin(angle))
      }
      return (cosine, sine)
    }
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    var (sum, largest, windows) = (Lanes.zero, Lanes.zero, 0)
    visitMoments(residues) { _, moment in
      sum += moment
      largest.replace(with: moment, where: moment .> largest)
      windows += 1
    }
    for lane in Self.turns.indices {
      features[2 * lane] += weight * sum[lane] / Double(windows)
      features[2 * lane + 1] += weight * largest[lane]
    }
    return true
  }

  /// Calls `visit` with each window's index and its moments.
  @inline(__always)
  private func visitMoments(_ residues: UnsafeBufferPointer<UInt8>, _ visit: (Int, Lanes) -> Void) {
    KyteDoolittle.read(residues) { hydropathy in
      waves.withUnsafeBufferPointer { waves in
        let mean = hydropathy.reduce(0, +) / Double(hydropathy.count)
        let length = min(Self.window, hydropathy.count)
        var (cosines, sines) = (Lanes.zero, Lanes.zero)
        var (entering, leaving) = (0, 0)
        for last in hydropathy.indices {
          let x = hydropathy[last] - mean
          cosines += x * waves[entering].cosine
          sines += x * waves[entering].sine
          entering = entering + 1 == Self.period ? 0 : entering + 1
          guard last >= length - 1 else { continue }
          visit(last + 1 - length, (cosines * cosines + sines * sines).squareRoot() / Double(length))
          let old = hydropathy[last + 1 - length] - mean
          cosines -= old * waves[leaving].cosine
          sines -= old * waves[leaving].sine
          leaving = leaving + 1 == Self.period ? 0 : leaving + 1
        }
      }
    }
  }

  /// Means lie on all residues, largest moments on the letters of their first window.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    guard !residues.isEmpty else { return }
    var largest = Lanes(repeating: -1)
    var windows = [Int](repeating: 0, count: Self.turns.count)
    visitMoments(residues) { index, moment in
      for lane in windows.indices where moment[lane] > largest[lane] { windows[lane] = index }
      largest.replace(with: moment, where: moment .> largest)
    }
    for (lane, index) in windows.enumerated() {
      let letters = WindowMeans.letters(of: index, length: Self.window, in: residues.count)
      Occurrence.residues(of: 0..<residues.count, in: residues, feature: 2 * lane, visit)
      Occurrence.residues(of: letters, in: residues, feature: 2 * lane + 1, visit)
    }
  }

  static let entry = EncoderEntry(
    "moments", "hydrophobic moments at five angles, 10 numbers", .protein,
    description: """
      x_j: hydropathy of letter j (Kyte and Doolittle 1982; 0 for an unknown letter) less its mean over the sequence.
      mu_i = |sum over j = i ... i+17 of x_j exp(i delta j)| / 18 (Eisenberg et al. 1984, PNAS 81:140) over all windows
      of 18 letters, or over the whole of a shorter sequence; delta = 100 degrees (alpha helix), 160 and 180 (beta
      strand), 720/7 (heptads of coiled coils) and 360/7.
      Columns: angle100.mean, angle100.max, angle160.mean ... angle180, angle103, angle51.max.
      Peers: a write-out of the definition with NumPy, equal to 1e-10.
      """
  ) { HydrophobicMoments($0) }
}
