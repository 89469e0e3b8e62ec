import Bytes
import Records

/// Reads the fixed columns of the PDB format (version 3.3, and older files).
///
/// Read are MODEL, ATOM, HETATM, ENDMDL, END and the code in HEADER; other records are passed over. Atoms after END are
/// an error: two structures in one file would become one.
struct PDBReader {
  private let lines: LineReader
  private let options: StructureOptions
  private var builder: StructureBuilder
  private var code = ""
  /// The number of MODEL records so far; the one that is taken, and whether its atoms come now.
  private var models = 0
  private var chosen: Int?
  private var isChosen: Bool
  private var hasAtoms = false
  private var hasEnded = false

  init(_ lines: LineReader, _ options: StructureOptions) {
    self.lines = lines
    self.options = options
    builder = StructureBuilder(options)
    chosen = options.model
    // A file without MODEL records is model 1.
    isChosen = chosen == nil || chosen == 1
  }

  /// Reads the lines from `first` to the end of the file; `warn` takes what may mean a cut file.
  mutating func read(
    from first: UnsafeBufferPointer<UInt8>, id: String?, warn: (Diagnostic) -> Void
  ) throws -> Structure {
    var line: UnsafeBufferPointer<UInt8>? = first
    while let current = line {
      try take(current)
      line = try lines.next()
    }
    let structure = try builder.finish(
      id: id ?? (code.isEmpty ? "structure" : code), source: lines.name, models: models)
    if !hasEnded {
      var warning = Diagnostic(
        .data, "there is no END record: the file may be cut", at: SourceLocation(source: lines.name, line: lines.line))
      warning.topic = "files without an END record"
      warn(warning)
    }
    return structure
  }

  private mutating func take(_ line: UnsafeBufferPointer<UInt8>) throws {
    let record = Self.record(line)
    switch record {
    case Self.atom, Self.hetatm:
      if hasEnded {
        throw StructureError(
          .syntax, "there are atoms after END", at: lines.place(),
          hint: "give each structure as a file of its own, models between MODEL and ENDMDL")
      }
      hasAtoms = true
      guard isChosen else { return builder.countOtherModel() }
      let place = lines.place()
      try builder.add(fields(line, isHetero: record == Self.hetatm), at: place)
    case Self.model: try begin(line)
    case Self.endModel: isChosen = false
    case Self.end: hasEnded = true
    case Self.header where line.count >= 66:
      code = String(decoding: Self.trimmed(line, 62, 66), as: UTF8.self)
    default: break
    }
  }

  private mutating func begin(_ line: UnsafeBufferPointer<UInt8>) throws {
    let text = Self.trimmed(line, 6, line.count)
    // Some programs leave the number out.
    guard let number = text.isEmpty ? models + 1 : NumberText.integer(text) else {
      throw StructureError(
        .number, "the number of the model, \(Diagnostic.quoted(bytes: text)), is none", at: lines.place(column: 7))
    }
    if models == 0 && hasAtoms {
      throw StructureError(.syntax, "there are atoms before the first MODEL", at: lines.place())
    }
    models += 1
    if chosen == nil { chosen = number }
    isChosen = number == chosen
  }

  private func fields(_ line: UnsafeBufferPointer<UInt8>, isHetero: Bool) throws -> AtomFields {
    guard line.count >= 54 else {
      throw StructureError(
        .syntax, "the line of an atom ends in column \(line.count), before its coordinates do (54): it was cut",
        at: lines.place(column: line.count + 1), hint: "fetch or write the file again")
    }
    // Some programs write chains of two letters into the blank column before the chain's own.
    let chain = line[20] == 0x20 ? Self.trimmed(line, 21, 22) : Self.trimmed(line, 20, 22)
    return AtomFields(
      isHetero: isHetero, name: Self.trimmed(line, 12, 16), alternate: line[16] == 0x20 ? nil : line[16],
      residue: Self.trimmed(line, 17, 20), chain: chain, number: try number(line),
      insertion: line[26] == 0x20 ? nil : line[26],
      position: Point(try coordinate(line, 30), try coordinate(line, 38), try coordinate(line, 46)),
      element: Self.trimmed(line, 76, 78))
  }

  private func number(_ line: UnsafeBufferPointer<UInt8>) throws -> Int {
    let text = Self.trimmed(line, 22, 26)
    if let number = NumberText.integer(text) { return number }
    throw StructureError(
      .number, "the residue number \(Diagnostic.quoted(bytes: text)) is no integer", at: lines.place(column: 23),
      hint: "numbers beyond 9999 with letters are not read: mmCIF has room for them")
  }

  private func coordinate(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) throws -> Double {
    try StructureReader.coordinate(Self.trimmed(line, start, start + 8), lines.place(column: start + 1))
  }

  /// The bytes of the columns from `start` up to `end`, from 0, without blanks around them.
  private static func trimmed(
    _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (start, min(end, line.count))
    while start < end, line[start] == 0x20 { start += 1 }
    while end > start, line[end - 1] == 0x20 { end -= 1 }
    return UnsafeBufferPointer(rebasing: line[min(start, end)..<end])
  }

  /// The name of a record: its first six bytes as a number, blanks for those that are missing.
  private static func record(_ line: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var name: UInt64 = 0
    for i in 0..<6 { name = name << 8 | UInt64(i < line.count ? line[i] : 0x20) }
    return name
  }

  private static func name(_ text: StaticString) -> UInt64 {
    record(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  private static let atom = name("ATOM")
  private static let hetatm = name("HETATM")
  private static let model = name("MODEL")
  private static let endModel = name("ENDMDL")
  private static let end = name("END")
  private static let header = name("HEADER")
}
