import Networks

/// A block of features as `--block NAME=KIND:FILE[,SETTING=VALUE…]` describes it: a table, or sequences and their
/// encoders, and how the rows of two isoforms become features of their pair; or a network, and its measures of pairs.
public struct BlockSpec: Sendable, Equatable {
  /// The function of two rows that gives the features of a pair.
  public enum Kind: String, Sendable, CaseIterable {
    /// The row of side a, then the row of side b: `BLOCK.a.NAME`, `BLOCK.b.NAME`.
    case concat
    /// The row of side a alone: `BLOCK.a.NAME`.
    case a
    /// The row of side b alone: `BLOCK.b.NAME`.
    case b
    /// Pearson correlation of the two rows, one number, or one per group of columns.
    case correlate
    /// Spearman correlation of the two rows, one number, or one per group of columns.
    case spearman
    /// Dot product of the two rows, one number, or one per group of columns.
    case dot
    /// Product of the two values of each column.
    case product
    /// Absolute difference of the two values of each column.
    case absdiff
    /// Sum of the two values of each column.
    case sum
    /// Measures of the pair in a network, whose file of pairs is read: `BLOCK.MEASURE`.
    case link

    /// The sides whose ids the table must know: of `a` and `b` one, of others both.
    public var sides: [Side] { self == .a ? [.a] : self == .b ? [.b] : [.a, .b] }

    /// Whether each feature is of one partner alone, so that it is the same in all pairs of that partner.
    public var isOfPartners: Bool { self == .concat || self == .a || self == .b }

    /// Whether columns where one of the rows has no value are left out, whatever the rule for missing values.
    public var leavesGapsOut: Bool { self == .correlate || self == .spearman }

    /// Whether the block gives one number per group of columns; such blocks allow missing isoforms and values.
    public var isCorrelation: Bool { self == .correlate || self == .spearman || self == .dot }
  }

  /// The prefix of the names of the block's features.
  public let name: String
  /// The function of two rows.
  public let kind: Kind
  /// The table, or where `isSheet` the sheet of samples: a path, or `-` for standard input.
  public let file: String
  /// Whether the features are those of the samples that a sheet lists (`@FILE`).
  public let isSheet: Bool
  /// The sample groups: a path, or `-`.
  public let groups: String?
  /// The single column that is read from the table, or from the table of each sample; nil: all features.
  public let column: String?
  /// The list of ids of the rows of a matrix that has none: a path, or `-`.
  public let ids: String?
  /// The fewest values that are correlated; smaller groups are left out.
  public let minSamples: Int
  /// Whether each correlation is followed by a column that is 1 where it is undefined.
  public let indicator: Bool
  /// The encoders of the sequences in the file, as `seqfeat --encode` takes them; nil for a file of features.
  public let encode: [String]?
  /// The measures of a network, in order; the usual ones unless they are chosen.
  public let measures: [LinkMeasure]
  /// The table with the profiles of a network's nodes: a path, or `-`.
  public let expression: String?

  /// Makes a specification.
  public init(
    name: String, kind: Kind, file: String, isSheet: Bool = false, groups: String? = nil, column: String? = nil,
    ids: String? = nil, minSamples: Int = 4, indicator: Bool = false, encode: [String]? = nil,
    measures: [LinkMeasure] = LinkMeasure.usual, expression: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.file = file
    self.isSheet = isSheet
    self.groups = groups
    self.column = column
    self.ids = ids
    self.minSamples = minSamples
    self.indicator = indicator
    self.encode = encode
    self.measures = measures
    self.expression = expression
  }

