/// The share of the members of 18 groups of residues in windows of 21 letters: its largest and smallest value and its
/// SD over all windows.
struct GroupWindows: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let window = 21
  private static let groups = [
    "AILMFVWC", "DE", "KRH", "FWY", "P", "G", "ST", "QN", "C", "KR", "DEKR", "PESTQNGK", "L", "S", "A", "R", "K", "E",
  ]
  private typealias Lanes = SIMD8<Int16>
  /// For eight groups at a time: 1 for its members, by code.
  private let memberships: [[Lanes]]

  init(_ settings: EncoderSettings) {
    names = settings.names(Self.groups.flatMap { group in ["max", "min", "sd"].map { "\(group).\($0)" } })
    memberships = stride(from: 0, to: Self.groups.count, by: 8).map { first in
      var table = [Lanes](repeating: .zero, count: 256)
      for (lane, group) in Self.groups[first..<min(first + 8, Self.groups.count)].enumerated() {
        for code in Alphabet.protein.codes(group) { table[code][lane] = 1 }
      }
      return table
    }
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    let length = min(Self.window, residues.count)
    let windows = Double(residues.count - length + 1)
    for (block, table) in memberships.enumerated() {
      let found = Self.counts(residues, length, table)
      for lane in 0..<min(8, Self.groups.count - 8 * block) {
        let column = 3 * (8 * block + lane)
        // Whole numbers: equal windows have no spread at all.
        let variance = windows * Double(found.squares[lane]) - Double(found.sums[lane] * found.sums[lane])
        features[column] += weight * Double(found.largest[lane]) / Double(length)
        features[column + 1] += weight * Double(found.smallest[lane]) / Double(length)
        features[column + 2] += weight * max(0, variance).squareRoot() / windows / Double(length)
      }
    }
    return true
  }

  private struct Counts {
    var largest = Lanes.zero
    var smallest = Lanes(repeating: .max)
    var sums = SIMD8<Int>.zero
    var squares = SIMD8<Int>.zero
  }

  /// The members in each window: extremes, sum and sum of squares.
  private static func counts(_ residues: UnsafeBufferPointer<UInt8>, _ length: Int, _ table: [Lanes]) -> Counts {
    table.withUnsafeBufferPointer { table in
      var found = Counts()
      var count = Lanes.zero
      for place in 0..<length - 1 { count &+= table[Int(residues[place])] }
      var first = 0
      let windows = residues.count - length + 1
      while first < windows {
        // 74 squares of at most 21 fit into 16 bits.
        let end = min(first + 74, windows)
        var (sums, squares) = (Lanes.zero, Lanes.zero)
        while first < end {
          count &+= table[Int(residues[first + length - 1])]
          found.largest.replace(with: count, where: count .> found.largest)
          found.smallest.replace(with: count, where: count .< found.smallest)
          sums &+= count
          squares &+= count &* count
          count &-= table[Int(residues[first])]
          first += 1
        }
        for lane in 0..<8 {
          found.sums[lane] += Int(sums[lane])
          found.squares[lane] += Int(squares[lane])
        }
      }
      return found
    }
  }

  /// Extremes lie on the letters of their first window, SDs on the members of the group.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    guard !residues.isEmpty else { return }
    let length = min(Self.window, residues.count)
    for group in Self.groups.indices {
      let table = memberships[group / 8]
      var count = residues[..<(length - 1)].reduce(0) { $0 + Int(table[Int($1)][group % 8]) }
      var (largest, smallest) = ((-1, 0), (Int.max, 0))
      for first in 0...residues.count - length {
        count += Int(table[Int(residues[first + length - 1])][group % 8])
        if count > largest.0 { largest = (count, first) }
        if count < smallest.0 { smallest = (count, first) }
        count -= Int(table[Int(residues[first])][group % 8])
      }
      for (column, first) in [largest.1, smallest.1].enumerated() {
        Occurrence.residues(of: first..<first + length, in: residues, feature: 3 * group + column, visit)
      }
      for place in residues.indices where table[Int(residues[place])][group % 8] == 1 {
        visit(Occurrence(feature: 3 * group + 2, first: place, count: 1))
      }
    }
  }

  static let entry = EncoderEntry(
    "windows", "extremes of 18 residue groups in windows of 21 letters, 54 numbers", .protein,
    description: """
      The share of a group's residues in each window of 21 letters (of a shorter sequence, in the whole): the largest
      and the smallest, and the SD (that of a population) over all windows. An unknown letter is in no group.
      Groups: \(groups[..<11].joined(separator: ", ")),
      \(groups[11...].joined(separator: ", ")).
      Columns: AILMFVWC.max, .min, .sd, DE.max ... E.sd.
      Peers: a write-out of the definition with NumPy, equal to 1e-12.
      """
  ) { GroupWindows($0) }
}

