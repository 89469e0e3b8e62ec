import Bytes
import Models
import Training

/// The texts of `--list` and `--describe`.
enum TrainGuide {
  private static let entries:
    [(kind: String, name: String, settings: [Setting], summary: String, description: String)] =
      Methods.all.map { ("architecture", $0.name, $0.settings, $0.summary, $0.description + defaults(of: $0)) }
      + Losses.all.map { ("loss", $0.name, $0.settings, $0.summary, "") }
      + Optimisers.all.map { ("optimiser", $0.name, $0.settings, $0.summary, "") }

  /// The options that stand for those that are not given, where a method has its own.
  private static func defaults(of method: Method) -> String {
    let own = method.defaults
    let options = [
      ("loss", own.loss), ("optimiser", own.optimiser), ("batch", own.batch.map(String.init)),
      ("epochs", own.epochs.map(String.init)), ("patience", own.patience.map(String.init)),
    ]
    let texts = options.compactMap { name, value in value.map { "--\(name) \($0)" } }
    return texts.isEmpty ? "" : "\nDefaults of its own: \(texts.joined(separator: " "))"
  }

  /// All names.
  static let names = entries.map(\.name)

  /// One line per method, loss and optimiser: kind, name, settings with their defaults, and description.
  static var list: String {
    entries.reduce("kind\tname\tsettings\tsummary\n") { text, entry in
      text + "\(entry.kind)\t\(entry.name)\t\(entry.settings.listed)\t\(entry.summary)\n"
    }
  }

  /// All about one entry; throws `ModelError.unknownMethod` for an unknown name.
  static func description(of name: String) throws -> String {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw ModelError.unknownMethod(name, allowed: names)
    }
    var text = "\(entry.name): \(entry.summary)\n\nUsed as: --\(entry.kind) \(entry.name)"
    text += entry.settings.isEmpty ? "\n" : ":key=value,…\n"
    for setting in entry.settings {
      text += setting.line
    }
    if let method = Methods.all.first(where: { $0.name == name }) {
      let inputs = method.inputs(SettingValues(defaultsOf: method.settings))
      text += "Reads \(inputs.map(\.description).joined(separator: ", and "))\n"
    }
    return entry.description.isEmpty ? text : text + "\n" + entry.description + "\n"
  }
}
