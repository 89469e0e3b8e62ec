#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The entropy of composition in windows of 20 letters, 5 apart: H = -Σ p ln p with p the counts of the twenty residues
/// over 20 (Wootton and Federhen 1993, Comput Chem 17:149). Mean, least, and the share of windows below 2 and below
/// 1.6.
///
/// A shorter sequence counts as one that is not of low complexity: 2.3, 2.3, 0, 0.
struct LowComplexity: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let (window, step) = (20, 5)
  private static let limits = [2.0, 1.6]
  /// -p ln p of each count.
  private static let terms = (0...window).map { count -> Double in
    let share = Double(count) / Double(window)
    return count == 0 ? 0 : -share * log(share)
  }

  init(_ settings: EncoderSettings) {
    names = settings.names(["mean", "min", "below2", "below1.6"])
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    var (sum, least, windows) = (0.0, Double.infinity, 0.0)
    var below = (0.0, 0.0)
    Self.visitWindows(residues) { _, entropy in
      windows += 1
      sum += entropy
      least = min(least, entropy)
      below.0 += entropy < Self.limits[0] ? 1 : 0
      below.1 += entropy < Self.limits[1] ? 1 : 0
    }
    let values = windows == 0 ? [2.3, 2.3, 0, 0] : [sum / windows, least, below.0 / windows, below.1 / windows]
    for (column, value) in values.enumerated() { features[column] += weight * value }
    return true
  }

  /// Calls `visit` with the first letter and the entropy of each window.
  @inline(__always)
  private static func visitWindows(_ residues: UnsafeBufferPointer<UInt8>, _ visit: (Int, Double) -> Void) {
    terms.withUnsafeBufferPointer { terms in
      // A place for each code: those of unknown letters are counted and not read.
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { counts in
        counts.initialize(repeating: 0)
        for first in stride(from: 0, through: residues.count - window, by: step) {
          let entering = first == 0 ? 0..<window : first + window - step..<first + window
          for place in entering { counts[Int(residues[place])] += 1 }
          var entropy = 0.0
          for code in 0..<20 { entropy += terms[Int(counts[code])] }
          visit(first, entropy)
          for place in first..<first + step { counts[Int(residues[place])] -= 1 }
        }
      }
    }
  }

  /// The mean lies on all residues, the least on the letters of its first window, the shares on those of their windows.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    var (least, lowest) = (Double.infinity, 0)
    var windows: [(first: Int, entropy: Double)] = []
    Self.visitWindows(residues) { first, entropy in
      windows.append((first, entropy))
      if entropy < least { (least, lowest) = (entropy, first) }
    }
    guard !windows.isEmpty else { return }
    func lay(_ feature: Int, _ letters: Range<Int>) {
      Occurrence.residues(of: letters, in: residues, feature: feature, visit)
    }
    lay(0, 0..<residues.count)
    lay(1, lowest..<lowest + Self.window)
    for (first, entropy) in windows {
      for (index, limit) in Self.limits.enumerated() where entropy < limit {
        lay(2 + index, first..<first + Self.window)
      }
    }
  }

  static let entry = EncoderEntry(
    "complexity", "entropy of composition in windows of 20 letters, 4 numbers", .protein,
    description: """
      H = -sum p ln p in each window of 20 letters, the windows 5 letters apart; p is the count of a residue over 20, an
      unknown letter is none (after Wootton and Federhen 1993, Comput Chem 17:149).
      Columns: mean, min (of H), below2, below1.6 (the share of windows with H < 2, H < 1.6). A sequence of fewer than
      20 letters has 2.3, 2.3, 0, 0.
      Peers: a write-out of the definition with NumPy, equal to 1e-12.
      """
  ) { LowComplexity($0) }
}
