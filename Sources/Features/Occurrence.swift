extension Occurrence {
  /// Calls `visit` with the code and position of each residue.
  static func residues(
    in residues: UnsafeBufferPointer<UInt8>, alphabet: Alphabet, _ visit: (_ code: Int, _ place: Int) -> Void
  ) {
    for place in 0..<residues.count where residues[place] < UInt8(alphabet.count) {
      visit(Int(residues[place]), place)
    }
  }

  /// Calls `visit` with the first position of each pair of residues at distance `lag`.
  static func pairs(
    in residues: UnsafeBufferPointer<UInt8>, alphabet: Alphabet, lag: Int, _ visit: (_ first: Int) -> Void
  ) {
    let letters = UInt8(alphabet.count)
    for place in 0..<max(0, residues.count - lag)
    where residues[place] < letters && residues[place + lag] < letters {
      visit(place)
    }
  }
}
