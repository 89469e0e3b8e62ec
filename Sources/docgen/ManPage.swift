/// A manual page in the macros of man(7), which mandoc and groff render alike.
struct ManPage {
  /// The sections a page may have, in the order it shows them.
  static let order = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO",
  ]

  let release: Release
  let names: ToolNames
  private(set) var text = ""
  /// Whether the next paragraph needs no paragraph macro: right after a heading.
  private var isFresh = true

  init(release: Release, names: ToolNames) {
    self.release = release
    self.names = names
  }

  /// Makes the page of a tool from its help and its prose; `shared` holds the sections that all tools have.
  static func page(
    prose: Prose, shared: Prose?, help: ToolHelp?, release: Release, names: ToolNames
  ) throws(DocgenError) -> String {
    let sections = prose.sections + (shared?.sections ?? [])
    for section in sections where !order.dropFirst().contains(section.name) {
      throw DocgenError("a page has no section '\(section.name)': it has " + order.dropFirst().joined(separator: ", "))
    }
    if let help, help.name != prose.name {
      throw DocgenError("the prose is about '\(prose.name)', the help about '\(help.name)'")
    }
    var page = ManPage(release: release, names: names)
    page.head(prose)
    for section in order.dropFirst() {
      let own = prose.blocks(section)
      let common = shared?.blocks(section) ?? []
      let options = section == "OPTIONS" ? help?.grouped ?? [] : []
      guard !own.isEmpty || !common.isEmpty || !options.isEmpty else { continue }
      page.open(section)
      if section == "SYNOPSIS" {
        page.synopsis(own)
      } else {
        page.write(own)
        page.write(common)
        page.write(options)
      }
    }
    return page.text
  }

  private mutating func line(_ text: String) { self.text += text + "\n" }

  private mutating func head(_ prose: Prose) {
    let name = names.installed(prose.name)
    line(".\\\" Written by docgen from the tool's help and from man/prose: do not edit.")
    line(".TH \(name.uppercased()) \(prose.chapter) \(release.date) \"Millrace \(release.version)\" Millrace")
    line(".SH NAME")
    line("\(Roff.escaped(name)) \\- \(Roff.escaped(prose.summary))")
  }

  private mutating func open(_ section: String) {
    line(".SH " + (section.contains(" ") ? "\"\(section)\"" : section))
    isFresh = true
  }

  /// The lines of the usage, the tool's name in bold.
  private mutating func synopsis(_ blocks: [Block]) {
    for case .code(let lines) in blocks {
      for usage in lines {
        if !isFresh { line(".br") }
        isFresh = false
        let words = usage.split(separator: " ", maxSplits: 1)
        let rest = words.count > 1 ? " " + Roff.escaped(String(words[1])) : ""
        line("\\fB\(Roff.escaped(names.renamed(String(words.first ?? ""))))\\fR\(rest)")
      }
    }
  }

  private mutating func write(_ blocks: [Block]) {
    for block in blocks {
      switch block {
      case .heading(let title):
        line(".SS \"\(Roff.escaped(title))\"")
        isFresh = true
        continue
      case .paragraph(let spans):
        if !isFresh { line(".PP") }
        line(Roff.line(spans, names))
      case .item(let spans):
        line(".IP \\(bu 2")
        line(Roff.line(spans, names))
      case .definition(let term, let spans):
        line(".TP")
        line(Roff.line(term, names))
        line(Roff.line(spans, names))
      case .code(let lines): code(lines)
      }
      isFresh = false
    }
  }

  private mutating func code(_ lines: [String]) {
    if !isFresh { line(".PP") }
    line(".RS 2")
    line(".EX")
    for code in lines { line(Roff.guarded(Roff.escaped(names.renamed(code)))) }
    line(".EE")
    line(".RE")
  }

  private mutating func write(_ groups: [(section: String?, items: [HelpItem])]) {
    for group in groups {
      if let title = group.section {
        line(".SS \"\(Roff.escaped(title))\"")
        isFresh = true
      }
      for item in group.items { write(item) }
    }
  }

  private mutating func write(_ item: HelpItem) {
    line(".TP")
    // A few short words are clearer than the name of a value.
    let words = item.values.map(\.name)
    let showsWords = !words.isEmpty && words.joined(separator: "|").count <= 40
    let value =
      showsWords
      ? words.map { "\\fB\(Roff.escaped($0))\\fR" }.joined(separator: "|")
      : "\\fI\(Roff.escaped(item.valueName))\\fR"
    switch item.kind {
    case .positional: line(value + (item.isRepeating ? " ..." : ""))
    case .flag, .option:
      let names = item.names.map { "\\fB\(Roff.escaped($0))\\fR" }.joined(separator: ", ")
      line(item.kind == .option ? "\(names) \(value)" : names)
    }
    line(Roff.guarded(Roff.escaped(facts(of: item, namesWords: !showsWords))))
    for paragraph in item.discussion.split(separator: "\n\n") {
      line(".IP")
      line(Roff.guarded(Roff.escaped(paragraph.split(separator: "\n").joined(separator: " "))))
    }
    if item.values.contains(where: { $0.text != nil }) { write(values: item.values) }
    isFresh = false
  }

  private mutating func write(values: [(name: String, text: String?)]) {
    line(".RS")
    for value in values {
      line(".TP")
      line("\\fB\(Roff.escaped(value.name))\\fR")
      line(Roff.guarded(Roff.escaped(ManPage.sentence(value.text ?? "See above"))))
    }
    line(".RE")
  }

  /// The paragraph of an option: its help, whether it may be repeated, its allowed values, and its default.
  private func facts(of item: HelpItem, namesWords: Bool) -> String {
    var parts = [ManPage.sentence(item.summary)]
    let saysRepeat = item.kind == .positional || item.summary.contains("again") || item.summary.contains("repeatable")
    if item.isRepeating && !saysRepeat { parts.append("May be given more than once.") }
    if namesWords && !item.values.isEmpty {
      parts.append("One of: " + item.values.map(\.name).joined(separator: ", ") + ".")
    }
    if let value = item.defaultValue, !item.summary.contains("default:") {
      parts.append("Default: \(value).")
    } else if !item.isOptional {
      parts.append("Required.")
    }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The text as one line with a stop at its end.
  static func sentence(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard let last = line.last, !".!?:".contains(last) else { return line }
    return line + "."
  }
}

/// Text as roff takes it.
enum Roff {
  /// The text with roff's special characters escaped, and those beyond ASCII by number.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
    return result
  }

  /// The line, safe from being read as a request.
  static func guarded(_ line: String) -> String {
    line.isEmpty || line.hasPrefix(".") || line.hasPrefix("\\(aq") ? "\\&" + line : line
  }

  /// Running text as one line.
  static func line(_ spans: [Span], _ names: ToolNames) -> String {
    guarded(
      spans.map { span in
        switch span {
        case .text(let text): escaped(text)
        case .code(let text): "\\fB\(escaped(names.renamed(text)))\\fR"
        case .variable(let text): "\\fI\(escaped(text))\\fR"
        }
      }.joined())
  }
}
