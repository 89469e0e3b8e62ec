import Bytes
import Features
import Networks
import Records

/// One block of features of an isoform pair: a table and a function of two of its rows, or the measures of a network,
/// of which the table has the number of each node.
public final class PairBlock {
  /// The block as the option describes it.
  public let spec: BlockSpec
  /// The features of the isoforms.
  public let table: FeatureTable
  /// The graphs or sequences whose numbers the table holds; nil for a table of features.
  public let entities: EntityTable?
  /// The names of the block's features, in order.
  public let names: [String]
  /// The ranges of the table's columns that are correlated, one per feature.
  private let ranges: [Range<Int>]
  private let least: Int
  /// The table's row of each isoform of the members, −1 for none.
  private var rows: [Int32] = []
  private let links: LinkMeasures?

  /// Makes a block from a table whose columns are sorted by group (`groups` has their names and sizes; nil: one group
  /// of all columns).
  ///
  /// Throws `BagsError` for a correlation over fewer columns than `min-samples`, and for a group named like a side, `a`
  /// or `b`.
  public init(
    _ spec: BlockSpec, table: FeatureTable, groups: [(name: String, size: Int)]? = nil,
    links: LinkMeasures? = nil, entities: EntityTable? = nil
  ) throws {
    if entities != nil, !spec.kind.isOfPartners {
      throw BagsError(.entitiesCombined(spec.name, kind: spec.kind.rawValue))
    }
    self.spec = spec
    self.entities = entities
    self.links = links
    self.table = table
    least = spec.kind == .dot ? 1 : spec.minSamples
    var ranges: [Range<Int>] = []
    if spec.kind.isCorrelation {
      var start = 0
      for size in groups?.map(\.size) ?? [table.width] {
        ranges.append(start..<start + size)
        start += size
      }
      if groups == nil, table.width < least {
        throw BagsError(.tooFewColumns(have: table.width, need: least), at: SourceLocation(source: spec.file))
      }
    }
    self.ranges = ranges
    names = try Self.names(
      spec, columns: table.names, choice: table.choice, groups: groups?.map(\.name))
  }

  /// The number of features of a pair.
  public var width: Int { names.count }

  /// Looks up the rows of all isoforms of the block's sides, before several threads read them; throws `BagsError` for a
  /// table with ids of which none is an isoform of these.
  public func resolve(_ members: Members) throws {
    var rows = [Int32](repeating: -1, count: members.isoforms.count)
    var known = false
    for side in spec.kind.sides {
      for isoform in members.isoforms(on: side) {
        known = known || table.knows(members.isoforms[isoform])
        rows[isoform] = Int32(table.row(of: members.isoforms[isoform]) ?? -1)
      }
    }
    let isoforms = spec.kind.sides.flatMap { members.isoforms[members.isoforms(on: $0)].prefix(1) }
    if let id = table.ids.first, let isoform = isoforms.first, !known {
      let hint = IdentifierHint.option(matching: isoform, among: table.ids)
      throw BagsError(.strangeTable(id, isoform: isoform, hint: hint), at: SourceLocation(source: spec.file))
    }
    self.rows = rows
  }

  /// Whether the isoform (its number in the members) has features here.
  /// A network has features for all: what it does not name has no neighbours.
  public func has(_ isoform: Int32) -> Bool { links != nil || rows[Int(isoform)] >= 0 }

  /// Calls `body` with the row of an isoform that has features here.
  func withRow(of isoform: Int32, _ body: (UnsafeBufferPointer<Double>) -> Void) {
    withScratch(table.width) { body(table.values(ofRow: Int(rows[Int(isoform)]), $0)) }
  }

  /// Calls `body` with memory for rows that is its own, for several threads read a block. Its values are undefined.
  private func withScratch<Result>(_ count: Int, _ body: (UnsafeMutableBufferPointer<Double>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count, body)
  }

  /// The number of the entity of an isoform that has none.
  static let noEntity = -1.0

  /// The number of the entity in a row of a table of entities.
  func entity(ofRow row: Int) -> Int {
    withScratch(table.width) { Int(table.values(ofRow: row, $0)[0]) }
  }

  /// Writes the features of a pair of isoforms and returns how many of them are undefined (written as 0).
  public func write(_ a: Int32, _ b: Int32, to out: UnsafeMutablePointer<Double>) -> Int {
    let rowA = Int(rows[Int(a)])
    let rowB = Int(rows[Int(b)])
    if let links { return writeMeasures(links, rowA, rowB, to: out) }
    let width = table.width
    return withScratch(2 * width) { scratch in
      let bufferA = UnsafeMutableBufferPointer(rebasing: scratch[..<width])
      let bufferB = UnsafeMutableBufferPointer(rebasing: scratch[width...])
      if spec.kind.isCorrelation {
        guard rowA >= 0, rowB >= 0 else { return writeCorrelations(nil, to: out) }
        return writeCorrelations((table.values(ofRow: rowA, bufferA), table.values(ofRow: rowB, bufferB)), to: out)
      }
      // An isoform without features gets zeros here; the caller decides whether such isoforms are passed.
      func values(_ row: Int, _ buffer: UnsafeMutableBufferPointer<Double>) -> UnsafeBufferPointer<Double> {
        if row >= 0 { return table.values(ofRow: row, buffer) }
        buffer.update(repeating: entities == nil ? 0 : Self.noEntity)
        return UnsafeBufferPointer(buffer)
      }
      combine(values(rowA, bufferA), values(rowB, bufferB), to: out)
      return 0
    }
  }

