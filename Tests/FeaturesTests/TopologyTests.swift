import Bytes
import Features
import Testing

/// The encoders of kind topology beside their definition in NumPy (Fixtures/topology).
@Suite struct TopologyTests {
  private static let order = "ARNDCQEGHILKMFPSTWYV"
  /// The encoders in the order of the fixture's columns, with their widths.
  private static let encoders = [
    ("regions", 100), ("hydropathy", 10), ("windows", 54), ("complexity", 4), ("charge", 7), ("moments", 10),
    ("motifs", 88), ("ends", 3), ("loglength:square", 2),
  ]

  @Test func equalsTheDefinition() throws {
    let rows = GoldenFiles.rows(GoldenFiles.fixtures + "topology/topology.tsv")
    #expect(rows.count > 50)
    var worst: [String: Double] = [:]
    for row in rows {
      var expected = try row.dropFirst().map { try #require(Double($0)) }[...]
      for (name, width) in Self.encoders {
        let encoder = try EncoderCatalog.encoder(name)
        let part = Array(expected.prefix(width))
        expected = expected.dropFirst(width)
        guard let features = try encoder.features(of: row[0]) else {
          Issue.record("\(name) has no features of \(row[0])")
          continue
        }
        try #require(features.count == width)
        for (column, value) in features.enumerated() {
          let wanted = part[name == "regions" ? Self.column(encoder.names[column], column) : column]
          let difference = abs(value - wanted)
          worst[name] = max(worst[name] ?? 0, difference)
          #expect(difference < 1e-10, "\(encoder.names[column]) of \(row[0]) is \(value) for \(wanted)")
        }
      }
      #expect(expected.isEmpty)
    }
    #expect(worst.count == Self.encoders.count)
  }

  /// The fixture's column of a share, whose residues have the order of the published tables.
  private static func column(_ name: String, _ column: Int) -> Int {
    let place = name.last.flatMap { order.firstIndex(of: $0) } ?? order.endIndex
    return column / 20 * 20 + order.distance(from: order.startIndex, to: place)
  }

  @Test func theLengthPlusOne() throws {
    let encoder = try EncoderCatalog.encoder("loglength")
    #expect(encoder.names == ["loglength.plusone.log"])
    #expect(try encoder.features(of: "MKX") == [1.3862943611198906])
  }

  /// The sets of positions count what the plain matcher finds, at every length around a word.
  @Test func motifsAreCountedAsTheyMatch() throws {
    let patterns = [
      "C..C", "A{3}", "C.{1,3}C.{5,25}C.{1,3}C", "L.{6}L.{6}L.{6}L", "RS|SR", "N[^P][ST]", "GXG|W", "A..",
    ]
    let motifs = patterns.map { Motif($0) }
    let scan = MotifScan(motifs)
    var random = RandomStream(seed: 3)
    var total = 0
    for length in Array(1...70) + [127, 128, 129, 400] {
      let codes = (0..<length).map { _ in [0, 1, 5, 9, 11, 12, 14, 15, 18, 22, 23][random.below(11)] as UInt8 }
      codes.withUnsafeBufferPointer { codes in
        scan.count(codes) { motif, count in
          let plain = codes.indices.count { motifs[motif].match(codes, at: $0) != nil }
          #expect(count == plain, "\(patterns[motif]) of \(length) letters")
          total += count
        }
      }
    }
    #expect(total > 300)
  }

  /// Without a transmembrane segment its features lie nowhere.
  @Test func segmentsLieOnTheirMiddles() throws {
    let encoder = try EncoderCatalog.encoder("hydropathy")
    var residues = Residues(.protein)
    try residues.read(
      String(repeating: "S", count: 30) + String(repeating: "L", count: 19) + String(repeating: "S", count: 30))
    var places: Set<Int> = []
    residues.codes.withUnsafeBufferPointer { codes in
      encoder.occurrences(in: codes) { if $0.feature == 0 { places.insert($0.first) } }
    }
    #expect(places.contains(39) && places.allSatisfy { (30...48).contains($0) })
    #expect(try encoder.features(of: String(repeating: "S", count: 80))?[0] == 0)
  }
}