  /// Parses `NAME=KIND:FILE[,groups=FILE][,min-samples=N][,indicator=yes][,column=NAME][,ids=FILE]`, with `@FILE` for a
  /// sheet of samples and `,encode=ENCODER[+ENCODER]` last for FASTA, or
  /// `NAME=link:PAIRS[,measures=NAME+NAME][,expression=FILE]`; the name consists of letters, digits, `-` and `_`.
  /// Throws `BagsError` (usage), `NetworkError` for an unknown measure.
  public init(parsing text: String) throws {
    func refuse(_ reason: String) -> BagsError { BagsError(.blockSyntax(text, reason: reason)) }
    guard let equals = text.firstIndex(of: "=") else { throw refuse("no '=' after the name") }
    name = String(text[..<equals])
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
      throw refuse("a name consists of letters, digits, '-' and '_'")
    }
    let rest = text[text.index(after: equals)...]
    guard let colon = rest.firstIndex(of: ":") else { throw refuse("no ':' after the kind") }
    guard let kind = Kind(rawValue: String(rest[..<colon])) else { throw refuse("no such kind") }
    self.kind = kind
    var path = rest[rest.index(after: colon)...]
    // The settings of encoders have commas and equals signs too, so they come last.
    let mark = path.firstRange(of: ",encode=")
    encode = mark.map {
      path[$0.upperBound...].split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    }
    if let mark { path = path[..<mark.lowerBound] }
    let settings: [Substring: String]
    (path, settings) = try Self.settings(of: path, kind, refuse)
    isSheet = path.hasPrefix("@") && kind != .link
    file = String(isSheet ? path.dropFirst() : path)
    groups = settings["groups"]
    column = settings["column"]
    ids = settings["ids"]
    expression = settings["expression"]
    minSamples =
      try settings["min-samples"].map { text in
        guard let number = Int(text), number >= 2 else { throw refuse("min-samples is a number of at least 2") }
        return number
      } ?? 4
    indicator =
      try settings["indicator"].map { text in
        guard text == "yes" || text == "no" else { throw refuse("indicator is yes or no") }
        return text == "yes"
      } ?? false
    let hasProfiles = expression != nil
    measures =
      try settings["measures"].map { try LinkMeasure.list($0, withProfiles: hasProfiles) } ?? LinkMeasure.usual
    if file.isEmpty || [groups, column, ids, expression].contains("") { throw refuse("no file") }
    if let conflict = conflict(settings) { throw refuse(conflict) }
  }

  /// The path, and the settings behind it that go with the kind.
  private static func settings(
    of path: Substring, _ kind: Kind, _ refuse: (String) -> BagsError
  ) throws -> (path: Substring, settings: [Substring: String]) {
    let file = try FileSettings(
      parsing: path,
      names: kind == .link ? ["measures", "expression"] : ["groups", "min-samples", "indicator", "column", "ids"],
      guide: kind == .link
        ? "the settings of a network are measures=NAME+NAME and expression=FILE"
        : "the settings of a block are groups=FILE, min-samples=N, indicator=yes, column=NAME, ids=FILE and "
          + "encode=ENCODER",
      refuse: refuse)
    return (file.path, file.values)
  }

  /// The reason why the settings do not go together, or not with the kind; nil where they do.
  private func conflict(_ settings: [Substring: String]) -> String? {
    for name in ["groups", "min-samples", "indicator"] where settings[Substring(name)] != nil && !kind.isCorrelation {
      return "\(name) goes with correlate, spearman and dot"
    }
    if encode?.contains("") == true || encode != nil && kind == .link { return "encode=ENCODER[+ENCODER] of FASTA" }
    if encode != nil, isSheet || column != nil || ids != nil { return "encode goes with a file of FASTA alone" }
    let ofProfiles = measures.first(where: \.usesProfiles)
    if let ofProfiles, expression == nil {
      return "\(ofProfiles.rawValue) is of profiles, which expression=FILE names"
    }
    if expression != nil, ofProfiles == nil {
      return "expression is for measures of profiles, such as those of measures=\(LinkMeasure.presetWord)"
    }
    return nil
  }

  /// The block without its file, as a model remembers it: `NAME=KIND:ENCODER[+ENCODER]`; nil for one that is not made
  /// of sequences alone.
  public var encoding: String? {
    guard let encode, groups == nil else { return nil }
    return "\(name)=\(kind.rawValue):\(encode.joined(separator: "+"))"
  }

  /// The text of `--block` for what `encoding` says of a block, with the sequences of a file; nil for another text.
  public static func text(encoding: String, of file: String) -> String? {
    guard let colon = encoding.firstIndex(of: ":") else { return nil }
    return "\(encoding[...colon])\(file),encode=\(encoding[encoding.index(after: colon)...])"
  }

  /// Whether a byte may be part of the name of a block or setting.
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
  }
}
