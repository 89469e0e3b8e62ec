import Features
import Testing

/// Encoders beside their definitions, written out in Python (Fixtures/written); BLOSUM62 is Biopython's.
@Suite struct WrittenOutTests {
  private struct Case: Hashable {
    var encode: String
    var sequence: String
  }

  @Test func equalsTheDefinition() throws {
    var cases: [Case: [String: Double]] = [:]
    for row in GoldenFiles.rows(GoldenFiles.fixtures + "written/written.tsv").dropFirst() where row.count == 4 {
      cases[Case(encode: row[0], sequence: row[1]), default: [:]][row[2]] = try #require(Double(row[3]))
    }
    #expect(Set(cases.keys.map(\.encode)).count == 20)
    for (written, expected) in cases {
      let encoder = try EncoderCatalog.encoder(written.encode)
      let features = try #require(try encoder.features(of: written.sequence))
      var found = 0
      for (name, value) in zip(encoder.names, features) where value != 0 {
        let component = Self.component(name)
        let wanted = try #require(expected[component], "\(written): \(name) is \(value), not 0")
        #expect(difference(value, wanted) < 1e-12, "\(written), \(component)")
        found += 1
      }
      #expect(found == expected.count, "\(written)")
    }
  }

  /// The order terms off their defaults, and CTD, with and without letters that name no residue.
  @Test func ordersEqualTheirDefinition() throws {
    let rows = GoldenFiles.rows(GoldenFiles.fixtures + "written/orders.tsv").dropFirst()
    #expect(rows.count == 57)
    for row in rows {
      let encoder = try EncoderCatalog.encoder(row[0])
      let features = try #require(try encoder.features(of: row[1]))
      let expected = try row[2].split(separator: " ").map { try #require(Double($0)) }
      try #require(features.count == expected.count, "\(row[0])")
      for (name, (value, wanted)) in zip(encoder.names, zip(features, expected)) {
        let isSame = abs(value - wanted) <= 1e-15 || difference(value, wanted) < 1e-10
        #expect(isSame, "\(row[0]) of \(row[1]): \(name) is \(value) for \(wanted)")
      }
    }
  }

  /// The part of a name behind encoder, settings and variant; `p3.A` keeps its place.
  private static func component(_ name: String) -> String {
    let parts = name.split(separator: ".").map(String.init)
    guard let last = parts.last else { return name }
    let place = parts.dropLast().last ?? ""
    let isPlace = place.count > 1 && place.hasPrefix("p") && place.dropFirst().allSatisfy(\.isNumber)
    return isPlace ? "\(place).\(last)" : last
  }
}
