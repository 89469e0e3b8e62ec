import Bytes
import Records

/// Reads structures, one a file: PDB, or mmCIF where the first word is `data_…`; plain or compressed.
public enum StructureReader {
  /// The forms of a structure file.
  public enum Format: String, Sendable, CaseIterable {
    case auto, pdb, mmcif
  }

  /// The longest line, in bytes; of a PDB file 80 are usual, of mmCIF at most 2048.
  static let maxLine = 1 << 20

  /// Reads a structure from a file, or standard input for `-`.
  ///
  /// - Parameters:
  ///   - id: the id; nil takes it from the name of the file, of standard input from the entry.
  ///   - warn: takes warnings.
  /// - Throws: an `IOFailure`, a `RecordError` of the archive, or a `StructureError`.
  public static func read(
    _ path: String, id: String? = nil, format: Format = .auto, options: StructureOptions = StructureOptions(),
    warn: (Diagnostic) -> Void = { _ in }
  ) throws -> Structure {
    try read(
      Input.open(path), id: id ?? (path == "-" ? nil : self.id(of: path)), format: format, options: options, warn: warn)
  }

  /// Reads a structure from a source.
  public static func read(
    _ source: BlockSource, id: String?, format: Format = .auto, options: StructureOptions = StructureOptions(),
    warn: (Diagnostic) -> Void = { _ in }
  ) throws -> Structure {
    let lines = LineReader(source, maxLine: maxLine)
    do {
      return try read(lines, id, format, options, warn)
    } catch let error as RecordError where error.kind == .limit {
      throw StructureError(.limit, error.message, at: error.place, hint: "no structure has such lines")
    }
  }

  private static func read(
    _ lines: LineReader, _ id: String?, _ format: Format, _ options: StructureOptions, _ warn: (Diagnostic) -> Void
  ) throws -> Structure {
    while let line = try lines.next() {
      let word = firstWord(line)
      if word.isEmpty || format == .auto && word[0] == UInt8(ascii: "#") { continue }
      if format == .mmcif || format == .auto && CIFTokens.isData(word) {
        var reader = CIFReader(CIFTokens(lines, from: line), options)
        return try reader.read(id: id, warn: warn)
      }
      var reader = PDBReader(lines, options)
      return try reader.read(from: line, id: id, warn: warn)
    }
    throw StructureError(.absent, "the structure is empty", at: SourceLocation(source: lines.name))
  }

  /// The id that a file gives: its name without folder, compression and format.
  public static func id(of path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for endings in [[".gz", ".bgz"], [".pdb", ".ent", ".cif", ".mmcif", ".pdb1"]] {
      for ending in endings where name.utf8.count > ending.utf8.count && name.lowercased().hasSuffix(ending) {
        name.removeLast(ending.count)
        break
      }
    }
    return name
  }

  private static func firstWord(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let start = line.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? line.count
    let end = line[start...].firstIndex { $0 == 0x20 || $0 == 0x09 } ?? line.count
    return UnsafeBufferPointer(rebasing: line[start..<end])
  }

  /// A coordinate in Å: a decimal number of at most a million, perhaps with a sign and without digits on one side of
  /// its point; throws a `StructureError`.
  static func coordinate(
    _ text: UnsafeBufferPointer<UInt8>, _ place: @autoclosure () -> SourceLocation
  ) throws -> Double {
    var value = NumberText.double(text)
    if value == nil { value = plainDecimal(text) }
    guard let value else {
      throw StructureError(.number, "the coordinate \(Diagnostic.quoted(bytes: text)) is no number", at: place())
    }
    guard abs(value) <= 1_000_000 else {
      throw StructureError(
        .number, "the coordinate \(Diagnostic.quoted(bytes: text)) is beyond 1000000 Å", at: place())
    }
    return value
  }

  /// A decimal such as `+1.5`, `.5` or `2.`, which JSON does not write; nil for other text.
  private static func plainDecimal(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var digits: [UInt8] = []
    var rest = text[...]
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      if sign == UInt8(ascii: "-") { digits.append(sign) }
      rest = rest.dropFirst()
    }
    guard rest.contains(where: { $0 &- 48 < 10 }) else { return nil }
    if rest.first == UInt8(ascii: ".") { digits.append(48) }
    digits.append(contentsOf: rest)
    if rest.last == UInt8(ascii: ".") { digits.append(48) }
    return digits.withUnsafeBufferPointer { NumberText.double($0) }
  }
}
