import Bytes
import Records

/// A record, with its row once it is encoded.
struct EncodedRecord: Sendable {
  /// The id of the row.
  let id: String
  /// The id in its header.
  let name: String
  let gene: String?
  /// The id of the gene, where `gene` is its symbol.
  let geneId: String?
  /// The group whose mean includes the record.
  let group: String
  let place: SourceLocation
  /// The summary of its encoding.
  private(set) var summary = RowEncoder.Summary()
  /// The number of its letters of each kind.
  private(set) var letters = LetterCounts()
  /// Its row; nil before it is encoded, where it is left out, and where lines stand for it.
  var row: StreamRecord?

  init(id: String, name: String, gene: String?, geneId: String?, group: String, place: SourceLocation) {
    self.id = id
    self.name = name
    self.gene = gene
    self.geneId = geneId
    self.group = group
    self.place = place
  }

  /// Makes the row; throws a `FeatureError`.
  mutating func encode(
    _ sequence: UnsafeBufferPointer<UInt8>, by encoder: inout RowEncoder, leavingOutShort: Bool
  ) throws {
    try encode(by: &encoder, leavingOutShort: leavingOutShort) { [name, place] in
      try $0.encode(sequence, record: name, place: place, into: $1)
    }
  }

  /// Makes the row, by turns in the memory of the sequence if that is long; throws a `FeatureError`.
  mutating func encode(_ sequence: inout [UInt8], by encoder: inout RowEncoder, leavingOutShort: Bool) throws {
    try encode(by: &encoder, leavingOutShort: leavingOutShort) { [name, place] in
      try $0.encode(&sequence, record: name, place: place, into: $1)
    }
  }

  private mutating func encode(
    by encoder: inout RowEncoder, leavingOutShort: Bool,
    _ body: (inout RowEncoder, UnsafeMutableBufferPointer<Double>) throws -> RowEncoder.Summary
  ) throws {
    var row = StreamRecord(bag: id, hasBag: false, place: place)
    let width = encoder.names.count
    row.values = try [Double](unsafeUninitializedCapacity: width) { values, count in
      summary = try body(&encoder, UnsafeMutableBufferPointer(rebasing: values[..<width]))
      count = width
    }
    letters = encoder.lettersRead
    if leavingOutShort && summary.shortage != nil { return }
    row.instances = [StreamRecord.Instance(id: id, length: letters.length, valid: letters.valid)]
    self.row = row
  }
}
