import Bytes
import Features
import Networks
import Records

extension PairBlock {
  /// The options with which all blocks are read.
  public struct Options: Sendable {
    /// The options of the tables; `correlate` and `spearman` leave missing values out, whatever the rule for them.
    public var table = TableOptions()

    /// Missing values are errors.
    public init() {}
  }

  /// Reads the table of a block, with its columns sorted by group where there are groups.
  ///
  /// Samples without a column, columns without a group and groups that are too small are counted and left out. Throws
  /// `BagsError` where no group is left, and what the readers throw.
  public static func read(
    _ spec: BlockSpec, table source: BlockSource, groups: SampleGroups?, options: Options, tally: NoticeCounter
  ) throws -> PairBlock {
    if let encode = spec.encode {
      return try read(spec, groups: groups, options: options, tally: tally, at: source.name) { options, select in
        try FeatureTable.encode(source, encode, options: options, tally: tally, select: select)
      }
    }
    if options.table.takesEntities, spec.column == nil {
      let source = try ReplayedSource(source)
      if let (table, entities) = try EntityTable.read(source, options: options.table, tally: tally) {
        if spec.ids != nil { throw BagsError(.needlessIds, at: SourceLocation(source: source.name)) }
        return try PairBlock(spec, table: table, entities: entities)
      }
      return try rows(spec, source, groups, options, tally)
    }
    return try rows(spec, source, groups, options, tally)
  }

  private static func rows(
    _ spec: BlockSpec, _ source: BlockSource, _ groups: SampleGroups?, _ options: Options, _ tally: NoticeCounter
  ) throws -> PairBlock {
    try read(spec, groups: groups, options: options, tally: tally, at: source.name) { options, select in
      try FeatureTable.read(source, options: options, tally: tally, select: select)
    }
  }

  /// Reads a block from the tables of the samples in a sheet; the groups of the sheet are used where `groups` is nil.
  public static func read(
    _ spec: BlockSpec, samples sheet: SampleSheet, groups: SampleGroups?, options: Options, tally: NoticeCounter
  ) throws -> PairBlock {
    let groups = groups ?? (spec.kind.isCorrelation ? sheet.groups : nil)
    return try read(spec, groups: groups, options: options, tally: tally, at: sheet.name) { options, select in
      try FeatureTable.read(sheet, options: options, tally: tally, select: select)
    }
  }

  /// Reads the pairs of a network, of which a table has its labels 1 only, and makes its measures. Rows with label 0
  /// name nodes, and so do those of the table of expression. Throws `BagsError`, `NetworkError` without an edge, and
  /// what readers throw.
  public static func read(
    _ spec: BlockSpec, network source: BlockSource, expression: BlockSource? = nil, options: Options,
    tally: NoticeCounter
  ) throws -> PairBlock {
    var pairOptions = PairOptions()
    pairOptions.cut = GeneCut(options.table.cut)
    pairOptions.reader.maxLine = options.table.reader.maxLine
    let reader = try PairReader(source, options: pairOptions, tally: tally)
    var builder = GraphBuilder()
    var known: [(String, String)] = []
    while let pair = try reader.next() {
      if reader.hasLabels, pair.label != 1 {
        builder.node(pair.geneA)
        builder.node(pair.geneB)
        known.append((pair.geneA, pair.geneB))
      } else {
        try builder.edge(pair.geneA, pair.geneB, at: pair.place)
      }
    }
    let expression = try expression.map { source in
      var plan = options.table
      plan.gaps = .keep
      return try FeatureTable.read(source, options: plan, tally: tally)
    }
    for id in expression?.ids ?? [] { builder.node(id) }
    let graph: Graph
    do {
      graph = try builder.build()
    } catch let error as NetworkError {
      throw NetworkError(error.kind, at: error.place ?? SourceLocation(source: source.name))
    }
    let table = FeatureTable(names: ["node"])
    for (number, id) in graph.nodes.enumerated() {
      try withUnsafePointer(to: Double(number)) {
        try table.append(id: id, UnsafeBufferPointer(start: $0, count: 1), at: nil, tally: tally)
      }
    }
    let pairs = known.compactMap { a, b in builder.number(of: a).flatMap { a in builder.number(of: b).map { (a, $0) } }
    }
    let links = LinkMeasures(
      graph, spec.measures, known: pairs, profiles: expression.map { profiles(of: graph.nodes, $0) })
    return try PairBlock(spec, table: table, links: links)
  }

  /// The rows of a table for some nodes.
  public static func profiles(of nodes: [String], _ table: FeatureTable) -> Profiles {
    var scratch = [Double](repeating: 0, count: table.width)
    return Profiles(count: nodes.count, columns: table.width) { node in
      guard let row = table.row(of: nodes[node]) else { return nil }
      return scratch.withUnsafeMutableBufferPointer { Array(table.values(ofRow: row, $0)) }
    }
  }

  private static func read(
    _ spec: BlockSpec, groups: SampleGroups?, options: Options, tally: NoticeCounter, at source: String,
    _ read: (TableOptions, @escaping FeatureTable.Selection) throws -> FeatureTable
  ) throws -> PairBlock {
    var sizes: [(name: String, size: Int)]?
    var plan = options.table
    plan.column = spec.column
    plan.ids = try spec.ids.map { try IdList(reading: Input.open($0)) }
    if spec.kind.leavesGapsOut { plan.gaps = .keep }
    let table = try read(plan) { columns in
      guard let groups else { return Array(columns.indices) }
      let chosen = choose(groups, in: columns, least: spec.minSamples, tally: tally)
      if chosen.isEmpty { throw BagsError(.noGroups, at: SourceLocation(source: source, line: 1)) }
      sizes = chosen.map { ($0.name, $0.columns.count) }
      return chosen.flatMap(\.columns)
    }
    return try PairBlock(spec, table: table, groups: sizes)
  }

  private static func choose(
    _ groups: SampleGroups, in columns: [String], least: Int, tally: NoticeCounter
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
