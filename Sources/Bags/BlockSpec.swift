import Networks

/// A block of features as `--block NAME=KIND:FILE[,groups=FILE][,column=NAME][,ids=FILE][,encode=ENCODER]` describes
/// it: a table, or sequences and their encoders, and how the rows of two isoforms become features of their pair; or a
/// network, and its measures of pairs.
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
  /// The encoders of the sequences in the file, as `seqfeat --encode` takes them; nil for a file of features.
  public let encode: [String]?
  /// The measures of a network, in order; the usual ones unless they are chosen.
  public let measures: [LinkMeasure]
  /// The table with the profiles of a network's nodes: a path, or `-`.
  public let expression: String?

  /// Makes a specification.
  public init(
    name: String, kind: Kind, file: String, isSheet: Bool = false, groups: String? = nil, column: String? = nil,
    ids: String? = nil, encode: [String]? = nil, measures: [LinkMeasure] = LinkMeasure.usual, expression: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.file = file
    self.isSheet = isSheet
    self.groups = groups
    self.column = column
    self.ids = ids
    self.encode = encode
    self.measures = measures
    self.expression = expression
  }

  /// Parses `NAME=KIND:FILE[,groups=FILE][,column=NAME][,ids=FILE]`, with `@FILE` for a sheet of samples, or
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
    if encode?.contains("") == true || encode != nil && kind == .link {
      throw refuse("encode=ENCODER[+ENCODER] of FASTA")
    }
    var options: [Substring: String] = [:]
    while let option = Self.lastOption(in: path) {
      let parts = path[option].dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard (kind == .link ? ["measures", "expression"] : ["groups", "column", "ids"]).contains(parts[0]) else {
        throw refuse(
          kind == .link
            ? "the options of a network are measures=NAME+NAME and expression=FILE"
            : "the options of a block are groups=FILE, column=NAME, ids=FILE and encode=ENCODER"
        )
      }
      if options.updateValue(String(parts[1]), forKey: parts[0]) != nil { throw refuse("\(parts[0]) is given twice") }
      path = path[..<option.lowerBound]
    }
    groups = options["groups"]
    column = options["column"]
    ids = options["ids"]
    let expression = options["expression"]
    self.expression = expression
    measures =
      try options["measures"].map { try LinkMeasure.list($0, withProfiles: expression != nil) } ?? LinkMeasure.usual
    let ofProfiles = measures.first(where: \.usesProfiles)
    if let ofProfiles, expression == nil {
      throw refuse("\(ofProfiles.rawValue) is of profiles, which expression=FILE names")
    }
    if expression != nil, ofProfiles == nil {
      throw refuse("expression is for measures of profiles, such as those of measures=\(LinkMeasure.presetWord)")
    }
    if groups != nil && !kind.isCorrelation { throw refuse("groups go with correlate, spearman and dot") }
    isSheet = path.hasPrefix("@") && kind != .link
    file = String(isSheet ? path.dropFirst() : path)
    if encode != nil, isSheet || column != nil || ids != nil { throw refuse("encode goes with a file of FASTA alone") }
    if file.isEmpty || groups == "" || column == "" || ids == "" || expression == "" { throw refuse("no file") }
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

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
  }

  /// The range of the last `,word=…` up to the end, if there is one.
  private static func lastOption(in path: Substring) -> Range<Substring.Index>? {
    guard let comma = path.lastIndex(of: ","), let equals = path[comma...].firstIndex(of: "=") else { return nil }
    let word = path[path.index(after: comma)..<equals]
    guard !word.isEmpty, word.utf8.allSatisfy(isNameByte) else { return nil }
    return comma..<path.endIndex
  }
}
