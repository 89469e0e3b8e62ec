import Bytes

/// The properties that all lines of a stream share: form, columns and constant text.
struct RecordLayout {
  let format: OutputFormat
  let kind: RecordKind
  let schema: Schema?
  let columns: RecordColumns
  /// The number of features of a row, -1 if unknown.
  let width: Int
  /// The reserved columns of a TSV.
  let fields: [RecordField]
  /// The kept columns as members: a comma, the quoted name, a colon.
  let keys: [[UInt8]]
  /// The schema's digest as a member.
  let digest: [UInt8]
  /// The features as members, where records leave out zeros.
  let features: FeatureKeys?

  init(
    _ format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String?, columns: RecordColumns, isSparse: Bool
  ) {
    self.format = format
    self.kind = kind
    self.schema = schema
    self.columns = columns
    width = schema?.names.count ?? -1
    fields = columns.reserved.map { Self.field($0) }
    keys = columns.keep.map { name in
      var key: [UInt8] = [UInt8(ascii: ",")]
      JSON.append(quoted: name, to: &key)
      return key + [UInt8(ascii: ":")]
    }
    self.digest = Array(((schema?.digest ?? digest).map { ",\"schema\":\"\($0)\"" } ?? "").utf8)
    features = isSparse ? FeatureKeys(schema?.names ?? []) : nil
  }

  /// The field of a column; `kept` for a name that is not reserved.
  private static func field(_ column: String) -> RecordField {
    var column = column
    return column.withUTF8 { RecordField.named($0) } ?? .kept
  }
}