  /// The measures of two rows of the network; of a pair of one node with itself all are undefined.
  private func writeMeasures(
    _ links: LinkMeasures, _ rowA: Int, _ rowB: Int, to out: UnsafeMutablePointer<Double>
  ) -> Int {
    guard rowA != rowB || rowA < 0 else {
      out.update(repeating: 0, count: width)
      return width
    }
    links.write(rowA < 0 ? nil : rowA, rowB < 0 ? nil : rowB, to: out)
    return 0
  }

  private func combine(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, to out: UnsafeMutablePointer<Double>
  ) {
    let width = table.width
    guard let startA = a.baseAddress, let startB = b.baseAddress else { return }
    switch spec.kind {
    case .concat:
      out.update(from: startA, count: width)
      (out + width).update(from: startB, count: width)
    case .a: out.update(from: startA, count: width)
    case .b: out.update(from: startB, count: width)
    case .product: for column in 0..<width { out[column] = startA[column] * startB[column] }
    case .absdiff: for column in 0..<width { out[column] = (startA[column] - startB[column]).magnitude }
    case .sum: for column in 0..<width { out[column] = startA[column] + startB[column] }
    case .correlate, .spearman, .dot, .link: preconditionFailure("correlations and measures are written elsewhere")
    }
  }

  private func writeCorrelations(
    _ rows: (a: UnsafeBufferPointer<Double>, b: UnsafeBufferPointer<Double>)?, to out: UnsafeMutablePointer<Double>
  ) -> Int {
    var undefined = 0
    var next = out
    for range in ranges {
      let value = rows.flatMap {
        relate(UnsafeBufferPointer(rebasing: $0.a[range]), UnsafeBufferPointer(rebasing: $0.b[range]))
      }
      if value == nil { undefined += 1 }
      next[0] = value ?? 0
      next += 1
      if spec.indicator {
        next[0] = value == nil ? 1 : 0
        next += 1
      }
    }
    return undefined
  }

  private func relate(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double? {
    switch spec.kind {
    case .spearman: Correlation.spearman(a, b, least: least)
    case .dot: Correlation.dot(a, b)
    default: Correlation.pearson(a, b, least: least)
    }
  }
}

extension PairBlock {
  /// The names of a block's features. A chosen column other than the usual one is part of them; of a sheet it comes
  /// before the sample.
  static func names(
    _ spec: BlockSpec, columns: [String], choice: String?, groups: [String]?
  ) throws -> [String] {
    let columns = spec.isSheet ? columns.map { (choice.map { "\($0)." } ?? "") + $0 } : columns
    switch spec.kind {
    case .concat: return columns.map { "\(spec.name).a.\($0)" } + columns.map { "\(spec.name).b.\($0)" }
    case .a, .b: return columns.map { "\(spec.name).\(spec.kind.rawValue).\($0)" }
    case .product, .absdiff, .sum: return columns.map { "\(spec.name).\(spec.kind.rawValue).\($0)" }
    case .link: return spec.measures.map { "\(spec.name).\($0.rawValue)" }
    case .correlate, .spearman, .dot: break
    }
    let measure = spec.kind == .correlate ? "pearson" : spec.kind.rawValue
    // Scaling changes correlations, so what the columns' names say of it stays in that of the feature; not at its end,
    // for the feature itself is not scaled.
    let mark = columns.first.flatMap(Normalizer.suffix) ?? ""
    var stems: [String]
    if let groups {
      let stem = "\(spec.name)\(mark)" + (choice.map { "." + Normalizer.bareName($0) } ?? "")
      stems = groups.map { "\(stem).\($0)" }
      if spec.kind != .correlate { stems = stems.map { "\($0).\(measure)" } }
    } else {
      let prefix = (spec.isSheet ? nil : choice.map(Normalizer.bareName)) ?? commonPrefix(of: columns)
      stems = [(prefix.isEmpty ? spec.name : "\(spec.name).\(prefix)") + "\(mark).\(measure)"]
    }
    let names = spec.indicator ? stems.flatMap { [$0, "\($0).undefined"] } : stems
    for name in names {
      let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
      if parts.count == 3, parts[1] == "a" || parts[1] == "b" {
        throw BagsError(.groupName(String(parts[1])), at: SourceLocation(source: spec.groups ?? spec.file))
      }
    }
    return names
  }

  /// The common prefix of all names, in whole dotted parts without the last part of any name: `paac.freq` of
  /// `paac.freq.A` and `paac.freq.lambda1`.
  static func commonPrefix(of names: [String]) -> String {
    guard let first = names.first else { return "" }
    var parts = first.split(separator: ".", omittingEmptySubsequences: false).dropLast()
    for name in names.dropFirst() {
      let others = name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
      let shared = zip(parts, others).prefix { $0 == $1 }.count
      parts = parts.prefix(shared)
    }
    return parts.joined(separator: ".")
  }
}

extension PairBlock {
  /// Whether one of the block's features is undefined for a pair of isoforms.
  func isUndefined(_ a: Int32, _ b: Int32) -> Bool {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { buffer in
      buffer.baseAddress.map { write(a, b, to: $0) > 0 } ?? false
    }
  }
}
