import Bytes
import Records

/// A table of labelled residue pairs: `gene_a`, `gene_b` (the proteins), `isoform_a`, `isoform_b` (the residues) and
/// `label`, rows in the order of the residues of a, then of b.
public struct ContactTable {
  private let map: ContactMap
  private let onlyContacts: Bool

  /// All pairs of the residues that take part, or those that touch.
  public init(_ map: ContactMap, onlyContacts: Bool = false) { (self.map, self.onlyContacts) = (map, onlyContacts) }

  /// Writes the table; throws an `IOFailure`, or a `RecordError` for an id that a TSV can't hold.
  public func write(to sink: ByteSink, _ format: OutputFormat, header: Bool, madeBy: String) throws {
    let writer = TableWriter(
      sink, format: format,
      columns: [
        Column("gene_a"), Column("gene_b"), Column("isoform_a"), Column("isoform_b"), Column("label", .int),
      ], header: header, madeBy: madeBy)
    var next = 0
    for (row, id) in map.rows.enumerated() {
      for column in map.firstColumns[row]..<map.columns.count {
        let isContact = next < map.contacts.count && map.contacts[next] == (row, column)
        if isContact { next += 1 }
        if onlyContacts && !isContact { continue }
        try writer.write([.text(map.a), .text(map.b), .text(id), .text(map.columns[column]), .int(isContact ? 1 : 0)])
      }
    }
    try writer.finish()
  }
}

extension ContactMap {
  /// The counts above 0, each with the words that follow the number.
  public var notes: [(text: String, count: Int)] {
    [
      ("residues of \(a) without a bound partner take no part", unmatched.a),
      ("residues of \(b) without a bound partner take no part", unmatched.b),
      ("contacts of bound residues that no other is aligned to are left out", lostContacts),
    ].filter { $0.1 > 0 }
  }
}
