import Bytes
import Figures
import Records

/// The attribution of the features of one instance, or of the nodes or letters of one of its sides.
struct InstanceAttribution {
  struct Feature {
    let name: String
    let attribution: Double
    let isSelected: Bool
  }
  let bag: String
  let id: String
  /// The side and its partner, where the rows are nodes or letters.
  let side: String?
  private(set) var features: [Feature] = []

  init(bag: String, id: String, side: String? = nil) {
    (self.bag, self.id, self.side) = (bag, id, side)
  }

  mutating func append(_ feature: Feature) {
    features.append(feature)
  }

  private static let shown = 20
  /// The largest graph whose nodes are bars in their order; larger ones, and sequences, are a track.
  private static let mostBars = 60

  /// The features of largest attribution as bars, those that the selection rule left out pale; the nodes of a small
  /// graph as bars in their order, or a track along a sequence.
  var chart: any Figure {
    guard let side else { return largest }
    let selected = features.count { $0.isSelected }
    let title = "Attribution of \(Markup.shortened(side, to: 60))"
    let isSigned = features.contains { $0.attribution < 0 }
    if features.count <= Self.mostBars {
      return BarChart(
        title: title, subtitle: "\(features.count) nodes or letters, in their order; \(selected) selected by the rule",
        bars: features.map { Bar($0.name, $0.attribution, isPale: selected > 0 && !$0.isSelected) },
        names: (
          positive: isSigned ? "raises the score" : "moves the score", negative: "lowers the score",
          pale: "not selected"
        ))
    }
    let points = features.enumerated().map { Point(Double($0 + 1), $1.attribution) }
    let chosen = features.enumerated().map { Point(Double($0 + 1), $1.isSelected ? $1.attribution : 0) }
    return LineChart(
      title: title, subtitle: "\(features.count) nodes or letters; \(selected) selected by the rule",
      xLabel: "position", yLabel: "attribution",
      series: [Series("selected", chosen, color: 1), Series("all", points, color: 0)],
      size: Size(width: 896, height: 260))
  }

  private var largest: BarChart {
    let top = features.enumerated().sorted {
      let (first, second) = (abs($0.element.attribution), abs($1.element.attribution))
      return first == second ? $0.offset < $1.offset : first > second
    }.prefix(Self.shown).map(\.element)
    let selected = features.count { $0.isSelected }
    let name = Markup.shortened(id.isEmpty ? bag : id, to: 60)
    // Saliency without signs has no direction.
    let isSigned = features.contains { $0.attribution < 0 }
    return BarChart(
      title: "Attribution of \(name)",
      subtitle: "the \(top.count) largest of \(features.count) features; \(selected) selected by the rule",
      bars: top.map { Bar($0.name, $0.attribution, isPale: selected > 0 && !$0.isSelected) },
      names: (
        positive: isSigned ? "raises the score" : "moves the score", negative: "lowers the score", pale: "not selected"
      ))
  }

  /// Reads the first `limit` instances of an attribution stream; throws when a column is missing.
  static func read(_ table: TableReader, limit: Int) throws -> [InstanceAttribution] {
    if let side = table.column("side"), table.column("feature") == nil { return try readSides(table, side, limit) }
    let (feature, attribution) = (try table.require("feature"), try table.require("attribution"))
    let (bag, id, selected) = (table.column("bag"), table.column("id"), table.column("selected"))
    var instances: [InstanceAttribution] = []
    while let row = try table.next() {
      let names = (bag: bag.flatMap { row.text($0) } ?? "", id: id.flatMap { row.text($0) } ?? "")
      if instances.last?.bag != names.bag || instances.last?.id != names.id {
        if instances.count == limit { break }
        instances.append(InstanceAttribution(bag: names.bag, id: names.id))
      }
      guard let value = try row.number(attribution) else { continue }
      let isSelected = try selected.map { try flag(row.text($0), row.place) } ?? true
      instances[instances.count - 1].append(
        Feature(name: row.text(feature) ?? "", attribution: value, isSelected: isSelected))
    }
    return instances.filter { !$0.features.isEmpty }
  }

  /// Reads the sides of the first `limit` instances of a stream of nodes and letters.
  private static func readSides(_ table: TableReader, _ side: Int, _ limit: Int) throws -> [InstanceAttribution] {
    let (number, attribution) = (try table.require("number"), try table.require("attribution"))
    let (entity, symbol, selected) = (table.column("entity"), table.column("symbol"), table.column("selected"))
    let (bag, id) = (table.column("bag"), table.column("id"))
    var sides: [InstanceAttribution] = []
    while let row = try table.next() {
      func text(_ column: Int?) -> String { column.flatMap { row.text($0) } ?? "" }
      let name = "\(text(entity)) (side \(text(side)))"
      if sides.last?.bag != text(bag) || sides.last?.id != text(id) || sides.last?.side != name {
        if sides.count == 2 * limit { break }
        sides.append(InstanceAttribution(bag: text(bag), id: text(id), side: name))
      }
      guard let value = try row.number(attribution) else { continue }
      let isSelected = try selected.map { try flag(row.text($0), row.place) } ?? true
      sides[sides.count - 1].append(
        Feature(name: "\(text(number)) \(text(symbol))", attribution: value, isSelected: isSelected))
    }
    return sides.filter { !$0.features.isEmpty }
  }

  private static func flag(_ text: String?, _ place: SourceLocation) throws -> Bool {
    switch text {
    case "1", "true": return true
    case "0", "false", nil: return false
    default: throw MetricsError.badFlag(text ?? "", place)
    }
  }
}
