/// A number for each ordered pair of residue codes, and its sum along a sequence.
struct PairTable: Sendable {
  /// Codes that are residues: 0 ..< codes.
  let codes: Int
  private let values: [Double]

  /// - Parameter values: codes × codes, row = first residue.
  init(_ values: [Double], codes: Int) {
    precondition(values.count == codes * codes)
    self.values = values
    self.codes = codes
  }

  /// The table with every value squared.
  var squared: PairTable { PairTable(values.map { $0 * $0 }, codes: codes) }

  /// Σ over the valid pairs at distance `lag` of the table's value, and how many pairs there are.
  func sum(_ residues: UnsafeBufferPointer<UInt8>, lag: Int) -> (sum: Double, pairs: Int) {
    values.withUnsafeBufferPointer { values in
      var sum = 0.0
      var pairs = 0
      for place in 0..<max(0, residues.count - lag) {
        let (here, there) = (Int(residues[place]), Int(residues[place + lag]))
        guard here < codes && there < codes else { continue }
        pairs += 1
        sum += values[here * codes + there]
      }
      return (sum, pairs)
    }
  }
}
