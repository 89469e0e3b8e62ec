import Bytes
import Records

/// The names of features say whether, how and by which state they are scaled.
extension Normalizer {
  /// What each feature's name ends in after `apply`: `~` and six digits of the digest; two `~` where the two sides of a
  /// pair are scaled separately.
  public var suffix: String {
    (fit.sides == .separate ? "~~" : "~") + digest.prefix(6)
  }

  /// Digest of the names it was fitted on, as records carry it.
  public var schemaDigest: String { SHA256.digest12(of: names) }

  /// The names after `apply`.
  public var normalizedNames: [String] { names.map { $0 + suffix } }

  /// The names that features of these names have after `apply`.
  /// - Throws: `ScalingError` if the stream is normalised already or its names are others, naming the first difference.
  public func names(for features: [String]) throws -> [String] {
    if let done = features.first(where: Self.isNormalized) { throw ScalingError.alreadyNormalized(done) }
    guard isNamed else { throw ScalingError.namelessState(width) }
    if features != names {
      let difference = try Schema(names: features).firstDifference(from: Schema(names: names))
      throw ScalingError.otherSchema(difference ?? "the number of features")
    }
    return normalizedNames
  }

  /// The names that features of these names have when `apply` is undone.
  /// - Throws: `ScalingError` if they were not normalised by this state.
  public func names(restoring features: [String]) throws -> [String] {
    guard isNamed else { throw ScalingError.namelessState(width) }
    if let other = features.first(where: { !$0.hasSuffix(suffix) }) {
      throw ScalingError.notByThisState(other, suffix: suffix)
    }
    let restored = features.map { String($0.dropLast(suffix.count)) }
    if restored != names {
      let difference = try Schema(names: restored).firstDifference(from: Schema(names: names))
      throw ScalingError.otherSchema(difference ?? "the number of features")
    }
    return names
  }

  /// Whether a feature's name says that it is normalised.
  public static func isNormalized(_ name: String) -> Bool { bareLength(name) != nil }

  /// Whether a feature's name says that the two sides of a pair were scaled separately.
  public static func isOfSeparateSides(_ name: String) -> Bool {
    bareLength(name).map { name.utf8.count - $0 == 8 } ?? false
  }

  /// The name before any normalisation.
  public static func bareName(_ name: String) -> String {
    bareLength(name).map { String(decoding: name.utf8.prefix($0), as: UTF8.self) } ?? name
  }

  /// What normalisation has appended to a name; nil where it has not.
  public static func suffix(of name: String) -> String? {
    bareLength(name).map { String(decoding: name.utf8.dropFirst($0), as: UTF8.self) }
  }

  /// How many bytes of a normalised name stand before the suffix; nil for one that is not normalised.
  private static func bareLength(_ name: String) -> Int? {
    let tail = Array(name.utf8.suffix(8))
    guard tail.count >= 7 else { return nil }
    let isDigest = tail.suffix(6).allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    guard isDigest, tail[tail.count - 7] == UInt8(ascii: "~") else { return nil }
    return name.utf8.count - (tail.count == 8 && tail[0] == UInt8(ascii: "~") ? 8 : 7)
  }
}
