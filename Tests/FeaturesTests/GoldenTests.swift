import Features
import Testing

/// One reference file and what must give its numbers.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  var file: String
  var encode: String
  var tolerance: Double
  /// Differences below this are taken as equal (values that are sums of cancelling terms).
  var floor = 0.0
  var testDescription: String { "\(encode) against \(file)" }

  static let all: [GoldenCase] = [
    GoldenCase(file: "ct64_freq", encode: "ct64", tolerance: 1e-12),
    GoldenCase(file: "ct64_count", encode: "ct64:count", tolerance: 0),
    GoldenCase(file: "ct64_shen", encode: "ct64:shen", tolerance: 1e-12),
    GoldenCase(file: "ct64_minmax", encode: "ct64:minmax", tolerance: 1e-12),
    GoldenCase(file: "ct343_freq", encode: "ct343", tolerance: 1e-12),
    GoldenCase(file: "ct343_count", encode: "ct343:count", tolerance: 0),
    GoldenCase(file: "ct343_shen", encode: "ct343:shen", tolerance: 1e-12),
    GoldenCase(file: "ct343_minmax", encode: "ct343:minmax", tolerance: 1e-12),
    GoldenCase(file: "aac", encode: "aac", tolerance: 1e-12),
    GoldenCase(file: "dpc", encode: "dpc", tolerance: 1e-12),
    GoldenCase(file: "paac40_freq", encode: "paac", tolerance: 1e-9),
    GoldenCase(file: "paac40_count", encode: "paac:count", tolerance: 1e-9),
    GoldenCase(file: "apaac60_freq", encode: "apaac", tolerance: 1e-9),
    GoldenCase(file: "apaac60_count", encode: "apaac:count", tolerance: 1e-9),
    GoldenCase(file: "ctdc39", encode: "ctdc", tolerance: 1e-12),
    GoldenCase(file: "ctdt39", encode: "ctdt", tolerance: 1e-12),
    GoldenCase(file: "ctdd195", encode: "ctdd", tolerance: 1e-12),
    GoldenCase(file: "nmbroto240", encode: "nmbroto", tolerance: 1e-9, floor: 1e-15),
    GoldenCase(file: "ac240", encode: "ac", tolerance: 1e-9, floor: 1e-15),
    GoldenCase(file: "moran240", encode: "moran", tolerance: 1e-9, floor: 1e-15),
    GoldenCase(file: "geary240", encode: "geary", tolerance: 1e-9),
    GoldenCase(file: "socn60", encode: "socn", tolerance: 1e-9),
    GoldenCase(file: "qso100_freq", encode: "qso", tolerance: 1e-9),
    GoldenCase(file: "qso100_count", encode: "qso:count", tolerance: 1e-9),
    GoldenCase(file: "rckmer32_freq", encode: "rckmer", tolerance: 1e-12),
    GoldenCase(file: "psednc19", encode: "psednc", tolerance: 1e-9),
    GoldenCase(file: "dac18", encode: "dac", tolerance: 1e-9, floor: 1e-15),
    GoldenCase(file: "ct64_freq", encode: "kmer", tolerance: 1e-12),
  ]
}

@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.all)
  func smallSet(_ golden: GoldenCase) throws {
    try compare(golden, folder: GoldenFiles.fixtures + "golden/", records: 2)
  }

  // The whole set lies outside the repository; where it is absent only the small one is compared.
  @Test(.enabled(if: GoldenFiles.shared != nil), arguments: GoldenCase.all)
  func wholeSet(_ golden: GoldenCase) throws {
    let folder = try #require(GoldenFiles.shared)
    try compare(golden, folder: folder, records: 10)
  }

  private func compare(_ golden: GoldenCase, folder: String, records: Int) throws {
    let encoder = try EncoderCatalog.encoder(golden.encode)
    let rows = GoldenFiles.rows(folder + golden.file + ".tsv")
    try #require(rows.count > records)
    #expect(rows[0].count == encoder.width + 1)
    let fasta = encoder.alphabet == .protein ? "proteins.fa" : "transcripts.fa"
    let sequences = GoldenFiles.fasta(folder + fasta)
    #expect(sequences.count == rows.count - 1)
    for (row, record) in zip(rows.dropFirst(), sequences) {
      #expect(row[0] == record.id)
      let features = try #require(try encoder.features(of: record.sequence))
      var worst = (0.0, "")
      #expect(features.allSatisfy { $0.isFinite })
      for (column, text) in row.dropFirst().enumerated() {
        let expected = try #require(Double(text))
        if abs(features[column] - expected) <= golden.floor { continue }
        let found = difference(features[column], expected)
        if found > worst.0 { worst = (found, "\(encoder.names[column]) \(features[column]) for \(text)") }
      }
      #expect(worst.0 <= golden.tolerance, "\(record.id): \(worst.1)")
    }
  }

  @Test func namesSayWhatTheyAre() throws {
    #expect(try EncoderCatalog.encoder("ct64").names.first == "ct64.freq.AAA")
    #expect(try EncoderCatalog.encoder("ct343:shen").names.first == "ct343.shen.111")
    #expect(try EncoderCatalog.encoder("aac").names.first == "aac.A")
    #expect(try EncoderCatalog.encoder("dpc").names.last == "dpc.YY")
    #expect(try EncoderCatalog.encoder("paac").names.last == "paac.freq.lambda20")
    #expect(
      try EncoderCatalog.encoder("paac:count,lambda=3,weight=0.1").names.last == "paac-lambda3-w0.1.count.lambda3")
    #expect(try EncoderCatalog.encoder("paac:lambda=10").names.first == "paac-lambda10.freq.A")
    #expect(try EncoderCatalog.encoder("paac:w=0.050").names.first == "paac.freq.A")
  }

  @Test func namesAreUniqueAndMatchTheWidth() throws {
    for entry in EncoderCatalog.entries {
      let encoder = try EncoderCatalog.encoder(entry.name, defaults: ["length": "5"])
      #expect(Set(encoder.names).count == encoder.width)
      #expect(encoder.alphabet == entry.alphabet)
      #expect(encoder.names.allSatisfy { $0.hasPrefix(entry.name) })
    }
  }

  /// seqfeat.md's own check of PAAC.
  @Test func pseudoCompositionOfOneSequence() throws {
    let encoder = try EncoderCatalog.encoder("paac")
    let features = try #require(try encoder.features(of: "MKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNM"))
    #expect(abs(features[0] - 0.04032946988) < 1e-11)
    #expect(abs(features[1] - 0.01008236747) < 1e-11)
    #expect(abs(features[20] - 0.03015682320) < 1e-11)
    #expect(abs(features[21] - 0.03148788764) < 1e-11)
    #expect(abs(features.reduce(0, +) - 1) < 1e-12)
  }
}
