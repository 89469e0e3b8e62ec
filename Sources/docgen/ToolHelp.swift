import Bytes

/// One option, flag or positional argument as a tool's help describes it.
struct HelpItem {
  enum Kind: String { case positional, option, flag }

  /// The values that a shell should offer: nothing, files, one of some words, or several of them with commas between.
  enum Completion: Equatable { case nothing, files, words([String]), list([String]) }

  var kind: Kind
  /// Short names first, with their dashes: `-o`, `--output`.
  var names: [String]
  var valueName: String
  var section: String?
  var summary: String
  var discussion: String
  var defaultValue: String?
  /// The allowed values in the order of the help, each with its description where it has one.
  var values: [(name: String, text: String?)]
  var isOptional: Bool
  var isRepeating: Bool
  var completion: Completion

  /// Reads one element of the dump's `arguments`; nil for one that the help hides.
  init?(_ json: JSON) throws(DocgenError) {
    guard json["shouldDisplay"]?.bool ?? true else { return nil }
    guard let kind = json["kind"]?.string.flatMap(Kind.init) else { throw DocgenError("an argument without a kind") }
    self.kind = kind
    names = (json["names"]?.array ?? []).compactMap { name in
      name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
    }
    names.sort { ($0.hasPrefix("--") ? 1 : 0) < ($1.hasPrefix("--") ? 1 : 0) }
    valueName = json["valueName"]?.string ?? "value"
    section = json["sectionTitle"]?.string
    summary = json["abstract"]?.string ?? ""
    discussion = json["discussion"]?.string ?? ""
    defaultValue = json["defaultValue"]?.string
    let texts = json["allValueDescriptions"]
    values = (json["allValues"]?.array ?? []).compactMap(\.string).map { ($0, texts?[$0]?.string) }
    isOptional = json["isOptional"]?.bool ?? true
    isRepeating = json["isRepeating"]?.bool ?? false
    let words = (json["completionKind"]?["list"]?["values"]?.array ?? []).compactMap(\.string)
    if !values.isEmpty {
      completion = .words(values.map(\.name))
    } else if !words.isEmpty {
      completion = HelpItem.namesAList(valueName) ? .list(words) : .words(words)
    } else if json["completionKind"]?["file"] != nil || HelpItem.namesAFile(valueName) {
      completion = .files
    } else {
      completion = .nothing
    }
  }

  /// Whether a value is several words with commas between them.
  private static func namesAList(_ valueName: String) -> Bool { ["list", "methods", "parts"].contains(valueName) }

  private static func namesAFile(_ valueName: String) -> Bool {
    let lower = valueName.lowercased()
    return ["file", "path", "state", "model", "folder"].contains { lower.hasSuffix($0) }
  }
}

/// A tool's help: its name, its one line and its arguments, as `--experimental-dump-help` writes them.
struct ToolHelp {
  var name: String
  var summary: String
  var items: [HelpItem]

  /// Reads the dump.
  init(_ bytes: [UInt8]) throws {
    let json = try bytes.withUnsafeBufferPointer { try JSON.parse($0) }
    guard json["serializationVersion"]?.int == 0, let command = json["command"],
      let name = command["commandName"]?.string
    else {
      throw DocgenError("standard input is not the output of TOOL --experimental-dump-help")
    }
    self.name = name
    summary = command["abstract"]?.string ?? ""
    items = try (command["arguments"]?.array ?? []).compactMap(HelpItem.init)
  }

  /// The items in the order of the page: those without a section first, then each section in the order of the help;
  /// arguments before options, version and help at the end.
  var grouped: [(section: String?, items: [HelpItem])] {
    var groups: [(section: String?, items: [HelpItem])] = [(nil, [])]
    let last: Set<String> = ["--version", "--help"]
    for item in items where last.isDisjoint(with: item.names) {
      if let at = groups.firstIndex(where: { $0.section == item.section }) {
        groups[at].items.append(item)
      } else {
        groups.append((item.section, [item]))
      }
    }
    for at in groups.indices {
      let items = groups[at].items
      groups[at].items = items.filter { $0.kind == .positional } + items.filter { $0.kind != .positional }
    }
    groups[groups.count - 1].items += items.filter { !last.isDisjoint(with: $0.names) }
    return groups.filter { !$0.items.isEmpty }
  }
}

/// The version and date of a release.
struct Release {
  var version: String
  var date: String

  /// Reads the first heading `## VERSION - DATE` of a changelog.
  init(changelog text: String) throws(DocgenError) {
    for line in text.split(separator: "\n") where line.hasPrefix("## ") {
      let words = line.split(separator: " ")
      guard words.count == 4, words[2] == "-", words[3].utf8.count == 10 else { continue }
      version = String(words[1])
      date = String(words[3])
      return
    }
    throw DocgenError("the changelog has no heading like '## 0.1.0 - 2026-11-21'")
  }
}

/// Why a page could not be written.
struct DocgenError: Diagnosable {
  var message: String
  var place: SourceLocation?

  init(_ message: String, at place: SourceLocation? = nil) {
    self.message = message
    self.place = place
  }

  var diagnostic: Diagnostic { Diagnostic(.data, message, at: place) }
}

/// The names of the tools, and the prefix they are installed with.
struct ToolNames {
  static let all: Set<String> = [
    "seqfeat", "molfeat", "resfeat", "netfeat", "pairgen", "normalize", "mil-train", "mil-score", "metrics", "explain",
  ]
  var prefix: String

  /// The name a tool is installed under.
  func installed(_ name: String) -> String { ToolNames.all.contains(name) ? prefix + name : name }

  /// A line of code with every tool's name as it is installed.
  func renamed(_ code: String) -> String {
    guard !prefix.isEmpty else { return code }
    var result = ""
    var word = ""
    for character in code {
      if character.isLetter || character.isNumber || "._-/~".contains(character) {
        word.append(character)
      } else {
        result += installed(word)
        result.append(character)
        word = ""
      }
    }
    return result + installed(word)
  }
}
