import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A change of labels while pairs are read: a dissociation constant or a concentration as the negative decadic
/// logarithm of its value in mol/l (`pKd:nM`), or the decadic logarithm (`log10`); and the rule for bounds (`>10000`).
public struct LabelTransform: Sendable, Equatable {
  /// The rule for a label that is a bound, and no measured value.
  public enum Bounds: String, Sendable, CaseIterable {
    /// The row is an error.
    case error
    /// The row is left out; counted.
    case drop
    /// The number behind the sign is the label; counted.
    case value
  }

  /// The text that it is written as, without the rule for bounds.
  public let text: String
  /// The rule for bounds.
  public let bounds: Bounds
  /// The decimal exponent of the unit, −9 for nM; nil for `log10`.
  private let exponent: Double?

  private static let names = ["pKd", "pKi", "pIC50", "pEC50"]
  private static let units: [(name: String, exponent: Double)] = [
    ("M", 0), ("mM", -3), ("uM", -6), ("nM", -9), ("pM", -12),
  ]
  /// The results that measurements reach: from 10 mol/l down to 1 fM.
  private static let range = -1.0...15.0

  /// Parses `pKd:nM` (also pKi, pIC50, pEC50; M, mM, uM, nM, pM) or `log10`, and behind it maybe `,bounds=drop` (or
  /// value, error); throws `BagsError` (usage).
  public init(parsing value: String) throws {
    let fault = BagsError(.transformSyntax(value))
    let given = try FileSettings(parsing: value[...], names: ["bounds"], guide: "") { _ in fault }
    guard let bounds = Bounds(rawValue: given.values["bounds"] ?? "error") else { throw fault }
    (text, self.bounds) = (String(given.path), bounds)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts == ["log10"] {
      exponent = nil
    } else if parts.count == 2, Self.names.contains(parts[0]),
      let unit = Self.units.first(where: { $0.name == parts[1] })
    {
      exponent = unit.exponent
    } else {
      throw fault
    }
  }

  /// The number of a bound such as `>10000`, `< 5` or `>=1e4`; nil where a text is none.
  static func bound(_ text: String) -> Double? {
    let text = text.drop { $0 == " " }
    guard let sign = text.first, "<>≤≥".contains(sign) else { return nil }
    var number = String(text.dropFirst().drop { "= ".contains($0) })
    return number.withUTF8 { NumberText.double($0) }
  }

  /// The changed label; throws `BagsError` for a label without a logarithm, and for one whose unit can't be right.
  func apply(_ label: Double, at place: SourceLocation) throws -> Double {
    guard label > 0 else { throw BagsError(.noLogarithm(label, text), at: place) }
    guard let exponent else { return log10(label) }
    let result = -exponent - log10(label)
    if !Self.range.contains(result) { throw BagsError(.strangeUnit(label, text, result), at: place) }
    return result
  }

  /// Whether labels in this range, before the change, look as if they had been changed already.
  func looksDone(_ low: Double, _ high: Double) -> Bool { exponent != nil && low >= 2 && high <= 14 }
}
