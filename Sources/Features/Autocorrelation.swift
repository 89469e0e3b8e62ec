/// One property along a sequence, with what the autocorrelations need of it.
struct PropertyTrack {
  /// Value at each place, less the mean if centred; 0 where there is no residue, and behind the end.
  let values: UnsafeBufferPointer<Double>
  let residues: UnsafeBufferPointer<UInt8>
  /// Codes that are residues: 0 ..< codes.
  let codes: Int
  /// Residues in the track.
  let valid: Int
  /// Σ over the residues of (x − mean)².
  let squares: Double
  /// Whether all residues have the same value.
  let isUniform: Bool

  /// Σ over valid pairs of (x_i − x_{i+k})² for the four lags k = `lag` … `lag` + 3, each in the order of the places.
  func squaredDifferences(fourFrom lag: Int) -> SIMD4<Double> {
    guard valid == residues.count, let values = values.baseAddress else {
      return SIMD4((0..<4).map { squaredDifferences(lag: lag + $0) })
    }
    var sums = SIMD4<Double>.zero
    // Side by side, for each sum waits for its last addition.
    let inner = max(0, residues.count - lag - 3)
    for place in 0..<inner {
      let there = UnsafeRawPointer(values + place + lag).loadUnaligned(as: SIMD4<Double>.self)
      let difference = SIMD4(repeating: values[place]) - there
      sums += difference * difference
    }
    for k in 0..<4 {
      for place in inner..<max(inner, residues.count - lag - k) {
        let difference = values[place] - values[place + lag + k]
        sums[k] += difference * difference
      }
    }
    return sums
  }

  private func squaredDifferences(lag: Int) -> Double {
    var sum = 0.0
    for place in 0..<max(0, residues.count - lag)
    where Int(residues[place]) < codes && Int(residues[place + lag]) < codes {
      let difference = values[place] - values[place + lag]
      sum += difference * difference
    }
    return sum
  }
}

/// One kind of autocorrelation: what the feature of a property and a lag is.
protocol AutocorrelationFormula {
  static var alphabet: Alphabet { get }
  /// Whether the mean over the sequence is subtracted first.
  static var centers: Bool { get }
  /// The number of letters that one code covers (2 for dinucleotides).
  static var span: Int { get }
  /// Whether the sums are of squared differences (x_i − x_{i+k})², not of products x_i x_{i+k}.
  static var takesDifferences: Bool { get }
  /// Returns the feature of one property and lag.
  /// - Parameters:
  ///   - sum: over the valid pairs.
  ///   - pairs: the number of valid pairs, more than 0.
  static func value(_ track: PropertyTrack, sum: Double, pairs: Int) -> Double
}

extension AutocorrelationFormula {
  static var alphabet: Alphabet { .protein }
  static var centers: Bool { true }
  static var span: Int { 1 }
  static var takesDifferences: Bool { false }
}

/// Autocorrelation of properties along the sequence at the lags 1 … `lags`: properties × lags features.
struct Autocorrelation<Formula: AutocorrelationFormula>: Encoder {
  let alphabet = Formula.alphabet
  /// The values of the codes, property by property.
  let table: [[Double]]
  let lags: Int
  let names: [String]

  init(_ settings: EncoderSettings) {
    lags = settings.integer("lag")
    table = settings.properties.values
    names = settings.names(settings.properties.lagNames(lags))
  }

