/// The transpose of an encoder: what each feature is worth, laid back onto the letters it was counted from.
public enum Projection {
  /// Divides each feature's attribution equally over its occurrences and then over their letters, and adds it to
  /// `track` (one number per residue code).
  /// - Returns: the sum of the attributions of features that occur nowhere, so that
  ///   track + rest = the sum of all attributions.
  public static func project(
    _ attribution: [Double], of encoder: any Encoder, from residues: UnsafeBufferPointer<UInt8>,
    onto track: inout [Double]
  ) -> Double {
    precondition(attribution.count == encoder.width && track.count == residues.count)
    var places = [Int](repeating: 0, count: attribution.count)
    encoder.occurrences(in: residues) { places[$0.feature] += 1 }
    encoder.occurrences(in: residues) { occurrence in
      let share = attribution[occurrence.feature] / Double(places[occurrence.feature] * occurrence.count)
      for letter in 0..<occurrence.count { track[occurrence.first + letter * occurrence.step] += share }
    }
    var rest = 0.0
    for feature in attribution.indices where places[feature] == 0 { rest += attribution[feature] }
    return rest
  }
}
