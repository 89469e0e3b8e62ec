import Bytes
import Molecules
import Records

/// The texts of `--list` and `--describe`.
enum MoleculeGuide {
  /// One line for each entry: name, option, settings and description.
  static var list: String {
    var text = "name\toption\tsettings\tsummary\n"
    for entry in MoleculeCatalog.entries {
      let option = entry.product == .graph ? "--graph" : "--encode"
      text += [entry.name, option, entry.settings.listed, entry.summary].joined(separator: "\t") + "\n"
    }
    return text
  }

  /// All that the catalog knows of an entry; throws a `MoleculeError`.
  static func description(of entry: MoleculeEntry) throws -> String {
    var text = "\(entry.name): \(entry.summary)\n\n"
    for setting in entry.settings {
      text += setting.line
    }
    if !entry.settings.isEmpty { text += "\n" }
    text += entry.description + "\n"
    let names =
      entry.product == .graph
      ? try MoleculeCatalog.grapher(entry.name).schema.nodes : try MoleculeCatalog.encoder(entry.name).names
    return text + "Names: \(names.prefix(3).joined(separator: ", ")) ... \(names[names.count - 1])\n"
  }
}
