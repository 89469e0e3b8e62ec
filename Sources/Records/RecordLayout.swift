import Bytes

/// The properties that all lines of a stream share: form, columns and constant text.
struct RecordLayout {
  let format: OutputFormat
  let kind: RecordKind
  let schema: Schema?
  let form: FeatureForm
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
  /// The features of a partner alone, which instances refer to in a compact stream; empty in others.
  let segments: [Range<Int>]
  /// The other features of a compact stream.
  let pairs: [Range<Int>]

  init(
    _ format: OutputFormat, kind: RecordKind, schema: Schema?, digest: String?, columns: RecordColumns,
    form: FeatureForm
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
    self.form = form
    if case .compact = form { segments = SharedRows.segments(of: schema?.names ?? []) } else { segments = [] }
    let ends = [0] + segments.flatMap { [$0.lowerBound, $0.upperBound] } + [max(0, width)]
    pairs = stride(from: 0, to: ends.count, by: 2).map { ends[$0]..<ends[$0 + 1] }.filter { !$0.isEmpty }
    features = form == .sparse ? FeatureKeys(schema?.names ?? []) : nil
  }

  /// The field of a column; `kept` for a name that is not reserved.
  private static func field(_ column: String) -> RecordField {
    var column = column
    return column.withUTF8 { RecordField.named($0) } ?? .kept
  }
}
