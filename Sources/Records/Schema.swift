import Bytes

/// The text forms of an input; `auto` decides by the first non-blank byte.
public enum InputFormat: String, Sendable, CaseIterable {
  case auto, tsv, ndjson, fasta
}

/// The text forms of an output.
public enum OutputFormat: String, Sendable, CaseIterable {
  case tsv, ndjson
}

/// The kinds of records.
public enum RecordKind: String, Sendable {
  case feature, bag, graph, score, metric, comparison, attribution
}

/// The kinds of labels that a stream says it has; without one, labels are taken as `binary`.
public enum LabelKind: String, Sendable, CaseIterable {
  /// Two classes: 0 or 1.
  case binary
  /// Any finite number, such as an affinity.
  case number
}

/// Column names that are data about a record and never features.
public let reservedColumns: Set<String> = [
  "id", "bag", "label", "instance_label", "gene_a", "gene_b", "isoform_a", "isoform_b", "fold", "part", "baseline",
  "weight", "instances", "length", "valid", "score", "logit", "witness", "attention", "schema",
]

/// The feature names of a stream in their order, and their digest.
public struct Schema: Sendable, Equatable {
  /// The feature names in order.
  public let names: [String]
  /// The first 12 hex digits of SHA-256 over the names, UTF-8, each followed by LF.
  public let digest: String

  /// Makes a schema; throws a `RecordError` for an empty, reserved or repeated name, or one with control bytes.
  public init(names: [String], at place: SourceLocation? = nil) throws {
    var seen: [String: Int] = [:]
    seen.reserveCapacity(names.count)
    for (i, name) in names.enumerated() {
      try checkColumnName(name, number: i + 1, at: place)
      if reservedColumns.contains(name) {
        throw RecordError(.schema, "feature \(i + 1) has the reserved name \(Diagnostic.quoted(name))", at: place)
      }
      if let first = seen.updateValue(i, forKey: name) {
        throw RecordError(
          .schema, "features \(first + 1) and \(i + 1) have the same name \(Diagnostic.quoted(name))", at: place)
      }
    }
    self.names = names
    digest = SHA256.digest12(of: names)
  }

  /// Whether two schemas have the same names in the same order.
  public static func == (a: Schema, b: Schema) -> Bool { a.digest == b.digest && a.names == b.names }

  /// A message on the first difference of these names from those of `other`, which are expected; nil without one.
  public func firstDifference(from other: Schema) -> String? {
    for (i, (found, expected)) in zip(names, other.names).enumerated() where found != expected {
      return "feature \(i + 1) is \(Diagnostic.quoted(found)), expected \(Diagnostic.quoted(expected))"
    }
    if names.count < other.names.count {
      return "\(counted(names.count)), expected \(other.names.count): "
        + "\(Diagnostic.quoted(other.names[names.count])) is missing"
    }
    if names.count > other.names.count {
      return "\(counted(names.count)), expected \(other.names.count): "
        + "\(Diagnostic.quoted(names[other.names.count])) is one too many"
    }
    return nil
  }

  private func counted(_ count: Int) -> String { count == 1 ? "1 feature" : "\(count) features" }
}

/// Throws a `RecordError` for a column name that is empty, too long or has control bytes.
func checkColumnName(_ name: String, number: Int, at place: SourceLocation?) throws {
  var name = name
  let bad = name.withUTF8 { $0.isEmpty || $0.count > idLimit || UTF8Text.hasControl($0) }
  if bad {
    let what = name.isEmpty ? "is empty" : "is not usable: \(Diagnostic.quoted(name))"
    throw RecordError(.column, "the name of column \(number) \(what)", at: place)
  }
}

/// The maximum length of ids and column names, in bytes.
let idLimit = 64 << 10
