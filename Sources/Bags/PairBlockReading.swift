import Bytes
import Features
import Records

extension PairBlock {
  /// How blocks are read: all that is said once for all of them.
  public struct Options: Sendable {
    /// The smallest number of values that may be correlated; smaller groups are left out.
    public var minSamples = 4
    /// Whether each correlation is followed by a column that says where it is undefined.
    public var indicator = false
    /// How tables are read; `correlate` and `spearman` leave gaps out, whatever the rule for them.
    public var table = TableOptions()

    /// Four samples a group, no indicator, gaps are errors.
    public init() {}
  }

  /// Reads the table of a block, its columns group by group where there are groups.
  ///
  /// Samples without a column, columns without a group and groups that are too small are counted and left out. Throws
  /// `BagsError` when no group is left, and what the readers throw.
  public static func read(
    _ spec: BlockSpec, table source: BlockSource, groups: SampleGroups?, options: Options, tally: Tally
  ) throws -> PairBlock {
    try read(spec, groups: groups, options: options, tally: tally, at: source.name) { options, select in
      try FeatureTable.read(source, options: options, tally: tally, select: select)
    }
  }

  /// The same with the tables of the samples that a sheet lists, whose groups serve where no others are given.
  public static func read(
    _ spec: BlockSpec, samples sheet: SampleSheet, groups: SampleGroups?, options: Options, tally: Tally
  ) throws -> PairBlock {
    let groups = groups ?? (spec.kind.isCorrelation ? sheet.groups : nil)
    return try read(spec, groups: groups, options: options, tally: tally, at: sheet.name) { options, select in
      try FeatureTable.read(sheet, options: options, tally: tally, select: select)
    }
  }

  private static func read(
    _ spec: BlockSpec, groups: SampleGroups?, options: Options, tally: Tally, at source: String,
    _ read: (TableOptions, FeatureTable.Selection) throws -> FeatureTable
  ) throws -> PairBlock {
    var sizes: [(name: String, size: Int)]?
    var plan = options.table
    plan.column = spec.column
    if spec.kind.leavesGapsOut { plan.gaps = .keep }
    let table = try read(plan) { columns in
      guard let groups else { return Array(columns.indices) }
      let chosen = choose(groups, in: columns, least: options.minSamples, tally: tally)
      if chosen.isEmpty { throw BagsError(.noGroups, at: Place(source: source, line: 1)) }
      sizes = chosen.map { ($0.name, $0.columns.count) }
      return chosen.flatMap(\.columns)
    }
    return try PairBlock(spec, table: table, groups: sizes, least: options.minSamples, indicator: options.indicator)
  }

  private static func choose(
    _ groups: SampleGroups, in columns: [String], least: Int, tally: Tally
  ) -> [(name: String, columns: [Int])] {
    for sample in groups.samples.subtracting(columns + columns.map(Normalizer.bareName)).sorted() {
      let message = "sample \(Diagnostic.quoted(sample)) of the groups has no column"
      tally.count(.sampleWithoutColumn, example: Diagnostic(.data, message))
    }
    let places = groups.columns(in: columns)
    tally.count(.columnWithoutGroup, columns.count - places.reduce(0) { $0 + $1.count })
    var chosen: [(name: String, columns: [Int])] = []
    for (name, members) in zip(groups.names, places) {
      if members.count >= least {
        chosen.append((name, members))
      } else {
        let message = "group \(Diagnostic.quoted(name)) has \(members.count) samples, fewer than \(least): left out"
        tally.count(.smallGroup, example: Diagnostic(.data, message))
      }
    }
    return chosen
  }
}
