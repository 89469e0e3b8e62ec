import Bytes
import Figures
import Records

/// The attribution of the features of one instance.
struct InstanceAttribution {
  struct Feature {
    let name: String
    let attribution: Double
    let isSelected: Bool
  }
  let bag: String
  let id: String
  private(set) var features: [Feature] = []

  init(bag: String, id: String) {
    self.bag = bag
    self.id = id
  }

  mutating func append(_ feature: Feature) {
    features.append(feature)
  }

  private static let shown = 20

  /// The features of largest attribution as bars; those that the selection rule left out are pale.
  var chart: BarChart {
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

  private static func flag(_ text: String?, _ place: SourceLocation) throws -> Bool {
    switch text {
    case "1", "true": return true
    case "0", "false", nil: return false
    default: throw MetricsError.badFlag(text ?? "", place)
    }
  }
}
