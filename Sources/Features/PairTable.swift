/// A number for each ordered pair of residue codes, and its sums over the pairs at distance 1, 2 … along a sequence.
///
/// One load and one addition a pair and lag: on processors without wide vectors faster than the arithmetic of three
/// properties, and without its cancellation.
struct PairTable: Sendable {
  /// Codes that are residues: 0 ..< codes.
  let codes: Int
  /// Row = first residue, `stride` wide; the row and the column `codes` are 0 and stand for every other code.
  private let values: [Double]
  private static let stride = 32
  private static let lagBlock = 8

  /// - Parameter values: codes × codes, row = first residue; codes is at most 31.
  init(_ values: [Double], codes: Int) {
    precondition(values.count == codes * codes && codes < Self.stride)
    self.codes = codes
    var padded = [Double](repeating: 0, count: (codes + 1) * Self.stride)
    for pair in values.indices { padded[pair / codes * Self.stride + pair % codes] = values[pair] }
    self.values = padded
  }

  /// Σ over the properties of (x(a) − x(b))².
  /// - Parameter properties: by property the value of each code.
  init(squaredDifferences properties: [[Double]]) {
    let codes = properties.first?.count ?? 0
    let pairs = (0..<codes * codes).map { pair in
      properties.reduce(0) { sum, row in
        let difference = row[pair / codes] - row[pair % codes]
        return sum + difference * difference
      }
    }
    self.init(pairs, codes: codes)
  }

  /// x(a) x(b) of one property.
  init(products row: [Double]) {
    self.init(row.flatMap { a in row.map { a * $0 } }, codes: row.count)
  }

  /// The table with every value squared.
  var squared: PairTable {
    let rows = (0..<codes).map { Array(values[$0 * Self.stride..<$0 * Self.stride + codes]) }
    return PairTable(rows.flatMap { $0.map { $0 * $0 } }, codes: codes)
  }

  /// For each lag 1 … `lags` the sum of the table's value over the valid pairs at that distance.
  /// - Parameter body: lag, sum, number of pairs (more than 0).
  /// - Returns: false if a lag has no valid pair; `body` has then been called for the lags before it.
  func sums(
    _ residues: UnsafeBufferPointer<UInt8>, lags: Int, _ body: (_ lag: Int, _ sum: Double, _ pairs: Int) -> Void
  ) -> Bool {
    guard residues.count > lags else { return false }
    var highest: UInt8 = 0
    for residue in residues { highest = max(highest, residue) }
    if Int(highest) < codes {
      return sums(whole: residues, lags: lags) { body($0, $1, residues.count - $0) }
    }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: residues.count) { capped in
      for place in residues.indices { capped[place] = min(residues[place], UInt8(codes)) }
      var counted = true
      _ = sums(whole: UnsafeBufferPointer(capped), lags: lags) { lag, sum in
        guard counted else { return }
        let pairs = Self.validPairs(residues, codes: codes, lag: lag)
        counted = pairs > 0
        if counted { body(lag, sum, pairs) }
      }
      return counted
    }
  }

  /// Number of pairs of residues at distance `lag`.
  static func validPairs(_ residues: UnsafeBufferPointer<UInt8>, codes: Int, lag: Int) -> Int {
    var pairs = 0
    for place in 0..<max(0, residues.count - lag) {
      pairs &+= Int(residues[place]) < codes && Int(residues[place &+ lag]) < codes ? 1 : 0
    }
    return pairs
  }

  private func sums(
    whole residues: UnsafeBufferPointer<UInt8>, lags: Int, _ body: (_ lag: Int, _ sum: Double) -> Void
  ) -> Bool {
    values.withUnsafeBufferPointer { values in
      guard let table = values.baseAddress, let codes = residues.baseAddress else { return false }
      for first in Swift.stride(from: 1, through: lags, by: Self.lagBlock) {
        let inner = max(0, residues.count - first - Self.lagBlock + 1)
        let block = Self.eightLags(table, codes, places: inner, lag: first)
        for lag in first...min(first + Self.lagBlock - 1, lags) {
          var sum = block[lag - first]
          for place in inner..<(residues.count - lag) {
            sum += table[Int(codes[place]) &* Self.stride &+ Int(codes[place &+ lag])]
          }
          body(lag, sum)
        }
      }
      return true
    }
  }

  /// The sums of the eight lags from `lag` over the first `places` places, each in the order of the places.
  private static func eightLags(
    _ table: UnsafePointer<Double>, _ codes: UnsafePointer<UInt8>, places: Int, lag: Int
  ) -> SIMD8<Double> {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var (s4, s5, s6, s7) = (0.0, 0.0, 0.0, 0.0)
    var there = codes + lag
    for place in 0..<places {
      let row = table + Int(codes[place]) &* stride
      s0 += row[Int(there[0])]
      s1 += row[Int(there[1])]
      s2 += row[Int(there[2])]
      s3 += row[Int(there[3])]
      s4 += row[Int(there[4])]
      s5 += row[Int(there[5])]
      s6 += row[Int(there[6])]
      s7 += row[Int(there[7])]
      there += 1
    }
    return SIMD8(s0, s1, s2, s3, s4, s5, s6, s7)
  }
}
