import Bytes

/// A value of a column that `--keep` passes on.
public enum KeptValue: Sendable, Equatable {
  case missing
  case text(String)
  /// A number, as it was written.
  case number(String)

  /// Makes the value of a TSV field: missing for `NA`, a number if NDJSON can write it as one, else a text.
  ///
  /// A number of more than 15 digits (an accession) and one whose exponent has no sign (`1E5` may be a name) stay
  /// texts, as JSON readers would round the former and rewrite the latter.
  public init(field: String) {
    var text = field
    self =
      field == "NA"
      ? .missing : text.withUTF8 { KeptValue.isPlainNumber($0) } ? .number(field) : .text(field)
  }

  private static func isPlainNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let last = text.last, (0x30...0x39).contains(last), NumberText.double(text) != nil else { return false }
    if let mark = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      let sign = text[mark + 1]
      if sign != UInt8(ascii: "-") && sign != UInt8(ascii: "+") { return false }
    }
    return text.count(where: { (0x30...0x39).contains($0) }) <= 15
  }
}

/// A record of a feature or bag stream: a bag with its instances, or a feature row, which has one instance.
///
/// A feature row has `hasBag` false, and its `bag` is the id of its instance.
public struct StreamRecord: Sendable {
  /// The data of one instance, or of a feature row, besides the features.
  public struct Instance: Sendable, Equatable {
    /// The id of the instance.
    public var id: String
    /// The isoform of the first partner.
    public var isoformA: String?
    /// The isoform of the second partner.
    public var isoformB: String?
    /// 0, 1 or another number; nil where unknown.
    public var label: Double?
    /// The number of residues of the sequence.
    public var length: Int?
    /// The number of windows or residues that the encoder counted.
    public var valid: Int?

    /// Makes an instance; everything but the id may be unknown.
    public init(
      id: String, isoformA: String? = nil, isoformB: String? = nil, label: Double? = nil, length: Int? = nil,
      valid: Int? = nil
    ) {
      self.id = id
      self.isoformA = isoformA
      self.isoformB = isoformB
      self.label = label
      self.length = length
      self.valid = valid
    }
  }

  /// The id of the bag, or of the row where there is none.
  public var bag: String
  /// Whether the record is a bag; false for a feature row.
  public var hasBag: Bool
  /// The gene of side a.
  public var geneA: String?
  /// The gene of side b.
  public var geneB: String?
  /// 0, 1 or another number; nil where unknown.
  public var label: Double?
  /// The fold of a cross-validation that the bag belongs to.
  public var fold: String?
  /// The part of the bag, such as `seen`, `one-unseen` or `both-unseen`: how many of its genes training had.
  public var part: String?
  /// The baseline: the prediction for the pair from the training labels of its partners alone.
  public var baseline: Double?
  /// The weight of the bag in the training loss.
  public var weight: Double?
  /// The instances of the bag.
  public var instances: [Instance]
  /// The features, instances × features, row-major; NaN where missing.
  public var values: [Double]
  /// The kept columns, instances × kept columns, row-major, in the order of `RecordColumns.keep`.
  public var kept: [KeptValue]
  /// The location of the record, or of its first row.
  public var place: SourceLocation

  /// Makes a record; the features are row-major.
  public init(
    bag: String = "", hasBag: Bool = true, geneA: String? = nil, geneB: String? = nil, label: Double? = nil,
    instances: [Instance] = [], values: [Double] = [], kept: [KeptValue] = [],
    place: SourceLocation = SourceLocation(source: "")
  ) {
    self.bag = bag
    self.hasBag = hasBag
    self.geneA = geneA
    self.geneB = geneB
    self.label = label
    self.instances = instances
    self.values = values
    self.kept = kept
    self.place = place
  }

  /// Empties the record and keeps its buffers.
  public mutating func clear() {
    bag = ""
    hasBag = false
    geneA = nil
    geneB = nil
    label = nil
    fold = nil
    part = nil
    baseline = nil
    weight = nil
    instances.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    kept.removeAll(keepingCapacity: true)
  }

  /// The name of the record for messages: the id of the bag, or of the feature row.
  public var name: String { hasBag ? bag : instances.first?.id ?? bag }
}

/// A source of records, read one at a time.
public protocol BagSource: AnyObject {
  /// The feature names; nil for an empty input, and for one without names that `trustOrder` lets pass.
  var schema: Schema? { get }
  /// The digest of the feature names, from the names or from the records; nil if the stream has neither.
  var digest: String? { get }
  /// The kind of the records: bags or feature rows.
  var kind: RecordKind { get }
  /// The kind of the labels; nil where the source does not say it.
  var labels: LabelKind? { get }
  /// The edges that embeddings among the features have seen: the objects `edges` of the schema line.
  var seenEdges: [JSON] { get }
  /// Returns the next record, nil after the last one.
  func next() throws -> StreamRecord?
}

extension BagSource {
  /// The digest of the schema, for sources that always have one.
  public var digest: String? { schema?.digest }
  /// None, for sources without embeddings.
  public var seenEdges: [JSON] { [] }
}

/// The columns of a stream besides the features: the reserved and the kept ones, in the order of a TSV.
public struct RecordColumns: Sendable, Equatable {
  /// The reserved columns in the order of a TSV.
  public var reserved: [String]
  /// The kept columns, which are passed on.
  public var keep: [String]

  /// Makes columns of their names.
  public init(reserved: [String], keep: [String] = []) {
    self.reserved = reserved
    self.keep = keep
  }

  /// The columns of a feature stream: `id`.
  public static let feature = RecordColumns(reserved: ["id"])
  /// The columns of a bag stream as pairgen writes it.
  public static let bag = RecordColumns(
    reserved: ["bag", "gene_a", "gene_b", "label", "instances", "id", "isoform_a", "isoform_b", "instance_label"])

  /// The order in which reserved columns are written.
  static let order = [
    "bag", "gene_a", "gene_b", "label", "fold", "part", "baseline", "weight", "instances", "id", "isoform_a",
    "isoform_b",
    "instance_label", "length", "valid",
  ]
  /// Reserved columns without a member of the record: they are always kept.
  static let keptAnyway = ["score", "logit", "witness", "attention"]
}

/// The rule for missing features.
public enum MissingRule: String, Sendable, CaseIterable {
  case error, skip, zero, mean
}

/// The rule for rows with faults.
public enum BadRowRule: String, Sendable, CaseIterable {
  case error, skip
}

/// Options for reading a stream of records.
public struct ReaderOptions: Sendable {
  /// The form of the input.
  public var format: InputFormat = .auto
  /// The column names of a TSV without a header, or the feature names of an NDJSON stream without a schema line.
  public var columns: [String]?
  /// Whether the input is a piece of a stream, without a schema line and an end line.
  public var part = false
  /// Whether features of a stream without names and digest are taken by position.
  public var trustOrder = false
  /// The kind of the labels, whatever a schema line says; nil where the schema line, or else the labels, decide.
  public var labels: LabelKind?
  /// The further columns to keep.
  public var keep: [String] = []
  /// The rule for missing features.
  public var missing: MissingRule = .error
  /// Whether missing features are returned as NaN in spite of `missing`, for callers with their own rule.
  public var keepMissing = false
  /// The rule for rows with faults.
  public var badRows: BadRowRule = .error
  /// The maximum length of a line, in bytes.
  public var maxLine = 1 << 30
  /// The maximum number of instances of a bag.
  public var maxInstances = 1_000_000

  /// Makes the default options, which are strict.
  public init() {}
}
