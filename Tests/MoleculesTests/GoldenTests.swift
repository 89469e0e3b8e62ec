import Bytes
import Molecules
import Records
import Testing

/// Atoms, bonds, fingerprints and descriptors against RDKit.
@Suite struct GoldenTests {
  /// The molecules of the fixtures: drugs, cages, ions, metals, radicals, and whatever is odd.
  @Test func moleculesOfTheFixtures() throws {
    let fingerprint = try MoleculeCatalog.encoder("ecfp")
    let descriptors = try MoleculeCatalog.encoder("descriptors")
    let rows = try Golden.rows(Golden.fixtures + "molecules.tsv")
    #expect(rows.count > 250)
    for row in rows {
      let found = try Described(row[1])
      #expect(found.atoms == row[2], "\(row[0]) \(row[1])")
      #expect(found.bonds == row[3], "\(row[0]) \(row[1])")
      #expect(found.columns(fingerprint).map(String.init).joined(separator: ",") == row[4], "\(row[0]) \(row[1])")
      let expected = row[5].split(separator: " ").map { Double($0) ?? .nan }
      for (name, pair) in zip(descriptors.names, zip(found.features(descriptors), expected)) {
        #expect(abs(pair.0 - pair.1) <= 1e-9 * max(1, abs(pair.1)), "\(name) of \(row[0]) \(row[1])")
      }
    }
  }

  static let sets = ["davis", "kiba", "kekule_sample"]

  /// Every column and bond of Davis and KIBA as given, as GraphDTA rewrites them, and in Kekulé form; skipped where the
  /// shared files are absent.
  @Test(.enabled(if: Golden.shared != nil), arguments: sets) func atomsAndBonds(set: String) throws {
    let grapher = try MoleculeCatalog.grapher("graphdta")
    let names = try grapher.schema.nodes
    for row in try Golden.rows(try #require(Golden.shared) + "golden_\(set).tsv.gz") {
      let molecule = try Molecule(smiles: row[2])
      let graph = try grapher.graph(of: molecule, id: row[0], at: SourceLocation(source: "in"))
      #expect(graph.nodeCount == Int(row[3]), "\(row[0]) \(row[1])")
      let lists = row[4...8].map { $0.split(separator: ",").map(String.init) }
      for atom in 0..<graph.nodeCount {
        let columns = graph.nodes[atom * 78..<(atom + 1) * 78]
        let on = zip(names, columns).filter { $0.1 != 0 }
        var expected = [
          "symbol.\(lists[0][atom])", "degree.\(lists[1][atom])", "hydrogens.\(lists[2][atom])",
          "implied.\(lists[3][atom])",
        ]
        if lists[4][atom] == "1" { expected.append("aromatic") }
        #expect(on.map(\.0) == expected, "atom \(atom) of \(row[0]) \(row[1])")
        #expect(on.allSatisfy { $0.1 == 1 / Double(expected.count) })
        #expect(graph.nodeIds[atom] == "\(atom):\(lists[0][atom])")
      }
      let bonds = row[9].split(separator: ",").map { $0.split(separator: "-").compactMap { Int32($0) } }
      #expect(graph.edgeCount == 2 * bonds.count)
      for (number, bond) in bonds.enumerated() {
        #expect(graph.from[2 * number] == bond[0] && graph.to[2 * number] == bond[1])
        #expect(graph.from[2 * number + 1] == bond[1] && graph.to[2 * number + 1] == bond[0])
      }
    }
  }

  /// Fingerprints, counts and descriptors of the same molecules, by a digest of what RDKit says; skipped as above.
  @Test(.enabled(if: Golden.shared != nil)) func fingerprintsAndDescriptors() throws {
    let bits = try MoleculeCatalog.encoder("ecfp:radius=2,bits=2048")
    let counts = try MoleculeCatalog.encoder("ecfp:radius=3,bits=1024,count=yes")
    let descriptors = try MoleculeCatalog.encoder("descriptors")
    let expected = try Golden.rows(Golden.fixtures + "digests.tsv")
    for set in Self.sets {
      var digests: [String: (SHA256, SHA256, SHA256, count: Int)] = [:]
      for row in try Golden.rows(try #require(Golden.shared) + "golden_\(set).tsv.gz") {
        var digest = digests[row[1]] ?? (SHA256(), SHA256(), SHA256(), 0)
        let found = try Described(row[2])
        digest.0.update("\(row[0])\t\(found.columns(bits).map(String.init).joined(separator: ","))\n")
        let times = found.features(counts)
        let pairs = found.columns(counts).map { "\($0):\(Int(times[$0]))" }
        digest.1.update("\(row[0])\t\(pairs.joined(separator: ","))\n")
        let fixed = found.features(descriptors).map { NumberText.fixed($0, digits: 4) }
        digest.2.update("\(row[0])\t\(fixed.joined(separator: " "))\n")
        digest.count += 1
        digests[row[1]] = digest
      }
      for (form, digest) in digests {
        let row = try #require(expected.first { $0[0] == set && $0[1] == form })
        #expect(digest.count == Int(row[2]))
        #expect(SHA256.hex(digest.0.finish()) == row[3], "bits of \(set), \(form)")
        #expect(SHA256.hex(digest.1.finish()) == row[4], "counts of \(set), \(form)")
        #expect(SHA256.hex(digest.2.finish()) == row[5], "descriptors of \(set), \(form)")
      }
    }
  }
}
