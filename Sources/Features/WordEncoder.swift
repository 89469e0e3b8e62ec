/// The scaling of the counts c of words; W is their sum.
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
    let extremes = Extremes(low: counts.min() ?? 0, high: counts.max() ?? 0, total: Self.sum(counts))
    for word in counts.indices { counts[word] = scaled(counts[word], extremes) }
  }

  /// Scales whole counts to Doubles in their own memory. Rows have few distinct counts: each is divided once.
  func apply(_ counts: UnsafeMutableBufferPointer<Int>, total: Int) {
    var extremes = Extremes(low: 0, high: 0, total: Double(total))
    if self == .shen || self == .minmax {
      extremes.low = Double(counts.min() ?? 0)
      extremes.high = Double(counts.max() ?? 0)
    }
    func bits(_ count: Int) -> Int { Int(bitPattern: UInt(scaled(Double(count), extremes).bitPattern)) }
    let all = counts.reduce(0, |)
    guard all < Self.fewCounts, counts.count > Self.fewCounts else {
      for word in counts.indices { counts[word] = bits(counts[word]) }
      return
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.fewCounts) { known in
      for count in 0...all { known.initializeElement(at: count, to: bits(count)) }
      for word in counts.indices { counts[word] = known[counts[word]] }
    }
  }

  private static let fewCounts = 64

  /// The scaling of a row.
  private struct Extremes {
    var low: Double
    var high: Double
    let total: Double
  }

  @inline(__always)
  private func scaled(_ count: Double, _ row: Extremes) -> Double {
    switch self {
    case .count: count
    case .freq: row.total > 0 ? count / row.total : 0
    case .shen: row.high > 0 ? (count - row.low) / row.high : 0
    case .minmax: row.high > row.low ? (count - row.low) / (row.high - row.low) : 0
    }
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

  /// Of one reading the words are counted where their features will stand.
  func encode(_ residues: Residues, into features: UnsafeMutableBufferPointer<Double>) -> EncodingOutcome {
    guard residues.otherReading.isEmpty else { return encodeReadings(residues, into: features) }
    return features.withMemoryRebound(to: Int.self) { counts in
      counts.update(repeating: 0)
      let windows = residues.codes.withUnsafeBufferPointer { counter.count($0, into: counts) }
      scale.apply(counts, total: windows)
      return windows > 0 ? .complete : .short
    }
  }

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
