import Bytes

/// The parser of NDJSON records, each line a feature row, an instance or a whole bag: keys in any order, none twice,
/// none unknown.
struct NDJSONRows {
  /// Feature names, when they are known.
  var schema: Schema?
  /// The digest that records carry, when it is known without names.
  var digest: [UInt8]?
  /// The number of features of a record; -1 before the first one.
  var width: Int
  /// The kept columns, in order.
  private(set) var keep: [String]
  /// The members of the first record, when `discovering`.
  private(set) var found: Set<String> = []
  /// The digest of the first record, when none was known before.
  private(set) var foundDigest: [UInt8]?
  /// Whether the first record is being examined for its members.
  var discovering = false
  private let maxInstances: Int
  var index: [String: Int] = [:]
  var stamps: [Int] = []
  var stamp = 0
  var run: NumberRun?
  var missing = 0
  /// The partners' rows of a compact stream.
  var shared = SharedRowTable()
  /// The rows that the instance refers to.
  var references: [Int] = []
  private var declared = 0
  private var isWhole = false

  init(schema: Schema?, keep: [String], maxInstances: Int) {
    self.schema = schema
    self.keep = keep
    self.maxInstances = maxInstances
    width = schema?.names.count ?? -1
    digest = schema.map { Array($0.digest.utf8) }
  }

  /// Reads a line into a cleared record. Returns the number of missing features, the declared size of a flat row's bag
  /// (0 if undeclared), and whether the line is a whole bag. Throws a `RecordError`.
  mutating func parse(
    _ line: UnsafeBufferPointer<UInt8>, into record: inout StreamRecord, at place: SourceLocation
  ) throws -> (missing: Int, declared: Int, isWhole: Bool) {
    missing = 0
    declared = 0
    isWhole = false
    var scanner = JSONScanner(line)
    do {
      try parse(&scanner, into: &record)
    } catch let fault as ScanFault {
      var at = place
      at.column = fault.offset + 1
      throw RecordError(.syntax, fault.message, at: at)
    } catch var fault as MemberFault {
      fault.place = place
      throw fault.error
    }
    if width < 0 { width = record.instances.isEmpty ? 0 : record.values.count / record.instances.count }
    return (missing, declared, isWhole)
  }

  /// A fault whose error is made once its location is known.
  private struct MemberFault: Error {
    var place = SourceLocation(source: "")
    let offset: Int
    let make: @Sendable (SourceLocation) -> RecordError

    var error: RecordError {
      var at = place
      at.column = offset + 1
      return make(at)
    }
  }

  private mutating func parse(_ scanner: inout JSONScanner, into record: inout StreamRecord) throws {
    try scanner.expect(0x7B)
    var seen: UInt32 = 0
    var row = StreamRecord.Instance(id: "")
    var hasFeatures = false
    var kept = keep.isEmpty ? [] : [KeptValue](repeating: .missing, count: keep.count)
    var seenKept: UInt64 = 0
    if scanner.peek() == 0x7D {
      scanner.p += 1
    } else {
      repeat {
        let key = try scanner.key()
        guard let field = key.field, field != .rows || shared.isCompact else {
          try takeKept(key, &scanner, &seenKept, into: &kept, row: 0)
          continue
        }
        try once(field, key, &seen)
        if discovering { found.insert(key.string) }
        if field == .feature {
          hasFeatures = true
          try features(&scanner, into: &record.values)
        } else if field == .rows {
          try takeReferences(&scanner, hasFeatures)
        } else if field == .instances {
          try instances(&scanner, into: &record)
        } else if field.isOfInstance {
          try takeInstance(field, &scanner, into: &row)
        } else {
          try take(field, key, &scanner, into: &record)
        }
      } while try scanner.another(until: 0x7D)
    }
    try scanner.finish()
    if schema == nil, digest != nil, seen & (1 << UInt32(RecordField.schema.rawValue)) == 0 {
      throw scanner.fault("the record has no 'schema', others of this stream have")
    }
    if isWhole {
      let rowFields = [RecordField.id, .feature, .rows, .instanceLabel, .isoformA, .isoformB, .length, .valid]
      if let field = rowFields.first(where: { seen & (1 << UInt32($0.rawValue)) != 0 }) {
        throw scanner.fault("the member '\(field.name)' belongs inside 'instances', not beside it")
      }
      guard record.hasBag else { throw scanner.fault("a record with instances needs a member 'bag'") }
    } else {
      guard !row.id.isEmpty else { throw scanner.fault("the record has no 'id'") }
      guard hasFeatures else { throw scanner.fault("the record has no features: the member 'x' is missing") }
      record.instances.append(row)
      record.kept.append(contentsOf: kept)
      if !record.hasBag { record.bag = row.id }
    }
    // Bag members that are kept belong to all instances of the bag.
    if isWhole && !kept.isEmpty {
      for i in record.kept.indices where record.kept[i] == .missing { record.kept[i] = kept[i % kept.count] }
    }
  }

