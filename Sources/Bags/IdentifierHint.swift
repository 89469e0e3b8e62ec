import Bytes

/// Hints for an id that is missing among others only because they are written in another form.
enum IdentifierHint {
  /// The option with which `id` would be one of `ids`, or the one that is a part of it or the other way round, as of a
  /// file's name and a graph's id, as a hint; nil where none is known.
  static func option(matching id: String, among ids: [String]) -> String? {
    if let other = ids.first(where: { accession(in: $0) == id }) ?? ids.first(where: { accession(in: $0) != nil }) {
      return "the ids of the table look like \(Diagnostic.quoted(other)): seqfeat --id-from uniprot takes the accession"
    }
    for (option, cut) in cuts {
      let wanted = cut.apply(id)
      let found = ids.lazy.filter { cut.apply($0) == wanted }.prefix(2)
      guard found.count == 1, let other = found.first, other != id else { continue }
      return "\(option) makes \(Diagnostic.quoted(other)) the same id"
    }
    let alike = ids.lazy.filter { min($0.utf8.count, id.utf8.count) > 2 && ($0.contains(id) || id.contains($0)) }
      .prefix(2)
    guard alike.count == 1, let other = alike.first else { return nil }
    return "the table has \(Diagnostic.quoted(other))"
  }

  /// The accession in the first word of a UniProt header, `sp|P12345|NAME_HUMAN`.
  private static func accession(in id: String) -> String? {
    let fields = id.split(separator: "|", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0] == "sp" || fields[0] == "tr" else { return nil }
    return String(fields[1])
  }

  private static let cuts: [(option: String, cut: IdentifierCut)] = [
    ("--id-until '|'", IdentifierCut(until: "|")),
    ("--strip version", IdentifierCut(strip: .version)),
    ("--strip taxon", IdentifierCut(strip: .taxon)),
    ("--id-until '|' --strip version", IdentifierCut(until: "|", strip: .version)),
    ("--strip taxon,version", IdentifierCut(strip: [.taxon, .version])),
  ]
}
