/// The means of a number per letter over all windows of a length, one letter apart; of a sequence that is shorter, the
/// mean over the whole.
///
/// Sums run from the start of the sequence, and a window's is the difference of two: where a mean meets a limit, the
/// last bit decides, and other programs that follow the same definition decide the same.
struct WindowMeans {
  /// Calls `body` with the means, in the order of the windows.
  static func of<Result>(
    _ values: UnsafeBufferPointer<Double>, length: Int, _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    let count = values.count
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: count + 1) { sums in
      sums[0] = 0
      for place in 0..<count { sums[place + 1] = sums[place] + values[place] }
      if count < length {
        sums[0] = sums[count] / Double(count)
        return body(UnsafeBufferPointer(rebasing: sums[..<1]))
      }
      // The sum before a window is not needed after it.
      for first in 0...count - length { sums[first] = (sums[first + length] - sums[first]) / Double(length) }
      return body(UnsafeBufferPointer(rebasing: sums[...(count - length)]))
    }
  }

  /// The letters of window `index` of a sequence of `count` letters.
  static func letters(of index: Int, length: Int, in count: Int) -> Range<Int> {
    count < length ? 0..<count : index..<index + length
  }
}

/// Largest and smallest value, mean and population SD of a list that is not empty.
struct WindowSpread {
  private(set) var largest = -Double.infinity
  private(set) var smallest = Double.infinity
  private(set) var mean = 0.0
  private(set) var deviation = 0.0

  init(_ values: UnsafeBufferPointer<Double>) {
    for value in values {
      if value > largest { largest = value }
      if value < smallest { smallest = value }
      mean += value
    }
    mean /= Double(values.count)
    for value in values { deviation += (value - mean) * (value - mean) }
    deviation = (deviation / Double(values.count)).squareRoot()
  }
}

extension Occurrence {
  /// Calls `visit` for each residue of a window, as an occurrence of a feature.
  static func residues(
    of window: Range<Int>, in residues: UnsafeBufferPointer<UInt8>, feature: Int, _ visit: (Occurrence) -> Void
  ) {
    for place in window where residues[place] < UInt8(Alphabet.protein.count) {
      visit(Occurrence(feature: feature, first: place, count: 1))
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether one of the codes is a residue of a protein.
  var holdsResidues: Bool { contains { $0 < UInt8(Alphabet.protein.count) } }
}
