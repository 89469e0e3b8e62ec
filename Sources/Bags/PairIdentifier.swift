import Bytes

/// The id of a pair: both ids, separated by colons, one more than the longest run of colons in either id, so that ids
/// of different pairs differ: `CRK:ELK3`, `HGNC:1::HGNC:2`.
public enum PairIdentifier {
  /// Joins two ids; throws `BagsError` for an id with colons that begins or ends with one.
  public static func joining(_ a: String, _ b: String, at place: SourceLocation? = nil) throws -> String {
    let run = max(longestRun(a), longestRun(b))
    if run == 0 { return "\(a):\(b)" }
    for id in [a, b] where id.utf8.first == colon || id.utf8.last == colon {
      throw BagsError(.colonAtEdge(id), at: place)
    }
    return a + String(repeating: ":", count: run + 1) + b
  }

  private static let colon = UInt8(ascii: ":")

  /// The length of the longest run of colons.
  private static func longestRun(_ id: String) -> Int {
    var longest = 0
    var run = 0
    for byte in id.utf8 {
      run = byte == colon ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
