import Bytes
import Features
import Records
import Testing

/// Tables of properties by file, in place of the built-in ones.
@Suite struct PropertyTableTests {
  private static let order = Array("ARNDCQEGHILKMFPSTWYV").map(String.init)
  /// Tanford, Hopp and Woods, side chain mass: the built-in table of PAAC.
  private static let pseudo: [(String, [Double])] = [
    (
      "H1",
      [
        0.62, -2.53, -0.78, -0.9, 0.29, -0.85, -0.74, 0.48, -0.4, 1.38, 1.06, -1.5, 0.64, 1.19, 0.12, -0.18, -0.05,
        0.81, 0.26, 1.08,
      ]
    ),
    ("H2", [-0.5, 3, 0.2, 3, -1, 0.2, 3, 0, -0.5, -1.8, -1.8, 3, -1.3, -2.5, 0, 0.3, -0.4, -3.4, -2.3, -1.5]),
    ("M", [15, 101, 58, 59, 47, 72, 73, 1, 82, 57, 57, 73, 75, 91, 42, 31, 45, 130, 107, 43]),
  ]
  private let protein = "MKVLAWGHRRTYPLMNDEQCSTVIFKAAXWWBGHK"

  private func table(_ text: String, _ scale: PropertyTable.Scale = .standard) throws -> PropertyTable {
    try PropertyTable(reading: TableReader(MemorySource(text, name: "p.tsv")), scale: scale)
  }

  /// A row a residue, in the order of `symbols`.
  private func text(_ properties: [(String, [Double])], _ symbols: [String]) -> String {
    var text = (["residue"] + properties.map(\.0)).joined(separator: "\t") + "\n"
    for symbol in symbols {
      let place = Self.order.firstIndex(of: symbol) ?? 0
      text += ([symbol] + properties.map { NumberText.text($0.1[place]) }).joined(separator: "\t") + "\n"
    }
    return text
  }

  /// A row a property.
  private func turned(_ properties: [(String, [Double])]) -> String {
    let rows = properties.map { name, values in
      ([name] + values.map { NumberText.text($0) }).joined(separator: "\t") + "\n"
    }
    return (["property"] + Self.order).joined(separator: "\t") + "\n" + rows.joined()
  }

  @Test func theBuiltInTableAsAFileGivesTheSameNumbers() throws {
    for (encode, count) in [("paac:lambda=5", 3), ("paac:count", 3), ("apaac:lambda=4", 2)] {
      let own = try EncoderCatalog.encoder(encode)
      let properties = Array(Self.pseudo.prefix(count))
      for written in [text(properties, Self.order), text(properties, Self.order.sorted()), turned(properties)] {
        let read = try table(written)
        let other = try EncoderCatalog.encoder(encode, properties: [read])
        #expect(try other.features(of: protein) == own.features(of: protein))
        let mark = try #require(read.mark)
        #expect(mark.hasPrefix("props") && other.names != own.names)
        #expect(other.names.map { Self.without("-" + mark, $0) } == own.names)
      }
    }
  }

  private static func without(_ part: String, _ name: String) -> String {
    let pieces = Array(name)
    let part = Array(part)
    for start in 0...max(0, pieces.count - part.count) where Array(pieces[start...].prefix(part.count)) == part {
      return String(pieces[..<start] + pieces[(start + part.count)...])
    }
    return name
  }

  @Test func theDigestSaysWhichTableItWas() throws {
    let first = try table(text(Self.pseudo, Self.order))
    var values = Self.pseudo
    values[2].1[3] += 0.5
    #expect(try table(turned(Self.pseudo)) == first)
    #expect(try table(text(values, Self.order)).mark != first.mark)
    values = Self.pseudo
    values[2].0 = "mass"
    #expect(try table(text(values, Self.order)).mark != first.mark)
  }

