import Bytes
import Records

/// Scores of the residues of a structure, by the ids of the residues.
public struct ResidueScores: Sendable {
  /// The score of each residue.
  public private(set) var values: [String: Double] = [:]
  /// The file, for messages.
  private let source: String

  /// The proteins of the pairs, as they are named, and the side; nil of a table of one protein.
  private var pair: (name: String, side: String)?

  /// Reads a table with the columns `residue` and `score`; or one of residues of both sides, with `side` and `id`; or
  /// one of residue pairs, with `isoform_a` or `isoform_b` for the side `a` or `b`: a residue then has the highest
  /// score of its pairs. Rows without a score are left out.
  ///
  /// Throws a `RecordError`, or a `StructureError` where no residue has a score, and for pairs of several bags.
  public init(reading table: TableReader, side: String, column: String = "score") throws {
    let hint = "a table has residue and \(column), or isoform_a, isoform_b and \(column) as mil-score writes them"
    let own = table.column("residue")
    let sides = own == nil ? table.column("side") : nil
    let residue = try own ?? table.require(sides == nil ? "isoform_\(side)" : "id", hint: hint)
    let score = try table.require(column, hint: "name the column of the scores with --score-column")
    let bag = table.column("bag")
    table.read(only: [residue, score] + [bag, sides].compactMap { $0 })
    source = table.name
    var first: String?
    while let row = try table.next() {
      if let name = bag.flatMap({ row.text($0) }) {
        if let first, first != name {
          throw StructureError(
            .residue,
            "scores of two complexes, \(Diagnostic.quoted(first)) and \(Diagnostic.quoted(name)): "
              + "residues of different "
              + "proteins can have one name", at: row.place, hint: "keep the rows of one, such as with awk")
        }
        first = name
        if own == nil { pair = (name, side) }
      }
      if let sides, row.text(sides) != side { continue }
      guard let id = row.text(residue), let value = try row.number(score) else { continue }
      values[id] = max(value, values[id] ?? -.infinity)
    }
    if values.isEmpty {
      throw StructureError(.absent, "no residue has a score", at: SourceLocation(source: source))
    }
  }

  /// The score of each residue of a structure; nil where it has none. Throws a `StructureError` for a score of a
  /// residue that the structure does not have.
  public func scores(of structure: Structure) throws -> [Double?] {
    let ids = structure.residueIds
    if let pair {
      let (isFirst, isSecond) = (pair.name.hasPrefix(structure.id + ":"), pair.name.hasSuffix(":" + structure.id))
      if isFirst != isSecond, isFirst != (pair.side == "a") {
        throw StructureError(
          .residue,
          "\(Diagnostic.quoted(structure.id)) is the other side of the pairs \(Diagnostic.quoted(pair.name))",
          at: SourceLocation(source: source), hint: "--side \(isFirst ? "a" : "b")")
      }
    }
    let known = Set(ids)
    if let other = values.keys.filter({ !known.contains($0) }).min() {
      let count = values.keys.count { !known.contains($0) }
      throw StructureError(
        .absent,
        "\(Diagnostic.quoted(structure.id)) has no residue \(Diagnostic.quoted(other))"
          + (count > 1 ? ", nor \(count - 1) more that have scores" : ""), at: SourceLocation(source: source),
        hint: "--side b takes the residues of the second protein of the pairs; --chains must be those of the scores")
    }
    return ids.map { values[$0] }
  }
}

/// A structure with a number for each residue in the place of its atoms' B factors, for programs that colour by these.
public struct PaintedStructure {
  /// The forms that can be written.
  public enum Format: Sendable {
    /// PDB: chains of one letter, numbers up to 9999.
    case pdb
    /// mmCIF.
    case mmcif
  }

  private let structure: Structure
  private let values: [Double]

  /// A structure whose residues have these numbers, one each, in the order of the residues; nil counts 0.
  public init(_ structure: Structure, _ values: [Double?]) {
    precondition(values.count == structure.residues.count, "a number per residue")
    (self.structure, self.values) = (structure, values.map { $0 ?? 0 })
  }

  /// Writes the heavy atoms of the amino acids; throws an `IOFailure`, or a `StructureError` for what PDB can't hold.
  public func write(to sink: ByteSink, _ format: Format) throws {
    switch format {
    case .pdb: try writePDB(to: sink)
    case .mmcif: try writeCIF(to: sink)
    }
  }

  private func writePDB(to sink: ByteSink) throws {
    var serial = 0
    for (residue, value) in zip(structure.residues, values) {
      for atom in structure.atoms[residue.atoms] {
        serial += 1
        try sink.write(try pdbLine(atom, residue, serial, value) + "\n")
      }
    }
    try sink.write("END\n")
  }

