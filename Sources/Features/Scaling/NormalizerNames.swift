import Bytes
import Records

/// The names of features say whether, how and by which state they are scaled.
extension Normalizer {
  /// The ending of each feature's name after `apply`: `~` and six digits of the digest; two `~` where the two sides of
  /// a
  /// pair are scaled separately.
  public var suffix: String {
    (fit.sides == .separate ? "~~" : "~") + digest.prefix(6)
  }

  /// Digest of the names it was fitted on, as records carry it.
  public var schemaDigest: String { SHA256.digest12(of: names) }

  /// The names after `apply`.
  public var normalizedNames: [String] { names.map { $0 + suffix } }

  /// Checks that features of these names, in any order, are those to `apply` the state to.
  /// - Returns: the state's order of the features; nil if they already have it.
  /// - Throws: `ScalingError` if the stream is normalised already, or if a name is missing or not expected.
  public func order(of features: [String]) throws -> ColumnOrder? {
    if let done = features.first(where: Self.isNormalized) { throw ScalingError.alreadyNormalized(done) }
    return try order(matching: features)
  }

  /// Checks that features of these names, in any order, were normalised by this state, so that `restore` undoes it.
  /// - Returns: the state's order of the features; nil if they already have it.
  /// - Throws: `ScalingError` if they were not normalised by this state, or if a name is missing or not expected.
  public func order(restoring features: [String]) throws -> ColumnOrder? {
    guard isNamed else { throw ScalingError.namelessState(width) }
    if let other = features.first(where: { !$0.hasSuffix(suffix) }) {
      throw ScalingError.notByThisState(other, suffix: suffix)
    }
    return try order(matching: features.map { String($0.dropLast(suffix.count)) })
  }

  /// Returns the stream with its features in the state's order; throws as `order(of:)` does. A stream without names
  /// stays as it is.
  public func matched(_ source: any BagSource) throws -> any BagSource {
    guard let found = source.schema, let order = try order(of: found.names) else { return source }
    return try ReorderedSource(source, order, schema: Schema(names: names))
  }

  private func order(matching features: [String]) throws -> ColumnOrder? {
    guard isNamed else { throw ScalingError.namelessState(width) }
    if features == names { return nil }
    if let difference = Schema.missingOrExtra(features, expected: names) { throw ScalingError.otherSchema(difference) }
    return ColumnOrder(of: features, as: names)
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

  /// Returns the ending that normalisation has appended to a name; nil for a name without one.
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