  /// Moran, Geary, NMBroto and AC written out for one property on a text without ambiguous letters.
  @Test func autocorrelationsByTheirFormulas() throws {
    let text = protein.filter { $0 != "X" && $0 != "B" }
    let own = Self.pseudo[0].1
    let mean = own.reduce(0, +) / 20
    let deviation = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20).squareRoot()
    let x = text.map { letter in (own[Self.order.firstIndex(of: String(letter)) ?? 0] - mean) / deviation }
    let (n, m) = (x.count, x.reduce(0, +) / Double(x.count))
    let variance = x.reduce(0) { $0 + ($1 - m) * ($1 - m) }
    let properties = try table(self.text([Self.pseudo[0]], Self.order))
    for lag in 1...3 {
      var (moran, geary, broto) = (0.0, 0.0, 0.0)
      for i in 0..<n - lag {
        moran += (x[i] - m) * (x[i + lag] - m)
        geary += (x[i] - x[i + lag]) * (x[i] - x[i + lag])
        broto += x[i] * x[i + lag]
      }
      let pairs = Double(n - lag)
      let expected = [
        "moran": moran / pairs / (variance / Double(n)), "nmbroto": broto / pairs, "ac": moran / pairs,
        "geary": geary / (2 * pairs) / (variance / Double(n - 1)),
      ]
      for (name, value) in expected {
        let encoder = try EncoderCatalog.encoder("\(name):lag=3", properties: [properties])
        let seen = try #require(try encoder.features(of: text))
        #expect(seen.count == 3 && difference(seen[lag - 1], value) < 1e-12, "\(name), lag \(lag)")
      }
    }
  }

  @Test func dinucleotidesHaveTablesOfTheirOwn() throws {
    let letters = ["A", "C", "G", "T"]
    var rows = "step\tfirst\tsecond\n"
    for (place, step) in letters.flatMap({ a in letters.map { a + $0 } }).enumerated() {
      rows += "\(step)\t\(place / 4)\t\(place % 4 * 7)\n"
    }
    let properties = try table(rows)
    #expect(properties.subject == .dinucleotides)
    let other = try EncoderCatalog.encoder("dac:lag=2", properties: [properties])
    #expect(
      other.names.map { $0.split(separator: ".").dropFirst().joined(separator: ".") } == [
        "first.lag1", "first.lag2", "second.lag1", "second.lag2",
      ])
    // The second letter of a step is the first of the next: P2_i and P1_{i+1} are one and the same, standardised.
    let values = try #require(try other.features(of: "ACGTTGCAACTG"))
    #expect(values.allSatisfy { $0.isFinite })
    let unmoved = try EncoderCatalog.encoder("paac", properties: [properties])
    #expect(try EncoderCatalog.encoder("paac").names == unmoved.names)
  }

  @Test(arguments: [
    ("residue\n", "at least one more"), ("residue\tx\n", "missing"), ("residue\tx\nA\t1\nA\t2\n", "'A' comes twice"),
    ("residue\tx\nJ\t1\n", "'J' is no residue"), ("step\tx\nAN\t1\n", "'AN' is no dinucleotide"),
    ("residue\tx\nA\tNA\n", "properties have no gaps"), ("residue\tx\nA\tone\n", "is not a number"),
    ("residue\tx\nA\t-2e100\n", "-2e100 is more than a property can be"),
  ]) func whatIsNoTable(text: String, message: String) {
    do {
      _ = try table(text)
      Issue.record("'\(text)' was read")
    } catch let error as RecordError {
      #expect(error.diagnostic.message.contains(message), "\(error.diagnostic.message)")
    } catch {
      Issue.record("\(error)")
    }
  }

  /// The dinucleotides' published values are standardised already, by the sample SD and rounded.
  @Test(arguments: ["dac:lag=4", "psednc:lambda=5", "pseknc:k=3"]) func rawValuesAreTakenAsTheyStand(
    _ encode: String
  ) throws {
    let published = GoldenFiles.text(GoldenFiles.fixtures + "written/tables/dinucleotide6.tsv")
    let (raw, standard) = (try table(published, .raw), try table(published))
    let mark = try #require(raw.mark)
    #expect(mark == "raw" + (standard.mark ?? ""))
    let own = try EncoderCatalog.encoder(encode)
    let letters = "ACGTTGCAACTGGGATCCNTAGGCATTACGGATATTC"
    let other = try EncoderCatalog.encoder(encode, properties: [raw])
    #expect(try other.features(of: letters) == own.features(of: letters))
    #expect(other.names.map { Self.without("-" + mark, $0) } == own.names)
    let scaled = try EncoderCatalog.encoder(encode, properties: [standard])
    #expect(try scaled.features(of: letters) != own.features(of: letters))
  }

  @Test func aConstantPropertyIsRefused() throws {
    let constant = [("flat", [Double](repeating: 3, count: 20))]
    #expect(throws: RecordError.self) { try table(text(constant, Self.order)) }
    #expect(try table(text(constant, Self.order), .raw).values == [[Double](repeating: 3, count: 20)])
  }

  /// A unit of any size gives the same standardised values.
  @Test(arguments: [1e-300, 1e-170, 1e-9, 1e99]) func unitsDoNotMatter(unit: Double) throws {
    let own = try table(text([Self.pseudo[1]], Self.order)).values[0]
    let other = try table(text([("H2", Self.pseudo[1].1.map { $0 * unit })], Self.order)).values[0]
    for (a, b) in zip(own, other) { #expect(difference(a, b) < 1e-14) }
  }
}
