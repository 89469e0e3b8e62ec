import Bytes

/// Reads the atoms of an mmCIF file: the loop `_atom_site` of its data block.
///
/// Chains, numbers and names are those of the authors (`auth_…`), as a PDB file of the same entry has them; where these
/// are missing, those of the archive (`label_…`).
struct CIFReader {
  private var tokens: CIFTokens
  private let options: StructureOptions
  private var builder: StructureBuilder
  private var block: String?
  private var hasAtoms = false
  /// Whether the file ends within the loop of atoms, as far as can be seen: files end it with a line of `#`.
  private var endsInAtoms = false
  private var models: Set<Int> = []
  private var chosen: Int?

  init(_ tokens: CIFTokens, _ options: StructureOptions) {
    self.tokens = tokens
    self.options = options
    builder = StructureBuilder(options)
    chosen = options.model
  }

  /// Reads to the end of the file; `warn` takes what may mean a cut file. Throws a `StructureError` for what is not
  /// CIF, and for a file without atoms.
  mutating func read(id: String?, warn: (Diagnostic) -> Void) throws -> Structure {
    let source = tokens.place.source
    var word = try tokens.next()
    while word != .end {
      switch word {
      case .data:
        if block == nil { block = String(decoding: tokens.bytes, as: UTF8.self) }
        word = try tokens.next()
      case .loop: word = try readLoop()
      case .name:
        let name = String(decoding: tokens.bytes, as: UTF8.self)
        let place = tokens.place
        guard try tokens.next() == .value else {
          throw StructureError(.syntax, "\(Diagnostic.quoted(name)) has no value", at: place)
        }
        if name.lowercased().hasPrefix("_atom_site.") {
          throw StructureError(.syntax, "\(Diagnostic.quoted(name)) is not in a loop", at: place)
        }
        word = try tokens.next()
      case .save: throw StructureError(.syntax, "a save frame: the file is a dictionary", at: tokens.place)
      case .value, .end:
        throw StructureError(
          .syntax, "the value \(Diagnostic.quoted(bytes: tokens.bytes)) belongs to no name", at: tokens.place)
      }
    }
    guard hasAtoms else {
      throw StructureError(.absent, "the file has no loop of _atom_site", at: .init(source: source))
    }
    if endsInAtoms {
      var warning = Diagnostic(
        .data, "nothing follows the last atom, not even a line of '#': the file may be cut",
        at: SourceLocation(source: source, line: tokens.place.line))
      warning.topic = "files that end with an atom"
      warn(warning)
    }
    return try builder.finish(
      id: id ?? block.flatMap { $0.isEmpty ? nil : $0 } ?? "structure", source: source, models: models.count)
  }

  /// Reads a loop, whose rows are atoms or are only counted; returns the word behind it.
  private mutating func readLoop() throws -> CIFTokens.Word {
    let begin = tokens.place
    var names: [String] = []
    var word = try tokens.next()
    while word == .name {
      names.append(String(decoding: tokens.bytes, as: UTF8.self).lowercased())
      word = try tokens.next()
    }
    guard !names.isEmpty else { throw StructureError(.syntax, "the loop names no column", at: begin) }
    var columns: AtomColumns?
    if names[0].hasPrefix("_atom_site.") {
      if hasAtoms {
        throw StructureError(
          .syntax, "there is a second loop of _atom_site", at: begin, hint: "give each structure as a file of its own")
      }
      hasAtoms = true
      columns = try AtomColumns(names, at: begin)
    }
    var column = 0
    while word == .value {
      if let columns {
        try columns.take(tokens, column)
        if column == names.count - 1 { try finishRow(columns) }
      }
      column = column == names.count - 1 ? 0 : column + 1
      word = try tokens.next()
    }
    if column != 0 {
      throw StructureError(
        .syntax, "the last row of the loop has \(column) of \(names.count) values: the file was cut or edited",
        at: tokens.place)
    }
    if columns != nil { endsInAtoms = word == .end && !tokens.followsComment }
    return word
  }

  private mutating func finishRow(_ columns: AtomColumns) throws {
    defer { columns.clear() }
    // Of a row the line is said: what is faulty or missing may be any of its values.
    let place = SourceLocation(source: tokens.place.source, line: tokens.place.line)
    let model = try columns.model(at: place) ?? 1
    models.insert(model)
    if chosen == nil { chosen = model }
    if model != chosen { return builder.countOtherModel() }
    try columns.withFields(at: place) { try builder.add($0, at: place) }
  }
}

/// The columns of `_atom_site` that are read, and their values in one row.
private final class AtomColumns {
  enum Column: Int, CaseIterable {
    case group, symbol, atom, labelAtom, alternate, residue, labelResidue, chain, labelChain, number, labelNumber
    case insertion, x, y, z, model

