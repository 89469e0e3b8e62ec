import Bytes

/// The reserved members and columns of records.
enum RecordField: UInt8, CaseIterable {
  case feature, kept, id, bag, label, instanceLabel, geneA, geneB, isoformA, isoformB, fold, part, baseline, weight
  case instances, length, valid, schema, rows

  /// The name of the column or member.
  var name: StaticString {
    switch self {
    case .feature: "x"
    case .kept: ""
    case .id: "id"
    case .bag: "bag"
    case .label: "label"
    case .instanceLabel: "instance_label"
    case .geneA: "gene_a"
    case .geneB: "gene_b"
    case .isoformA: "isoform_a"
    case .isoformB: "isoform_b"
    case .fold: "fold"
    case .part: "part"
    case .baseline: "baseline"
    case .weight: "weight"
    case .instances: "instances"
    case .length: "length"
    case .valid: "valid"
    case .schema: "schema"
    case .rows: "rows"
    }
  }

  private static let members = allCases.filter { $0 != .kept }.map { ($0, $0.name) }

  /// The member of a name, nil for an unknown one; `x` holds the features.
  static func named(_ key: UnsafeBufferPointer<UInt8>) -> RecordField? {
    for (field, name) in members {
      guard name.utf8CodeUnitCount == key.count else { continue }
      var same = true
      for i in 0..<key.count where key[i] != name.utf8Start[i] {
        same = false
        break
      }
      if same { return field }
    }
    return nil
  }

  /// Whether the member belongs to an instance, and may be in the objects of `instances`.
  var isOfInstance: Bool {
    switch self {
    case .feature, .rows, .kept, .id, .instanceLabel, .isoformA, .isoformB, .length, .valid: true
    default: false
    }
  }
}

/// Errors of faulty values, the same for TSV and NDJSON.
enum ValueFault {
  /// - Parameter isFeature: whether the column is taken for a feature, which `--keep` could pass on instead.
  static func number(_ text: String, _ column: String, isFeature: Bool, at place: SourceLocation) -> RecordError {
    var hint: String?
    if text.isEmpty || text == "''" {
      return RecordError(
        .number, "column \(Diagnostic.quoted(column)) is empty", at: place, hint: "a missing value is written NA")
    }
    let bare = text.dropFirst().dropLast()
    if bare.contains(",") && !bare.contains(".") {
      hint = "the decimal point is '.'"
    } else if ["nan", "na", "n/a", "null", "none", "-"].contains(bare.lowercased()) {
      hint = "a missing value is written NA"
    } else if isFeature, bare.utf8.contains(where: { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }),
      !looksNumeric(String(bare))
    {
      hint = "if \(Diagnostic.quoted(column)) is not a feature, pass it on with --keep \(Diagnostic.escaped(column))"
    }
    return RecordError(.number, "column \(Diagnostic.quoted(column)): \(text) is not a number", at: place, hint: hint)
  }

  static func quoted(_ text: String, _ column: String, at place: SourceLocation) -> RecordError {
    RecordError(
      .number, "column \(Diagnostic.quoted(column)): \(Diagnostic.quoted("\"\(text)\"")) is a text, not a number",
      at: place, hint: "JSON writes a number without quotes")
  }

  /// Whether a text such as `inf` or `0x1p3` is meant as a number, so that its column is not one to keep.
  private static func looksNumeric(_ text: String) -> Bool {
    let lower = text.lowercased()
    return lower.hasSuffix("inf") || lower.hasSuffix("infinity") || lower.hasPrefix("0x") || lower.hasPrefix("-0x")
      || lower.utf8.allSatisfy { ($0 >= 48 && $0 < 58) || $0 == 0x65 || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
  }

  static func label(_ text: String, _ column: String, at place: SourceLocation) -> RecordError {
    let isBound = text.dropFirst().first.map { "<>~".contains($0) } ?? false
    return RecordError(
      .label, "\(column) \(text) is not a number", at: place,
      hint: isBound
        ? "a bound is not a measured value: --bad-rows skip leaves such rows out, and counts them"
        : "write 1 for positive, 0 for negative, NA where unknown")
  }

  /// A label that is neither 0 nor 1 where labels are two classes: `kind` says so, or nothing says their kind.
  static func `class`(_ text: String, _ column: String, _ kind: LabelKind?, at place: SourceLocation) -> RecordError {
    RecordError(
      .label,
      "\(column) \(Diagnostic.quoted(text)) is neither 0 nor 1" + (kind == nil ? "" : ", and labels are binary"),
      at: place, hint: "a row without a label has NA; labels that are numbers need --labels number")
  }

  static func id(_ text: String, _ column: String, _ why: String, at place: SourceLocation) -> RecordError {
    RecordError(.text, "\(column) \(text) \(why)", at: place)
  }

  static func unknownMember(_ key: String, at place: SourceLocation) -> RecordError {
    RecordError(
      .column, "unknown member \(Diagnostic.quoted(key))", at: place,
      hint: "pass it on with --keep \(Diagnostic.escaped(key))")
  }
}

/// The reason why bytes are not an id (empty, longer than 64 KiB, not UTF-8, control characters); nil for an id.
public func idFault(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
  if bytes.isEmpty { return "is empty" }
  if bytes.count > idLimit { return "is longer than 64 KiB" }
  if UTF8Text.firstInvalid(in: bytes) != nil { return "is not UTF-8" }
  if UTF8Text.hasControl(bytes) { return "has a control character" }
  return nil
}
