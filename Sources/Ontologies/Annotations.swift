import Bytes
import Records

/// The terms of each protein, with all their ancestors.
public struct Annotations: Sendable {
  /// The proteins, in the order in which they came.
  public private(set) var proteins: [String] = []
  /// The terms of each protein.
  public private(set) var terms: [Set<Int>] = []
  /// The number of lines of obsolete terms or other namespaces.
  public private(set) var leftOut = 0

  /// Reads GAF 2 (columns 2, 4 and 5: protein, qualifier, term; a qualifier with NOT says that the protein lacks the
  /// term, and such lines are passed over), or two columns: a protein and a term.
  /// - Throws: `OntologyError` for an unknown term and where nothing is left, and what the reader throws.
  public init(reading source: BlockSource, _ ontology: Ontology) throws {
    let lines = LineReader(source)
    var numbers: [String: Int] = [:]
    while let line = try lines.next(skipping: .whitespace) {
      if line.first == UInt8(ascii: "!") { continue }
      let text = String(decoding: line, as: UTF8.self)
      let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 2 || fields.count >= 15 else { throw OntologyError(.badLine(text), at: lines.place()) }
      let isGAF = fields.count > 2
      if isGAF, fields[3].split(separator: "|").contains("NOT") { continue }
      let (protein, id) = (fields[isGAF ? 1 : 0], fields[isGAF ? 4 : 1])
      guard let term = ontology.number(of: id) else {
        guard ontology.leavesOut(id) else { throw OntologyError(.unknownTerm(id), at: lines.place()) }
        leftOut += 1
        continue
      }
      if numbers[protein] == nil {
        numbers[protein] = proteins.count
        proteins.append(protein)
        terms.append([])
      }
      terms[numbers[protein] ?? 0].formUnion(ontology.propagated([term]))
    }
    if proteins.isEmpty { throw OntologyError(.noAnnotation, at: SourceLocation(source: source.name)) }
  }
}
