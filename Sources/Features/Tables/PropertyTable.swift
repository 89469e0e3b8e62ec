import Bytes
import Records

/// Properties of residues, or of dinucleotides, as the encoders use them.
public struct PropertyTable: Sendable, Equatable {
  /// The kind of symbol that the properties describe: residues or dinucleotides.
  public enum Subject: String, Sendable {
    case residues, dinucleotides

    /// Their letters: residues in the order of the published tables, dinucleotides AA, AC … TT.
    var symbols: [String] {
      if self == .residues { return ResidueProperties.order.map(String.init) }
      let letters = alphabet.letters.map(String.init)
      return letters.flatMap { first in letters.map { first + $0 } }
    }

    /// Values in the order of `symbols`, by code.
    func byCode(_ values: [Double]) -> [Double] {
      if self == .dinucleotides { return values }
      var row = values
      for (column, code) in alphabet.codes(ResidueProperties.order).enumerated() { row[code] = values[column] }
      return row
    }

    /// The alphabet of the symbols.
    public var alphabet: Alphabet { self == .residues ? .protein : .nucleotide }
  }

  /// The scaling of the values of a file.
  public enum Scale: String, Sendable, CaseIterable {
    /// z = (x − mean) / population SD over the twenty residues or sixteen dinucleotides.
    case standard
    /// The values are used unchanged.
    case raw
  }

  /// The kind of symbol that the table describes.
  public let subject: Subject
  /// The name of each property.
  public let names: [String]
  /// The values by property and code.
  public let values: [[Double]]
  /// The mark of a file's table in the names of features: `props` and six digits of a digest of its names and
  /// values, or `rawprops`; nil for a built-in table.
  public let mark: String?
  /// Squares of larger values could not be summed.
  private static let largest = 1e100

  /// A built-in table of values that are standardised already.
  init(_ subject: Subject, names: [String], standardized values: [[Double]]) {
    (self.subject, self.names, self.values, mark) = (subject, names, values, nil)
  }

  /// A built-in table of residues.
  /// - Parameter tables: for each property its name and twenty values in the order of `ResidueProperties`.
  init(_ tables: [(name: String, values: [Double])]) {
    let standardized = tables.map { table in
      guard let row = Self.standardize(table.values) else { preconditionFailure("\(table.name) is constant") }
      return Subject.residues.byCode(row)
    }
    self.init(.residues, names: tables.map(\.name), standardized: standardized)
  }

  /// Reads a table with one row per residue (or dinucleotide) and one column per property, or transposed; the first
  /// column names the rows. Each of the twenty residues, or of the sixteen dinucleotides, occurs once.
  /// - Throws: `RecordError` with the place of what can't be.
  public init(reading table: TableReader, scale: Scale = .standard) throws {
    let start = SourceLocation(source: table.name, line: 1)
    guard table.columns.count > 1 else {
      throw RecordError(.column, "a table of properties has a column of names and at least one more", at: start)
    }
    let heads = Array(table.columns.dropFirst())
    var rows: [(name: String, values: [Double], place: SourceLocation)] = []
    while let row = try table.next() {
      let values = try heads.indices.map { column in
        guard let value = try row.number(column + 1) else {
          throw RecordError(
            .number, "\(Diagnostic.quoted(heads[column])) is missing: properties have no gaps",
            at: row.place(of: column + 1))
        }
        guard abs(value) <= Self.largest else {
          throw RecordError(
            .number, "\(NumberText.text(value)) is more than a property can be (1e100)", at: row.place(of: column + 1))
        }
        return value
      }
      rows.append((try row.id(0), values, row.place))
    }
    let isTurned = Self.subject(of: heads) != nil
    let symbols = isTurned ? heads : rows.map(\.name)
    guard let subject = Self.subject(of: symbols) else {
      throw Self.wrongSymbols(symbols, rows: rows.map { ($0.name, $0.place) }, start)
    }
    let properties = isTurned ? rows.map { ($0.name, $0.place) } : heads.map { ($0, start) }
    var (names, values) = ([String](), [[Double]]())
    for (number, property) in properties.enumerated() {
      if names.contains(property.0) {
        throw RecordError(.column, "the property \(Diagnostic.quoted(property.0)) comes twice", at: property.1)
      }
      names.append(property.0)
      values.append(
        subject.symbols.map { symbol in
          let place = symbols.firstIndex(of: symbol) ?? 0
          return isTurned ? rows[number].values[place] : rows[place].values[number]
        })
    }
    self.values = try values.enumerated().map { number, row in
      guard let scaled = scale == .raw ? row : Self.standardize(row) else {
        throw RecordError(
          .number, "the property \(Diagnostic.quoted(names[number])) is the same for all: it can't be standardised",
          at: properties[number].1)
      }
      return subject.byCode(scaled)
    }
    (self.subject, self.names) = (subject, names)
    mark = (scale == .raw ? "rawprops" : "props") + Self.digest(names, values)
  }

  /// PROPERTY.lag1 … for each property.
  func lagNames(_ lags: Int) -> [String] {
    names.flatMap { name in (1...lags).map { "\(name).lag\($0)" } }
  }

  /// (x − mean) / population SD; nil where all are equal.
  private static func standardize(_ values: [Double]) -> [Double]? {
    guard let first = values.first, values.contains(where: { $0 != first }) else { return nil }
    // The power of two changes no bit of the result, and leaves no square too small or too large.
    let largest = values.reduce(0) { max($0, abs($1)) }
    let scaled = values.map { Double(sign: .plus, exponent: -Int(largest.exponent), significand: $0) }
    let count = Double(scaled.count)
    let mean = scaled.reduce(0, +) / count
    let deviation = (scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    return scaled.map { ($0 - mean) / deviation }
  }

  private static func subject(of symbols: [String]) -> Subject? {
    [Subject.residues, .dinucleotides].first { $0.symbols.sorted() == symbols.sorted() }
  }

  private static func wrongSymbols(
    _ symbols: [String], rows: [(name: String, place: SourceLocation)], _ start: SourceLocation
  ) -> RecordError {
    let hint =
      "rows (or columns) are the residues \(Alphabet.protein.letters), or the dinucleotides AA to TT, once each"
    let likely: Subject = rows.first { $0.name.count == 2 } == nil ? .residues : .dinucleotides
    var seen: Set<String> = []
    for row in rows {
      if !likely.symbols.contains(row.name) {
        let what = likely == .residues ? "residue" : "dinucleotide"
        return RecordError(.text, "\(Diagnostic.quoted(row.name)) is no \(what)", at: row.place, hint: hint)
      }
      if !seen.insert(row.name).inserted {
        return RecordError(.text, "\(Diagnostic.quoted(row.name)) comes twice", at: row.place, hint: hint)
      }
    }
    let absent = likely.symbols.filter { !seen.contains($0) }.joined(separator: ", ")
    return RecordError(.text, "the properties of \(absent) are missing", at: start, hint: hint)
  }

  private static func digest(_ names: [String], _ values: [[Double]]) -> String {
    let lines = zip(names, values).map { name, row in
      ([name] + row.map { NumberText.text($0) }).joined(separator: "\t")
    }
    return String(SHA256.digest12(of: lines).prefix(6))
  }
}
