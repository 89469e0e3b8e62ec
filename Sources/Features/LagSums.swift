/// Sums over the pairs of places at distance 1 … `lags`, for several properties of a residue at once.
///
/// Where every place is a residue, Σ (x_i − x_{i+k})² comes from squares and one product a pair, in blocks that stay in
/// the cache; elsewhere, and where the difference is small, the pairs are taken one by one. A test holds both equal.
struct LagSums: Sendable {
  let properties: Int
  let lags: Int
  /// Codes that are residues: 0 ..< codeCount.
  let codeCount: Int
  /// Value by property and code; 0 for codes that are no residue.
  private let values: [[Double]]
  /// Σ over the properties of the squared difference of two codes.
  private let differences: PairTable
  /// Σ over the properties of the square of a code.
  private let norms: [Double]
  private static let block = 2048  // places; a multiple of the four lanes
  static let lanes = 4
  /// Below this share of the squares the difference has lost digits, and is summed anew by pairs.
  private static let cancelled = 1e-6

  /// - Parameter table: by property the value of each code.
  init(_ table: [[Double]], lags: Int) {
    let count = table.first?.count ?? 0
    properties = table.count
    self.lags = lags
    codeCount = count
    values = table.map { $0 + [Double](repeating: 0, count: 256 - count) }
    norms = (0..<256).map { code in code < count ? table.reduce(0) { $0 + $1[code] * $1[code] } : 0 }
    let pairs = (0..<count * count).map { pair in
      table.reduce(0) { sum, row in
        let difference = row[pair / count] - row[pair % count]
        return sum + difference * difference
      }
    }
    differences = PairTable(pairs, codes: count)
  }

  /// For each lag k the sum over valid pairs and all properties of (x(R_i) − x(R_{i+k}))².
  /// - Parameter body: lag, sum, number of pairs (more than 0).
  /// - Returns: false if a lag has no valid pair.
  func squaredDifferences(
    _ residues: UnsafeBufferPointer<UInt8>, _ body: (_ lag: Int, _ sum: Double, _ pairs: Int) -> Void
  ) -> Bool {
    guard residues.count > lags else { return false }
    guard isWhole(residues) else {
      for lag in 1...lags {
        let (sum, pairs) = differences.sum(residues, lag: lag)
        if pairs == 0 { return false }
        body(lag, sum, pairs)
      }
      return true
    }
    return withProducts(residues) { products, stride in
      var total = 0.0
      for residue in residues { total += norms[Int(residue)] }
      var ends = 0.0
      for lag in 1...lags {
        ends += norms[Int(residues[lag - 1])] + norms[Int(residues[residues.count - lag])]
        var product = 0.0
        for property in 0..<properties { product += products[property * stride + lag - 1] }
        var sum = 2 * total - ends - 2 * product
        if sum < Self.cancelled * total { sum = differences.sum(residues, lag: lag).sum }
        body(lag, sum, residues.count - lag)
      }
      return true
    }
  }

  /// For each lag k and property the sum over valid pairs of x(R_i) x(R_{i+k}); lags outer, properties inner.
  /// - Returns: false if a lag has no valid pair.
  func products(
    _ residues: UnsafeBufferPointer<UInt8>,
    _ body: (_ lag: Int, _ property: Int, _ sum: Double, _ pairs: Int) -> Void
  ) -> Bool {
    guard residues.count > lags else { return false }
    let whole = isWhole(residues)
    return withProducts(residues) { products, stride in
      for lag in 1...lags {
        let pairs = whole ? residues.count - lag : validPairs(residues, lag: lag)
        if pairs == 0 { return false }
        for property in 0..<properties { body(lag, property, products[property * stride + lag - 1], pairs) }
      }
      return true
    }
  }

  /// Number of pairs of residues at distance `lag`.
  func validPairs(_ residues: UnsafeBufferPointer<UInt8>, lag: Int) -> Int {
    var pairs = 0
    for place in 0..<max(0, residues.count - lag) {
      pairs &+= Int(residues[place]) < codeCount && Int(residues[place &+ lag]) < codeCount ? 1 : 0
    }
    return pairs
  }

  private func isWhole(_ residues: UnsafeBufferPointer<UInt8>) -> Bool {
    var highest: UInt8 = 0
    for residue in residues { highest = max(highest, residue) }
    return Int(highest) < codeCount
  }

  /// Σ_i x_i x_{i+k} by property (outer, `stride` apart) and lag (inner, from lag 1); places without residue count 0.
  private func withProducts<R>(
    _ residues: UnsafeBufferPointer<UInt8>, _ body: (_ products: UnsafeMutableBufferPointer<Double>, _ stride: Int) -> R
  ) -> R {
    let stride = (lags + Self.lanes - 1) / Self.lanes * Self.lanes
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * properties) { sums in
      sums.initialize(repeating: 0)
      let room = min(Self.block, residues.count) + stride + 2 * Self.lanes
      withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { track in
        track.initialize(repeating: 0)
        for start in Swift.stride(from: 0, to: residues.count, by: Self.block) {
          for property in 0..<properties {
            fill(track, with: property, from: residues, start: start)
            let places = min(Self.block, residues.count - start)
            for lag in Swift.stride(from: 1, through: lags, by: Self.lanes) {
              let block = Self.products(UnsafeRawBufferPointer(track), places: places, lag: lag)
              for lane in 0..<Self.lanes { sums[property * stride + lag - 1 + lane] += block[lane] }
            }
          }
        }
      }
      return body(sums, stride)
    }
  }

  /// One property along the block from `start` and the lags after it, 0 behind the sequence's end.
  private func fill(
    _ track: UnsafeMutableBufferPointer<Double>, with property: Int, from residues: UnsafeBufferPointer<UInt8>,
    start: Int
  ) {
    let known = min(track.count, residues.count - start)
    values[property].withUnsafeBufferPointer { values in
      for place in 0..<known { track[place] = values[Int(residues[start &+ place])] }
    }
    for place in known..<track.count { track[place] = 0 }
  }

  /// Σ_i t_i t_{i+k} for the four lags k = `lag` … `lag` + 3, four places at a time in a fixed order.
  /// - Parameter track: Doubles, 0 from `places` (rounded up to four) on, or the block after it; `lag` + 7 more than
  ///   `places` of them.
  static func products(_ track: UnsafeRawBufferPointer, places: Int, lag: Int) -> SIMD4<Double> {
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
