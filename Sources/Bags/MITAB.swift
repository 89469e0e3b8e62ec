import Bytes
import Records

/// PSI-MITAB: the names of its columns and the references in its fields (HUPO-PSI, MITAB 2.5 to 2.8).
public enum MITAB {
  /// One entry of a field: `uniprotkb:P04637`, `psi-mi:"MI:0018"(two hybrid)`.
  struct Reference: Equatable {
    var database = ""
    var value = ""
    /// The text in parentheses after it.
    var note = ""
  }

  /// The choice of the reference that is the id of a partner: `uniprotkb`, or with a note `uniprotkb(gene name)`.
  public struct Choice: Sendable, Equatable {
    let database: String
    let note: String?

    /// Parses `DATABASE` or `DATABASE(NOTE)`; throws `BagsError` (usage) for anything else.
    public init(parsing text: String) throws {
      let parts = text.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
      guard !parts[0].isEmpty, parts.count == 1 || parts[1].hasSuffix(")") else {
        throw BagsError(.referenceSyntax(text))
      }
      database = parts[0].lowercased()
      note = parts.count == 1 ? nil : String(parts[1].dropLast())
    }
  }

  /// The index of the column that marks a negative interaction.
  static let negativeColumn = 35
  static let leastColumns = 15

  /// The names of the first `count` columns, as IntAct writes them.
  static func columns(_ count: Int) -> [String] {
    (0..<count).map { $0 < names.count ? names[$0] : "Column \($0 + 1)" }
  }

  /// Whether this line begins a PSI-MITAB file: a header, or fifteen fields or more with references in the columns of
  /// ids.
  static func isFirstLine(_ line: String) -> Bool {
    let lower = line.prefix(24).lowercased()
    if lower.hasPrefix("#id(s) interactor a\t") || lower.hasPrefix("#id interactor a\t") { return true }
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count >= leastColumns else { return false }
    func isReference(_ text: Substring) -> Bool {
      text == "-" || (text.firstIndex(of: ":") ?? text.startIndex) > text.startIndex
    }
    return fields[0] != "-" && fields[..<4].allSatisfy(isReference)
      && fields[9...10].allSatisfy { $0 == "-" || $0.hasPrefix("taxid:") }
  }

  /// The entries of a field, separated by bars; bars, colons and parentheses inside quotes are text.
  static func references(_ field: String) -> [Reference] {
    if field == "-" { return [] }
    var all: [Reference] = []
    var entry = Reference()
    var part = \Reference.database
    var isQuoted = false
    var isEscaped = false
    for character in field {
      if isEscaped {
        entry[keyPath: part].append(character)
        isEscaped = false
        continue
      }
      switch character {
      case "\\" where isQuoted: isEscaped = true
      case "\"": isQuoted.toggle()
      case "|" where !isQuoted:
        all.append(entry)
        entry = Reference()
        part = \.database
      case ":" where !isQuoted && part == \.database: part = \.value
      case "(" where !isQuoted && part == \.value: part = \.note
      case ")" where !isQuoted && part == \.note: break
      default: entry[keyPath: part].append(character)
      }
    }
    return all + [entry]
  }

  /// The id of a partner: the first entry of `fields` (ids, other ids, names) that fits the choice; nil where none
  /// does.
  static func identifier(_ fields: [String], _ choice: Choice?) -> String? {
    guard let choice else { return references(fields[0]).first.flatMap { $0.value.isEmpty ? nil : $0.value } }
    // A name is not an id: names are searched only where the choice has a note.
    for field in choice.note == nil ? fields.prefix(2) : fields[...] {
      for entry in references(field) where entry.database.lowercased() == choice.database && !entry.value.isEmpty {
        if choice.note == nil || entry.note == choice.note { return entry.value }
      }
    }
    return nil
  }

  private static let names = [
    "#ID(s) interactor A", "ID(s) interactor B", "Alt. ID(s) interactor A", "Alt. ID(s) interactor B",
    "Alias(es) interactor A", "Alias(es) interactor B", "Interaction detection method(s)",
    "Publication 1st author(s)", "Publication Identifier(s)", "Taxid interactor A", "Taxid interactor B",
    "Interaction type(s)", "Source database(s)", "Interaction identifier(s)", "Confidence value(s)",
    "Expansion method(s)", "Biological role(s) interactor A", "Biological role(s) interactor B",
    "Experimental role(s) interactor A", "Experimental role(s) interactor B", "Type(s) interactor A",
    "Type(s) interactor B", "Xref(s) interactor A", "Xref(s) interactor B", "Interaction Xref(s)",
    "Annotation(s) interactor A", "Annotation(s) interactor B", "Interaction annotation(s)", "Host organism(s)",
    "Interaction parameter(s)", "Creation date", "Update date", "Checksum(s) interactor A",
    "Checksum(s) interactor B", "Interaction Checksum(s)", "Negative", "Feature(s) interactor A",
    "Feature(s) interactor B", "Stoichiometry(s) interactor A", "Stoichiometry(s) interactor B",
    "Identification method participant A", "Identification method participant B",
  ]
}