    var name: String {
      switch self {
      case .group: "group_pdb"
      case .symbol: "type_symbol"
      case .atom: "auth_atom_id"
      case .labelAtom: "label_atom_id"
      case .alternate: "label_alt_id"
      case .residue: "auth_comp_id"
      case .labelResidue: "label_comp_id"
      case .chain: "auth_asym_id"
      case .labelChain: "label_asym_id"
      case .number: "auth_seq_id"
      case .labelNumber: "label_seq_id"
      case .insertion: "pdbx_pdb_ins_code"
      case .x: "cartn_x"
      case .y: "cartn_y"
      case .z: "cartn_z"
      case .model: "pdbx_pdb_model_num"
      }
    }
  }

  /// The columns of the loop, by their numbers; nil for those that are not read.
  private let wanted: [Column?]
  private var bytes: [UInt8] = []
  /// The range of each column's value in `bytes`; nil where it is `.`, `?` or not in the loop.
  private var ranges = [Range<Int>?](repeating: nil, count: Column.allCases.count)

  init(_ names: [String], at place: SourceLocation) throws {
    var seen: Set<String> = []
    var found: [Column?] = []
    for name in names {
      guard name.hasPrefix("_atom_site."), seen.insert(name).inserted else {
        throw StructureError(
          .syntax, "the column \(Diagnostic.quoted(name)) of _atom_site is there twice or of another table", at: place)
      }
      let short = name.dropFirst("_atom_site.".count)
      found.append(Column.allCases.first { $0.name == short })
    }
    wanted = found
    func require(_ columns: [Column]) throws {
      if columns.contains(where: { found.contains($0) }) { return }
      throw StructureError(.syntax, "_atom_site has no column \(columns[0].name)", at: place)
    }
    for column in [Column.x, .y, .z] { try require([column]) }
    try require([.labelAtom, .atom])
    try require([.labelResidue, .residue])
    try require([.labelChain, .chain])
    try require([.labelNumber, .number])
  }

  /// Keeps a value of the row; throws a `StructureError` for a text of several lines.
  func take(_ tokens: CIFTokens, _ column: Int) throws {
    guard let column = wanted[column] else { return }
    if tokens.isText {
      throw StructureError(.syntax, "the \(column.name) of an atom is a text of several lines", at: tokens.place)
    }
    let value = tokens.bytes
    if !tokens.isQuoted, value.count == 1, value[0] == UInt8(ascii: ".") || value[0] == UInt8(ascii: "?") { return }
    let start = bytes.count
    bytes.append(contentsOf: value)
    ranges[column.rawValue] = start..<bytes.count
  }

  func clear() {
    bytes.removeAll(keepingCapacity: true)
    for i in ranges.indices { ranges[i] = nil }
  }

  /// The model of the row; nil where there is none.
  func model(at place: SourceLocation) throws -> Int? {
    try bytes.withUnsafeBufferPointer { all in
      guard let range = ranges[Column.model.rawValue] else { return nil }
      return try AtomColumns.integer(UnsafeBufferPointer(rebasing: all[range]), "model", place)
    }
  }

  private static func integer(
    _ text: UnsafeBufferPointer<UInt8>, _ what: String, _ place: SourceLocation
  ) throws -> Int {
    if let number = NumberText.integer(text) { return number }
    throw StructureError(
      .number, "the \(what) \(Diagnostic.quoted(bytes: text)) is no integer", at: place)
  }

  /// Calls `body` with the atom of the row; throws a `StructureError` for what is missing or wrong.
  func withFields(at place: SourceLocation, _ body: (AtomFields) throws -> Void) throws {
    try bytes.withUnsafeBufferPointer { try body(fields($0, place)) }
  }

  private func fields(_ all: UnsafeBufferPointer<UInt8>, _ place: SourceLocation) throws -> AtomFields {
    func value(_ columns: Column...) -> UnsafeBufferPointer<UInt8>? {
      for column in columns {
        if let range = ranges[column.rawValue] { return UnsafeBufferPointer(rebasing: all[range]) }
      }
      return nil
    }
    func require(_ value: UnsafeBufferPointer<UInt8>?, _ column: Column) throws -> UnsafeBufferPointer<UInt8> {
      if let value { return value }
      throw StructureError(.syntax, "the atom has no \(column.name)", at: place)
    }
    func coordinate(_ column: Column) throws -> Double {
      try StructureReader.coordinate(try require(value(column), column), place)
    }
    let none = UnsafeBufferPointer(rebasing: all[..<0])
    let insertion = value(.insertion) ?? none
    if insertion.count > 1 {
      throw StructureError(
        .syntax, "the insertion code \(Diagnostic.quoted(bytes: insertion)) has several letters", at: place)
    }
    let number = try value(.number, .labelNumber).map { try Self.integer($0, "residue number", place) }
    return AtomFields(
      isHetero: value(.group)?.first == UInt8(ascii: "H"),
      name: try require(value(.atom, .labelAtom), .labelAtom),
      alternate: value(.alternate)?.first, residue: try require(value(.residue, .labelResidue), .labelResidue),
      chain: value(.chain, .labelChain) ?? none,
      number: number,
      insertion: insertion.first, position: Point(try coordinate(.x), try coordinate(.y), try coordinate(.z)),
      element: value(.symbol) ?? none)
  }
}
