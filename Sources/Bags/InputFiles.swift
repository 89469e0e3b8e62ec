import Records

/// A file, or the name of a change of labels, and its settings, as the options say them: `FILE[,NAME=VALUE…]`.
public struct FileSettings: Sendable {
  /// The path without the settings.
  public let path: Substring
  /// The settings by name.
  public let values: [Substring: String]

  /// Takes settings off the end of a text; a comma that no `word=` follows belongs to the path.
  /// - Parameter guide: names the settings, for the error about another one.
  /// - Throws: what `refuse` makes of a reason: another setting, or one that is given twice.
  public init(parsing text: Substring, names: [String], guide: String, refuse: (String) -> any Error) throws {
    var (path, values) = (text, [Substring: String]())
    while let option = Self.lastSetting(in: path) {
      let parts = path[option].dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard names.contains(String(parts[0])) else { throw refuse(guide) }
      if values.updateValue(String(parts[1]), forKey: parts[0]) != nil { throw refuse("\(parts[0]) is given twice") }
      path = path[..<option.lowerBound]
    }
    (self.path, self.values) = (path, values)
  }

  /// The range of the last `,word=…` up to the end, if there is one.
  private static func lastSetting(in path: Substring) -> Range<Substring.Index>? {
    guard let comma = path.lastIndex(of: ","), let equals = path[comma...].firstIndex(of: "=") else { return nil }
    let word = path[path.index(after: comma)..<equals]
    guard !word.isEmpty, word.utf8.allSatisfy(BlockSpec.isNameByte) else { return nil }
    return comma..<path.endIndex
  }
}

extension BagPlan {
  /// The members of both sides, or of one side.
  public struct MemberFile: Sendable, Equatable {
    /// The side; nil: both.
    public var side: Side?
    /// The path, `-` for standard input.
    public var path: String
    /// The columns of isoform and gene, by name, or by number in a file without a header; nil: those that are known.
    public var columns: [String]?

    /// The members of both sides in a file with known columns.
    public init(_ path: String) { self.path = path }

    /// Reads `[a:|b:]FILE[,isoform=COLUMN,gene=COLUMN]`; throws `BagsError` (usage).
    public init(parsing text: String) throws {
      side = Side.allCases.first { text.hasPrefix("\($0.rawValue):") }
      let guide = "the settings of members are isoform=COLUMN and gene=COLUMN, both of them"
      func refuse(_ reason: String) -> BagsError { BagsError(.fileSyntax("--members", text, reason: reason)) }
      let file = try FileSettings(
        parsing: text.dropFirst(side == nil ? 0 : 2), names: ["isoform", "gene"], guide: guide, refuse: refuse)
      path = String(file.path)
      if path.isEmpty { throw refuse("no file") }
      let named = ["isoform", "gene"].compactMap { file.values[$0[...]] }.filter { !$0.isEmpty }
      if named.count == file.values.count, named.count != 1 {
        columns = named.isEmpty ? nil : named
      } else {
        throw refuse(guide)
      }
    }

    /// Reads the members, in the file's own columns; throws `BagsError` and what readers throw.
    public func read(_ options: MemberOptions, tally: NoticeCounter) throws -> Members {
      var options = options
      options.columns = columns
      return try Members.read(Input.open(path), options: options, tally: tally)
    }
  }

  /// A translation of the ids of the pairs.
  public struct IdentifierPlan: Sendable {
    /// The table.
    public var path: String
    /// The columns of the ids and of their targets.
    public var from = "from", to = "to"
    /// The rule for an id that is not in the map.
    public var unmapped = IdentifierMap.Unmapped.error
    /// The rule for an id of several targets.
    public var several = IdentifierMap.Several.error

    /// Reads `FILE[,from=COLUMN][,to=COLUMN]`, in which every id must have one target; throws `BagsError` (usage).
    public init(parsing text: String) throws {
      func refuse(_ reason: String) -> BagsError { BagsError(.fileSyntax("--map-ids", text, reason: reason)) }
      let file = try FileSettings(
        parsing: text[...], names: ["from", "to"], guide: "the settings of a map are from=COLUMN and to=COLUMN",
        refuse: refuse)
      path = String(file.path)
      if path.isEmpty { throw refuse("no file") }
      (from, to) = (file.values["from"] ?? from, file.values["to"] ?? to)
    }

    /// Reads the table, whose ids are cut, and translates the ids of `pairs` by it; throws `BagsError` and what readers
    /// throw.
    public func map(
      _ pairs: any PairSource, cut: IdentifierCut, geneCut: GeneCut, maxLine: Int, tally: NoticeCounter,
      givesLeftOut: Bool = false
    ) throws -> any PairSource {
      let targets = try IdentifierMap(
        reading: TableReader(Input.open(path), maxLine: maxLine), from: from, to: to, cut: cut, geneCut: geneCut)
      return MappedPairs(pairs, targets, unmapped: unmapped, several: several, tally: tally, givesLeftOut: givesLeftOut)
    }
  }
}