  var minimumLength: Int { lags + Formula.span }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    if Formula.span == 1 { return addLags(residues, weight: weight, into: features) }
    return Dinucleotides.with(residues) { addLags($0, weight: weight, into: features) }
  }

  private func addLags(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    let codes = table.first?.count ?? 0
    guard residues.count > lags else { return false }
    var highest: UInt8 = 0
    for residue in residues { highest = max(highest, residue) }
    let isWhole = Int(highest) < codes
    let pairs = (1...lags).map { lag in
      isWhole ? residues.count - lag : PairTable.validPairs(residues, codes: codes, lag: lag)
    }
    guard pairs.allSatisfy({ $0 > 0 }) else { return false }
    let room = residues.count + lags + 3 * LagProducts.lanes
    withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { values in
      values.initialize(repeating: 0)
      for (property, row) in table.enumerated() {
        let track = Self.fill(values, with: row, from: residues)
        for first in stride(from: 1, through: lags, by: LagProducts.lanes) {
          let four =
            Formula.takesDifferences
            ? track.squaredDifferences(fourFrom: first)
            : LagProducts.four(UnsafeRawBufferPointer(values), places: residues.count, lag: first)
          for lag in first...min(first + LagProducts.lanes - 1, lags) {
            features[property * lags + lag - 1] +=
              weight * Formula.value(track, sum: four[lag - first], pairs: pairs[lag - 1])
          }
        }
      }
    }
    return true
  }

  private static func fill(
    _ values: UnsafeMutableBufferPointer<Double>, with row: [Double], from residues: UnsafeBufferPointer<UInt8>
  ) -> PropertyTrack {
    var sum = 0.0
    var valid = 0
    var (low, high) = (Double.infinity, -Double.infinity)
    for residue in residues where Int(residue) < row.count {
      let value = row[Int(residue)]
      sum += value
      valid += 1
      low = min(low, value)
      high = max(high, value)
    }
    let mean = low == high ? low : sum / Double(valid)
    var squares = 0.0
    for place in residues.indices {
      guard Int(residues[place]) < row.count else {
        values[place] = 0
        continue
      }
      let value = row[Int(residues[place])]
      squares += (value - mean) * (value - mean)
      values[place] = Formula.centers ? value - mean : value
    }
    return PropertyTrack(
      values: UnsafeBufferPointer(values), residues: residues, codes: row.count, valid: valid, squares: squares,
      isUniform: low == high)
  }

  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    if Formula.span == 1 { return visitPairs(residues, letters: 1, visit) }
    Dinucleotides.with(residues) { visitPairs($0, letters: Formula.span, visit) }
  }

  /// A pair of dinucleotides counts as its two first letters and its two second ones.
  private func visitPairs(_ residues: UnsafeBufferPointer<UInt8>, letters: Int, _ visit: (Occurrence) -> Void) {
    let codes = table.first?.count ?? 0
    for property in table.indices {
      for lag in 1...lags {
        for place in 0..<max(0, residues.count - lag)
        where Int(residues[place]) < codes && Int(residues[place + lag]) < codes {
          for letter in 0..<letters {
            visit(Occurrence(feature: property * lags + lag - 1, first: place + letter, step: lag, count: 2))
          }
        }
      }
    }
  }
}

/// Sums of products of a track with itself.
enum LagProducts {
  static let lanes = 4

  /// Σ_i t_i t_{i+k} for the four lags k = `lag` … `lag` + 3, four places at a time in a fixed order.
  /// - Parameter track: Doubles, 0 behind `places`; at least `places` + `lag` + 10 of them.
  static func four(_ track: UnsafeRawBufferPointer, places: Int, lag: Int) -> SIMD4<Double> {
    var sums = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    let width = MemoryLayout<Double>.size
    for place in stride(from: 0, to: places, by: lanes) {
      let here = track.loadUnaligned(fromByteOffset: place * width, as: SIMD4<Double>.self)
      let there = (place + lag) * width
      sums.0 += here * track.loadUnaligned(fromByteOffset: there, as: SIMD4<Double>.self)
      sums.1 += here * track.loadUnaligned(fromByteOffset: there + width, as: SIMD4<Double>.self)
      sums.2 += here * track.loadUnaligned(fromByteOffset: there + 2 * width, as: SIMD4<Double>.self)
      sums.3 += here * track.loadUnaligned(fromByteOffset: there + 3 * width, as: SIMD4<Double>.self)
    }
    return SIMD4(sums.0.sum(), sums.1.sum(), sums.2.sum(), sums.3.sum())
  }
}

/// The overlapping pairs of nucleotides as codes 0 … 15, AA AC … TT.
enum Dinucleotides {
  static let none: UInt8 = 0xFF

  /// Calls `body` with the code of each pair; `none` where one of the two is no residue.
  static func with<R>(_ residues: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let pairs = max(0, residues.count - 1)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pairs) { codes in
      for place in 0..<pairs {
        let (first, second) = (residues[place], residues[place + 1])
        codes.initializeElement(at: place, to: first < 4 && second < 4 ? first << 2 | second : none)
      }
      return body(UnsafeBufferPointer(codes))
    }
  }
}
