/// What the counts c of words become; W is their sum.
public enum WordScale: String, Sendable, CaseIterable {
  /// c / W
  case freq
  /// c
  case count
  /// (c − min c) / max c  (Shen et al. 2007)
  case shen
  /// (c − min c) / (max c − min c)
  case minmax

  /// Scales counts in place; a row without counts, or without differences, becomes 0, never a division by 0.
  func apply(_ counts: UnsafeMutableBufferPointer<Double>) {
    if self == .count { return }
    if self == .freq {
      let total = Self.sum(counts)
      if total > 0 { for word in counts.indices { counts[word] /= total } }
      return
    }
    guard let low = counts.min(), let high = counts.max() else { return }
    let scale = self == .shen ? high : high - low
    for word in counts.indices { counts[word] = scale > 0 ? (counts[word] - low) / scale : 0 }
  }

  /// The sum of counts: whole and half numbers, so that it is exact in any order, and four at a time are faster.
  private static func sum(_ counts: UnsafeMutableBufferPointer<Double>) -> Double {
    var sums = SIMD4<Double>.zero
    let whole = counts.count & ~3
    for word in Swift.stride(from: 0, to: whole, by: 4) {
      sums += SIMD4(counts[word], counts[word + 1], counts[word + 2], counts[word + 3])
    }
    return counts[whole...].reduce(sums.sum(), +)
  }
}

/// An encoder whose features are the counts of overlapping words.
protocol WordEncoder: Encoder {
  var counter: WordCounter { get }
  var scale: WordScale { get }
}

extension WordEncoder {
  var minimumLength: Int { counter.length }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    counter.count(residues, weight: weight, into: features) > 0
  }

  func finish(_ features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    scale.apply(features)
    return .complete
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    counter.visit(residues) { visit(Occurrence(feature: $0, first: $1, count: counter.length)) }
  }
}