  private func once(_ field: RecordField, _ key: JSONKey, _ seen: inout UInt32) throws {
    let bit: UInt32 = 1 << UInt32(field.rawValue)
    if seen & bit != 0 {
      throw ScanFault(message: "key \(Diagnostic.quoted(key.string)) twice in one object", offset: key.offset)
    }
    seen |= bit
  }

  /// Reads `instances`: the objects of a whole bag, or in a flat row their number.
  private mutating func instances(_ scanner: inout JSONScanner, into record: inout StreamRecord) throws {
    guard scanner.peek() == 0x5B else {
      declared = try count(&scanner, "instances", least: 1) ?? 0
      return
    }
    isWhole = true
    scanner.p += 1
    if scanner.peek() == 0x5D { throw scanner.fault("the bag has no instances") }
    repeat {
      if record.instances.count == maxInstances {
        throw scanner.fault("the bag has more than \(maxInstances) instances, the limit of --max-instances")
      }
      try scanner.expect(0x7B)
      try instance(&scanner, into: &record)
    } while try scanner.another(until: 0x5D)
  }

  private mutating func instance(_ scanner: inout JSONScanner, into record: inout StreamRecord) throws {
    var seen: UInt32 = 0
    var seenKept: UInt64 = 0
    var row = StreamRecord.Instance(id: "")
    var hasFeatures = false
    let keptStart = record.kept.count
    if !keep.isEmpty { for _ in keep { record.kept.append(.missing) } }
    if scanner.peek() == 0x7D { throw scanner.fault("an instance without members") }
    repeat {
      let key = try scanner.key()
      guard let field = key.field, field != .rows || shared.isCompact else {
        try takeKept(key, &scanner, &seenKept, into: &record.kept, row: keptStart)
        continue
      }
      guard field.isOfInstance else {
        throw ScanFault(message: "the member \(Diagnostic.quoted(key.string)) belongs to the bag", offset: key.offset)
      }
      try once(field, key, &seen)
      if discovering { found.insert(key.string) }
      if field == .feature {
        hasFeatures = true
        try features(&scanner, into: &record.values)
      } else if field == .rows {
        try takeReferences(&scanner, hasFeatures)
      } else {
        try takeInstance(field, &scanner, into: &row)
      }
    } while try scanner.another(until: 0x7D)
    guard !row.id.isEmpty else { throw scanner.fault("the instance has no 'id'") }
    guard hasFeatures else { throw scanner.fault("the instance has no features: the member 'x' is missing") }
    record.instances.append(row)
  }

  private mutating func take(
    _ field: RecordField, _ key: JSONKey, _ scanner: inout JSONScanner, into record: inout StreamRecord
  ) throws {
    if scanner.takeNull() {
      if field == .bag { throw scanner.fault("the bag is null") }
      return
    }
    switch field {
    case .bag:
      record.bag = try id(&scanner, "bag")
      record.hasBag = true
    case .geneA: record.geneA = try id(&scanner, "gene_a")
    case .geneB: record.geneB = try id(&scanner, "gene_b")
    case .fold: record.fold = try id(&scanner, "fold", orNumber: true)
    case .part: record.part = try id(&scanner, "part")
    case .label: record.label = try label(&scanner, "label")
    case .baseline: record.baseline = try scanner.number()
    case .weight: record.weight = try scanner.number()
    default: try digest(key, &scanner)
    }
  }