/// The charge of the sequence and of its windows: K and R count 1, D and E -1.
///
/// Features: mean charge, mean of its size, sum over √L; largest, smallest and SD of the mean over windows of 21; the
/// mean square of the mean over windows of 5, less the square of the mean charge.
struct ChargeWindows: Encoder {
  let alphabet = Alphabet.protein
  let minimumLength = 1
  let names: [String]
  private static let (window, patch) = (21, 5)
  private static let charges: [Double] = {
    var table = [Double](repeating: 0, count: 256)
    for code in Alphabet.protein.codes("KR") { table[code] = 1 }
    for code in Alphabet.protein.codes("DE") { table[code] = -1 }
    return table
  }()

  init(_ settings: EncoderSettings) {
    names = settings.names(["mean", "charged", "by_root_length", "max", "min", "sd", "patches"])
  }

  private static func read<Result>(
    _ residues: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: residues.count) { values in
      charges.withUnsafeBufferPointer { table in
        for place in 0..<residues.count { values[place] = table[Int(residues[place])] }
      }
      return body(UnsafeBufferPointer(values))
    }
  }

  func tally(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into features: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard residues.holdsResidues else { return false }
    Self.read(residues) { charges in
      let length = Double(charges.count)
      var (sum, charged) = (0.0, 0.0)
      for charge in charges {
        sum += charge
        charged += abs(charge)
      }
      let spread = WindowMeans.of(charges, length: Self.window) { WindowSpread($0) }
      let squares = WindowMeans.of(charges, length: Self.patch) { means in
        means.reduce(0) { $0 + $1 * $1 } / Double(means.count)
      }
      let mean = sum / length
      let values = [
        mean, charged / length, sum / length.squareRoot(), spread.largest, spread.smallest, spread.deviation,
        squares - mean * mean,
      ]
      for (column, value) in values.enumerated() { features[column] += weight * value }
    }
    return true
  }

  /// Extremes lie on the letters of their first window, the others on the charged residues.
  func occurrences(in residues: UnsafeBufferPointer<UInt8>, _ visit: (Occurrence) -> Void) {
    guard !residues.isEmpty else { return }
    Self.read(residues) { charges in
      for place in charges.indices where charges[place] != 0 {
        for feature in [0, 1, 2, 5, 6] { visit(Occurrence(feature: feature, first: place, count: 1)) }
      }
      WindowMeans.of(charges, length: Self.window) { means in
        for (feature, extreme) in [(3, means.max()), (4, means.min())] {
          guard let index = means.firstIndex(where: { $0 == extreme }) else { continue }
          let letters = WindowMeans.letters(of: index, length: Self.window, in: charges.count)
          Occurrence.residues(of: letters, in: residues, feature: feature, visit)
        }
      }
    }
  }

  static let entry = EncoderEntry(
    "charge", "charge of the sequence and of its windows, 7 numbers", .protein,
    description: """
      K and R count 1, D and E -1, all else 0: q_i of L letters. W(n): the means over all windows of n letters, or over
      the whole of a shorter sequence.
      Columns: mean (sum q / L), charged (sum |q| / L), by_root_length (sum q / sqrt L), max, min, sd (of W(21); the
      SD is that of a population), patches (the mean of W(5)^2, less the square of the mean).
      Peers: a write-out of the definition with NumPy, equal to 1e-12.
      """
  ) { ChargeWindows($0) }
}
