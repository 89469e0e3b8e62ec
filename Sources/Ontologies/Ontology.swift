import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The terms of an ontology and their parents, by `is_a` and `part_of`, within one namespace where one is chosen.
public struct Ontology: Sendable {
  /// The ids of the terms, by number.
  public private(set) var terms: [String] = []
  /// The numbers of the parents of each term.
  public private(set) var parents: [[Int]] = []
  private var numbers: [String: Int] = [:]
  /// The ids of terms that are there and not wanted: obsolete ones, and those of other namespaces.
  private var others: Set<String> = []

  /// An ontology of terms with their parents; every parent is a term, and none its own ancestor.
  public init(_ terms: [(id: String, parents: [String])]) throws {
    for term in terms {
      numbers[term.id] = self.terms.count
      self.terms.append(term.id)
    }
    parents = try terms.map { term in
      try term.parents.map { parent in
        guard let number = numbers[parent] else { throw OntologyError(.unknownParent(parent, of: term.id)) }
        return number
      }
    }
    if let term = cycle() { throw OntologyError(.cycle(self.terms[term])) }
  }

  /// The namespaces of the Gene Ontology, by the letter that GAF has for each.
  private static let aspects = ["F": "molecular_function", "P": "biological_process", "C": "cellular_component"]

  /// Reads the terms of an OBO file (format 1.2 and 1.4); those of one namespace, where an aspect is given: `F`, `P`,
  /// `C`, or the name of a namespace.
  /// - Throws: `OntologyError` where nothing is left, and what the reader throws.
  public init(reading source: BlockSource, aspect: String? = nil) throws {
    let namespace = aspect.map { Self.aspects[$0] ?? $0 }
    var stanzas: [Stanza] = []
    let lines = LineReader(source)
    var isTerm = false
    while let line = try lines.next(skipping: .whitespace) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("[") {
        isTerm = text == "[Term]"
        if isTerm { stanzas.append(Stanza()) }
      } else if isTerm {
        stanzas[stanzas.count - 1].read(text)
      }
    }
    let kept = stanzas.filter { !$0.isObsolete && (namespace == nil || $0.namespace == namespace) }
    if kept.isEmpty { throw OntologyError(.noTerm(namespace), at: SourceLocation(source: source.name)) }
    let ids = Set(kept.map(\.id))
    // A part_of may lead to another namespace.
    try self.init(kept.map { ($0.id, $0.parents.filter { namespace == nil || ids.contains($0) }) })
    for stanza in kept { for id in stanza.alternatives where numbers[id] == nil { numbers[id] = numbers[stanza.id] } }
    others = Set(stanzas.filter { !ids.contains($0.id) }.flatMap { [$0.id] + $0.alternatives })
  }

  /// The number of a term, by its id or an alternative one.
  public func number(of id: String) -> Int? { numbers[id] }

  /// Whether the file has a term of this id that was left out: an obsolete one, or one of another namespace.
  public func leavesOut(_ id: String) -> Bool { others.contains(id) }

  /// The terms without a parent.
  public var roots: Set<Int> { Set(parents.indices.filter { parents[$0].isEmpty }) }

  /// Some terms with all their ancestors.
  public func propagated(_ terms: some Sequence<Int>) -> Set<Int> {
    var (all, open) = (Set<Int>(), Array(terms))
    while let term = open.popLast() {
      if all.insert(term).inserted { open += parents[term] }
    }
    return all
  }

  /// Scores of terms, each at least as high as those of its descendants.
  public func propagated(_ scores: [Int: Double]) -> [Int: Double] {
    var result: [Int: Double] = [:]
    // From the highest score on, who comes first to an ancestor has its score.
    for (term, score) in scores.sorted(by: { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }) {
      var open = [term]
      while let next = open.popLast() {
        if result[next] != nil { continue }
        result[next] = score
        open += parents[next]
      }
    }
    return result
  }

  /// The information of each term, -log₂ of the share of those with all its parents that have it (Clark and Radivojac
  /// 2013, Bioinformatics 29:i53); 0 where none has them, or none has it.
  public func information(_ annotations: [Set<Int>]) -> [Double] {
    terms.indices.map { term in
      let above = annotations.filter { set in parents[term].allSatisfy(set.contains) }
      let own = above.count { $0.contains(term) }
      return own == 0 ? 0 : -log2(Double(own) / Double(above.count))
    }
  }

  /// A term that is its own ancestor.
  private func cycle() -> Int? {
    var children = [Int](repeating: 0, count: parents.count)
    for list in parents { for parent in list { children[parent] += 1 } }
    var open = children.indices.filter { children[$0] == 0 }
    var done = 0
    while let term = open.popLast() {
      done += 1
      for parent in parents[term] {
        children[parent] -= 1
        if children[parent] == 0 { open.append(parent) }
      }
    }
    return done == parents.count ? nil : children.firstIndex { $0 > 0 }
  }
}

/// A term of an OBO file.
private struct Stanza {
  var id = ""
  var namespace = ""
  var parents: [String] = []
  var alternatives: [String] = []
  var isObsolete = false

  /// Reads a line `tag: value ! comment`.
  mutating func read(_ line: String) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let words = line[line.index(after: colon)...].split(separator: " ").map(String.init)
    guard let first = words.first else { return }
    switch line[..<colon] {
    case "id": id = first
    case "namespace": namespace = first
    case "alt_id": alternatives.append(first)
    case "is_obsolete": isObsolete = first == "true"
    case "is_a": parents.append(first)
    case "relationship" where first == "part_of" && words.count > 1: parents.append(words[1])
    default: break
    }
  }
}

/// A fault of an ontology or of annotations.
public struct OntologyError: Diagnosable, Equatable {
  /// The kinds of fault.
  public enum Kind: Equatable, Sendable {
    case noTerm(String?)
    case unknownParent(String, of: String)
    case cycle(String)
    case unknownTerm(String)
    case badLine(String)
    case noAnnotation
  }
  /// The fault.
  public let kind: Kind
  /// The location in the input.
  public let place: SourceLocation?

  /// An error of this kind.
  public init(_ kind: Kind, at place: SourceLocation? = nil) { (self.kind, self.place) = (kind, place) }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic {
    func quoted(_ text: String) -> String { Diagnostic.quoted(text) }
    let text: (message: String, hint: String?) =
      switch kind {
      case .noTerm(nil): ("no term in the ontology", "an OBO file has stanzas [Term]")
      case .noTerm(let namespace?):
        ("no term of the namespace \(quoted(namespace))", "such as molecular_function; the line namespace: says it")
      case .unknownParent(let parent, let term): ("term \(quoted(term)) has the unknown parent \(quoted(parent))", nil)
      case .cycle(let term): ("term \(quoted(term)) is its own ancestor", nil)
      case .unknownTerm(let term): ("the ontology has no term \(quoted(term))", "both files are of one release")
      case .badLine(let line): ("\(quoted(line)) is no annotation", "GAF, or two columns: a protein and a term")
      case .noAnnotation: ("no annotation with a term of the ontology", "--aspect says which namespace is judged")
      }
    return Diagnostic(.data, text.message, at: place, hint: text.hint)
  }
}
