import Bytes

/// A piece of running text.
enum Span: Equatable {
  case text(String)
  /// Literal text that the reader types or sees, set in bold.
  case code(String)
  /// A placeholder that the reader replaces, set in italics.
  case variable(String)
}

/// A block of a section.
enum Block: Equatable {
  case heading(String)
  case paragraph([Span])
  case item([Span])
  /// A term and its definition.
  case definition([Span], [Span])
  case code([String])
}

/// A hand-written page: a small part of Markdown.
///
/// The first line is `# name(section) - one line`; `## SECTION` opens a section, `### text` a part of it. Paragraphs
/// are separated by blank lines. `- text` is a list item, a line followed by `: text` a definition, three backquotes
/// enclose code. In running text `` `x` `` is literal and `*x*` a placeholder.
struct Prose {
  var name = ""
  var chapter = ""
  var summary = ""
  private(set) var sections: [(name: String, blocks: [Block])] = []

  /// The blocks of a section; empty where the section is missing.
  func blocks(_ section: String) -> [Block] { sections.first { $0.name == section }?.blocks ?? [] }

  /// Reads a page; `isFragment` is one without the first line.
  init(_ text: String, source: String, isFragment: Bool = false) throws(DocgenError) {
    var reader = ProseReader(text, source: source)
    if !isFragment { (name, chapter, summary) = try reader.title() }
    sections = try reader.sections()
  }
}

/// Reads a page line by line.
struct ProseReader {
  private var lines: [Substring]
  private var next = 0
  private let source: String

  init(_ text: String, source: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.source = source
  }

  private var line: Substring? { next < lines.count ? lines[next] : nil }
  private func error(_ message: String) -> DocgenError {
    DocgenError(message, at: SourceLocation(source: source, line: next + 1))
  }

  /// `# name(1) - one line`
  mutating func title() throws(DocgenError) -> (name: String, chapter: String, summary: String) {
    let wrong = error("the first line must look like '# name(1) - what it does'")
    guard let line, line.hasPrefix("# "), let open = line.firstIndex(of: "("), let close = line.firstIndex(of: ")"),
      open < close, line[close...].hasPrefix(") - ")
    else { throw wrong }
    next += 1
    return (
      String(line.dropFirst(2)[..<open]), String(line[line.index(after: open)..<close]),
      String(line[close...].dropFirst(4))
    )
  }

  mutating func sections() throws(DocgenError) -> [(name: String, blocks: [Block])] {
    var sections: [(name: String, blocks: [Block])] = []
    while let line {
      if line.hasPrefix("## ") {
        let name = String(line.dropFirst(3))
        if sections.contains(where: { $0.name == name }) { throw error("section \(name) comes twice") }
        sections.append((name, []))
        next += 1
      } else if line.isEmpty {
        next += 1
      } else if sections.isEmpty {
        throw error("text before the first section")
      } else {
        sections[sections.count - 1].blocks.append(try block())
      }
    }
    return sections
  }

  private mutating func block() throws(DocgenError) -> Block {
    let line = lines[next]
    if line.hasPrefix("### ") {
      next += 1
      return .heading(String(line.dropFirst(4)))
    }
    if line.hasPrefix("```") { return try code() }
    if line.hasPrefix("- ") { return .item(try spans(joined(dropping: 2))) }
    if next + 1 < lines.count, lines[next + 1].hasPrefix(": ") {
      let term = try spans(String(line))
      next += 1
      return .definition(term, try spans(joined(dropping: 2)))
    }
    return .paragraph(try spans(joined(dropping: 0)))
  }

  private mutating func code() throws(DocgenError) -> Block {
    let start = error("code without an end")
    var code: [String] = []
    next += 1
    while let line, !line.hasPrefix("```") {
      code.append(String(line))
      next += 1
    }
    guard line != nil else { throw start }
    next += 1
    return .code(code)
  }

  /// The lines from here to the end of the block, joined; a list item or a definition ends where the next one starts.
  private mutating func joined(dropping count: Int) -> String {
    var text = String(lines[next].dropFirst(count))
    next += 1
    while let line, !line.isEmpty, !line.hasPrefix("#"), !line.hasPrefix("```"), !line.hasPrefix("- ") {
      if next + 1 < lines.count, lines[next + 1].hasPrefix(": ") { break }
      text += " " + line.drop { $0 == " " }
      next += 1
    }
    return text
  }

  private func spans(_ text: String) throws(DocgenError) -> [Span] {
    var spans: [Span] = []
    var rest = Substring(text)
    while let mark = rest.firstIndex(where: { $0 == "`" || $0 == "*" }) {
      if mark > rest.startIndex { spans.append(.text(String(rest[..<mark]))) }
      let inner = rest[rest.index(after: mark)...]
      guard let end = inner.firstIndex(of: rest[mark]) else {
        throw error("an unpaired \(rest[mark]) in '\(text)'")
      }
      spans.append(rest[mark] == "`" ? .code(String(inner[..<end])) : .variable(String(inner[..<end])))
      rest = inner[inner.index(after: end)...]
    }
    if !rest.isEmpty { spans.append(.text(String(rest))) }
    return spans
  }
}