  private func takeInstance(
    _ field: RecordField, _ scanner: inout JSONScanner, into row: inout StreamRecord.Instance
  ) throws {
    if scanner.takeNull() {
      if field == .id { throw scanner.fault("the id is null") }
      return
    }
    switch field {
    case .id: row.id = try id(&scanner, "id")
    case .isoformA: row.isoformA = try id(&scanner, "isoform_a")
    case .isoformB: row.isoformB = try id(&scanner, "isoform_b")
    case .instanceLabel: row.label = try label(&scanner, "instance_label")
    case .length: row.length = try count(&scanner, "length", least: 0)
    default: row.valid = try count(&scanner, "valid", least: 0)
    }
  }

  /// Reads the digest of a record and compares it with that of the stream.
  private mutating func digest(_ key: JSONKey, _ scanner: inout JSONScanner) throws {
    let start = scanner.offset
    let (bytes, escaped) = try scanner.rawString()
    if escaped || bytes.count != 12 {
      throw ScanFault(message: "the schema of a record is a digest of 12 hex digits", offset: start)
    }
    guard let digest else { return foundDigest = Array(bytes) }
    if digest.elementsEqual(bytes) { return }
    let expected = String(decoding: digest, as: UTF8.self)
    let text = "the record's schema is \(Diagnostic.quoted(bytes: bytes)), that of the stream is '\(expected)'"
    throw MemberFault(offset: start) {
      RecordError(.schema, text, at: $0, hint: "the records were made with other features")
    }
  }

  private func id(_ scanner: inout JSONScanner, _ name: String, orNumber: Bool = false) throws -> String {
    let start = scanner.offset
    let text: String
    if scanner.p < scanner.end, scanner.p.pointee != 0x22 {
      guard orNumber else { throw scanner.fault("\(name) \(scanner.shown()) is not a string") }
      text = NumberText.text(try scanner.number())
    } else {
      text = try scanner.string()
    }
    var copy = text
    if let why = copy.withUTF8({ idFault($0) }) {
      throw MemberFault(offset: start) { ValueFault.id(Diagnostic.quoted(text), name, why, at: $0) }
    }
    return text
  }

  private func label(_ scanner: inout JSONScanner, _ name: String) throws -> Double {
    let start = scanner.offset
    guard let value = try? scanner.number() else {
      let shown = scanner.shown()
      throw MemberFault(offset: start) { ValueFault.label(shown, name, at: $0) }
    }
    return value
  }

  private func count(_ scanner: inout JSONScanner, _ name: String, least: Int) throws -> Int? {
    if scanner.takeNull() { return nil }
    let (start, shown) = (scanner.offset, scanner.shown())
    let value = try scanner.count(name)
    if value < least { throw ScanFault(message: "\(name) \(shown) is not a count", offset: start) }
    return value
  }

  /// Reads a member that is kept; throws for an unknown one.
  private mutating func takeKept(
    _ key: JSONKey, _ scanner: inout JSONScanner, _ seen: inout UInt64, into values: inout [KeptValue], row: Int
  ) throws {
    let name = key.string
    if discovering && RecordColumns.keptAnyway.contains(name) && !keep.contains(name) {
      // The first pass only collects names; the second reads the values.
      keep.append(name)
      values.append(.missing)
    }
    guard let slot = keep.firstIndex(of: name), slot < 64 else {
      throw MemberFault(offset: key.offset) { ValueFault.unknownMember(name, at: $0) }
    }
    if seen & (1 << UInt64(slot)) != 0 {
      throw ScanFault(message: "key \(Diagnostic.quoted(name)) twice in one object", offset: key.offset)
    }
    seen |= 1 << UInt64(slot)
    let value = try scalar(&scanner, name)
    if row + slot < values.count { values[row + slot] = value }
  }

  private func scalar(_ scanner: inout JSONScanner, _ name: String) throws -> KeptValue {
    switch scanner.peek() {
    case 0x22: return .text(try scanner.string())
    case 0x5B, 0x7B: throw scanner.fault("the member \(Diagnostic.quoted(name)) is not a single value")
    default:
      if scanner.takeNull() { return .missing }
      let start = scanner.p
      _ = try scanner.number()
      return .number(String(decoding: UnsafeBufferPointer(start: start, count: scanner.p - start), as: UTF8.self))
    }
  }
}
