import Bytes

extension RecordReader {
  /// Reads up to the first record and finds form, names and columns.
  func begin() throws {
    guard let line = try firstLine() else { return }
    let first = line.first { $0 != 0x20 && $0 != 0x09 } ?? 0
    var form = options.format
    if form == .auto { form = first == UInt8(ascii: "{") ? .ndjson : first == UInt8(ascii: ">") ? .fasta : .tsv }
    if form == .fasta {
      throw RecordError(
        .format, "the input is FASTA, not features", at: lines.place(), hint: "seqfeat makes features of sequences")
    }
    isEmpty = false
    if form == .ndjson {
      format = .ndjson
      try beginNDJSON(line)
    } else {
      try beginTSV(line)
    }
  }

  private func firstLine() throws -> UnsafeBufferPointer<UInt8>? {
    try lines.next(skipping: .whitespace)
  }

  private func beginTSV(_ line: UnsafeBufferPointer<UInt8>) throws {
    let place = lines.place()
    let names: [String]
    if let given = options.columns {
      names = given
      pending = line
    } else {
      names = try TSVRows.split(header: line, at: place)
      header = Array(line)
    }
    let layout = try TSVRows(header: names, keep: options.keep, at: place, given: options.columns != nil)
    tsv = layout
    kind = layout.hasBags ? .bag : .feature
    columns = layout.columns
    schema = try Schema(names: layout.features, at: place)
    digest = schema?.digest
    rows.width = layout.features.count
  }

  private func beginNDJSON(_ line: UnsafeBufferPointer<UInt8>) throws {
    if let names = options.columns {
      let schema = try Schema(names: names.filter { !reservedColumns.contains($0) && !options.keep.contains($0) })
      self.schema = schema
      digest = schema.digest
      rows.schema = schema
      rows.digest = Array(schema.digest.utf8)
      rows.width = schema.names.count
    }
    columns.keep = options.keep
    switch StreamFrame.classify(line) {
    case .schema: try takeSchema(line)
    case .end: try frame.takeEnd(line, at: lines.place())
    default:
      try frame.countRecord(at: lines.place())
      pending = line
    }
    if frame.kind == .bag {
      kind = .bag
      columns = RecordColumns(reserved: RecordColumns.bag.reserved, keep: options.keep)
    } else if let other = frame.kind, other != .feature {
      throw RecordError(.format, "the stream has \(other.rawValue) records, not features or bags", at: lines.place())
    }
    try discover()
  }

  /// Finds columns in the first record, the kind if there was no schema line, and the digest if names are unknown.
  private func discover() throws {
    while let line = try nextRecordLine() {
      var look = rows
      look.discovering = true
      var first = StreamRecord(hasBag: false)
      let isWhole: Bool
      do {
        (_, _, isWhole) = try look.parse(line, into: &first, at: lines.place())
      } catch let error as RecordError where options.badRows == .skip && error.kind != .limit {
        var warning = error.diagnostic
        warning.topic = "rows skipped as unreadable"
        report(warning)
        continue
      }
      kind = first.hasBag || frame.kind == .bag ? .bag : .feature
      var found = look.found
      if kind == .bag && first.hasBag { found.formUnion(["bag", "instances"]) }
      if isWhole && frame.kind == nil { found.formUnion(RecordColumns.bag.reserved) }
      if frame.kind == .bag { found.formUnion(RecordColumns.bag.reserved) }
      columns = RecordColumns(reserved: RecordColumns.order.filter { found.contains($0) }, keep: look.keep)
      if kind == .feature { columns.reserved = ["id"] + columns.reserved.filter { $0 != "id" } }
      let shared = rows.shared
      rows = NDJSONRows(schema: schema, keep: look.keep, maxInstances: options.maxInstances)
      rows.shared = shared
      rows.width = look.width
      rows.digest = rows.digest ?? look.foundDigest
      digest = digest ?? look.foundDigest.map { String(decoding: $0, as: UTF8.self) }
      if digest == nil && !options.trustOrder {
        throw RecordError(
          .schema, "the stream has neither feature names nor a digest of them", at: lines.place(),
          hint: "take the features by position with --trust-order, or name them with --columns")
      }
      pending = line
      return
    }
  }
}