  /// The columns of an ATOM record (PDB format 3.3).
  private func pdbLine(_ atom: Atom, _ residue: Residue, _ serial: Int, _ value: Double) throws -> String {
    func field(_ text: String, _ width: Int, _ what: String) throws -> String {
      guard text.utf8.count <= width else {
        throw StructureError(
          .limit, "a PDB file has no room for the \(what) \(Diagnostic.quoted(text))",
          at: SourceLocation(source: structure.source), hint: "name the file *.cif: mmCIF holds any")
      }
      return String(repeating: " ", count: width - text.utf8.count) + text
    }
    func left(_ text: String, _ width: Int, _ what: String) throws -> String {
      let padding = try field(text, width, what).utf8.count - text.utf8.count
      return text + String(repeating: " ", count: padding)
    }
    let (name, element) = (atom.name.text, atom.symbol)
    // A name begins in column 14 where its element has one letter and it has room.
    let aligned = element.utf8.count == 1 && name.utf8.count < 4 ? " " + name : name
    let position = try [atom.position.x, atom.position.y, atom.position.z].map {
      try field(NumberText.fixed($0, digits: 3), 8, "coordinate")
    }
    return try "ATOM  " + field("\(serial)", 5, "atom number") + " " + left(aligned, 4, "atom name") + " "
      + field(residue.name, 3, "residue name") + " " + field(residue.chain, 1, "chain")
      + field("\(residue.number)", 4, "residue number") + left(residue.insertion, 1, "insertion code") + "   "
      + position.joined() + field("1.00", 6, "occupancy") + field(NumberText.fixed(value, digits: 2), 6, "score")
      + "          " + field(element, 2, "element")
  }

  private func writeCIF(to sink: ByteSink) throws {
    let columns = [
      "group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id", "label_asym_id",
      "label_entity_id", "label_seq_id", "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy",
      "B_iso_or_equiv", "auth_seq_id", "auth_comp_id", "auth_asym_id", "auth_atom_id", "pdbx_PDB_model_num",
    ]
    try sink.write("data_\(Self.word(structure.id))\n#\nloop_\n")
    for column in columns { try sink.write("_atom_site.\(column)\n") }
    var serial = 0
    // label_seq_id counts the residues of a chain; auth_seq_id, the number, can occur with several insertion codes.
    var counts: [String: Int] = [:]
    for (residue, value) in zip(structure.residues, values) {
      let (chain, number) = (Self.quoted(residue.chain), "\(residue.number)")
      counts[chain, default: 0] += 1
      let place = "\(counts[chain] ?? 0)"
      for atom in structure.atoms[residue.atoms] {
        serial += 1
        let (name, type) = (Self.quoted(atom.name.text), Self.quoted(residue.name))
        let position = [atom.position.x, atom.position.y, atom.position.z].map { NumberText.fixed($0, digits: 3) }
        try sink.write(
          ([
            "ATOM", "\(serial)", atom.symbol, name, ".", type, chain, "1", place,
            residue.insertion.isEmpty ? "?" : Self.quoted(residue.insertion),
          ] + position + ["1.00", NumberText.fixed(value, digits: 4), number, type, chain, name, "1"])
          .joined(separator: " ") + "\n")
      }
    }
    try sink.write("#\n")
  }

  /// A name without white space.
  private static func word(_ text: String) -> String {
    let word = String(text.map { $0.isWhitespace ? "_" : $0 })
    return word.isEmpty ? "structure" : word
  }

  /// A value of mmCIF, in quotes where it would be read as something else.
  private static func quoted(_ text: String) -> String {
    if text.isEmpty { return "?" }
    let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x27 }
    let first = text.utf8.first ?? 0
    if isPlain, ![UInt8(ascii: "_"), 0x23, 0x24, 0x3B, 0x5B, 0x5D].contains(first), text != ".", text != "?" {
      return text
    }
    return text.utf8.contains(0x27) ? "\"\(text)\"" : "'\(text)'"
  }
}

extension AtomName {
  /// The name as text.
  public var text: String {
    var bytes: [UInt8] = []
    for shift in stride(from: 56, through: 0, by: -8) where packed >> UInt64(shift) != 0 {
      bytes.append(UInt8(truncatingIfNeeded: packed >> UInt64(shift)))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Atom {
  /// The symbol of the element, as structure files have it.
  fileprivate var symbol: String {
    switch element {
    case .carbon: "C"
    case .nitrogen: "N"
    case .oxygen: "O"
    case .hydrogen: "H"
    case .sulfur: name.text.hasPrefix("SE") ? "SE" : "S"
    case .other: name.text.first.map { String($0) } ?? "X"
    }
  }
}
