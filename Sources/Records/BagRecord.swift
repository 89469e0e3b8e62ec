import Bytes

/// A value of a column that `--keep` passes on.
public enum KeptValue: Sendable, Equatable {
  case missing
  case text(String)
  /// A number, as it was written.
  case number(String)

  /// What a field of a TSV holds: `NA` is missing, and a number is what NDJSON would write as one.
  ///
  /// A number of more than 15 digits (an accession) and one with a bare exponent (`1E5` may be a name) stay text, for
  /// a reader of JSON would round the one and rewrite the other.
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

/// One bag of a bag stream, or one row of a feature stream: a bag of one instance whose `bag` is its `id`.
public struct BagRecord: Sendable {
  /// What is known of one instance besides its features.
  public struct Instance: Sendable, Equatable {
    /// The id of the instance.
    public var id: String
    /// The isoform of the first partner.
    public var isoformA: String?
    /// The isoform of the second partner.
    public var isoformB: String?
    /// 0, 1 or another number; nil where unknown.
    public var label: Double?
    /// Residues of the sequence.
    public var length: Int?
    /// Windows or residues that an encoder counted.
    public var valid: Int?

    /// Makes an instance; everything but its id may be unknown.
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
  /// False for a record that came without a bag.
  public var hasBag: Bool
  /// The first partner.
  public var geneA: String?
  /// The second partner.
  public var geneB: String?
  /// 0, 1 or another number; nil where unknown.
  public var label: Double?
  /// The fold of a cross-validation that the bag belongs to.
  public var fold: String?
  /// seen, one-unseen or both-unseen: what a model knew of the partners.
  public var part: String?
  /// The score that only counts how often the partners are positive.
  public var degree: Double?
  /// How much the bag counts.
  public var weight: Double?
  /// The instances of the bag.
  public var instances: [Instance]
  /// The features, instances × features, row-major; NaN where missing.
  public var values: [Double]
  /// The kept columns, instances × kept columns, row-major, in the order of `RecordColumns.keep`.
  public var kept: [KeptValue]
  /// The line of the record, or of its first row.
  public var place: Place

  /// Makes a bag; the features are row-major.
  public init(
    bag: String = "", hasBag: Bool = true, geneA: String? = nil, geneB: String? = nil, label: Double? = nil,
    instances: [Instance] = [], values: [Double] = [], kept: [KeptValue] = [], place: Place = Place(source: "")
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

  /// Empties the record, keeping its buffers.
  public mutating func clear() {
    bag = ""
    hasBag = false
    geneA = nil
    geneB = nil
    label = nil
    fold = nil
    part = nil
    degree = nil
    weight = nil
    instances.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    kept.removeAll(keepingCapacity: true)
  }

  /// The name of a part of the record for messages: the bag, or the id where there is none.
  public var name: String { hasBag ? bag : instances.first?.id ?? bag }
}

/// Where bags come from, one at a time.
public protocol BagSource: AnyObject {
  /// The feature names; nil only when an input without names was trusted or nothing came.
  var schema: Schema? { get }
  /// The digest of the feature names, also where only the records carry it; nil if the stream has neither.
  var digest: String? { get }
  /// Whether these are bags, or rows without a bag.
  var kind: RecordKind { get }
  /// The next bag, or nil after the last one.
  func next() throws -> BagRecord?
}

extension BagSource {
  /// That of the schema; a source whose records carry one without a schema has its own.
  public var digest: String? { schema?.digest }
}

/// The columns beside the features: which reserved ones a TSV has, in order, and which are passed on.
public struct RecordColumns: Sendable, Equatable {
  /// The reserved columns in the order of a TSV.
  public var reserved: [String]
  /// The columns that are passed on.
  public var keep: [String]

  /// Names the reserved columns, in the order of a TSV, and the kept ones.
  public init(reserved: [String], keep: [String] = []) {
    self.reserved = reserved
    self.keep = keep
  }

  /// `id` only.
  public static let feature = RecordColumns(reserved: ["id"])
  /// The columns of pairgen's bags.
  public static let bag = RecordColumns(
    reserved: ["bag", "gene_a", "gene_b", "label", "instances", "id", "isoform_a", "isoform_b", "instance_label"])

  /// The order in which reserved columns are written.
  static let order = [
    "bag", "gene_a", "gene_b", "label", "fold", "part", "degree", "weight", "instances", "id", "isoform_a", "isoform_b",
    "instance_label", "length", "valid",
  ]
  /// Reserved columns that a `BagRecord` has no member for: they are kept without being asked for.
  static let keptAnyway = ["score", "logit", "witness", "attention"]
}

/// What to do with a missing feature.
public enum MissingRule: String, Sendable, CaseIterable {
  case error, skip, zero, mean
}

/// What to do with a row that can't be read.
public enum BadRowRule: String, Sendable, CaseIterable {
  case error, skip
}

/// How a stream of records is read.
public struct ReaderOptions: Sendable {
  /// The form of the input.
  public var format: InputFormat = .auto
  /// The column names of a TSV without a header, or the feature names of an NDJSON stream without a schema line.
  public var columns: [String]?
  /// A piece of a stream: neither a schema line nor an end line is expected.
  public var part = false
  /// Take features by position when a stream has no names and no digest.
  public var trustOrder = false
  /// Further columns to pass on.
  public var keep: [String] = []
  /// What to do with missing features.
  public var missing: MissingRule = .error
  /// Hand out missing features as NaN, whatever `missing` says: for readers that have a rule of their own.
  public var keepMissing = false
  /// What to do with rows that can't be read.
  public var badRows: BadRowRule = .error
  /// The longest line, in bytes.
  public var maxLine = 1 << 30
  /// The most instances a bag may have.
  public var maxInstances = 1_000_000

  /// The default: everything strict.
  public init() {}
}
