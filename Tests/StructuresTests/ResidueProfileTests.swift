import Bytes
import Structures
import Testing

@Suite struct ResidueProfileTests {
  static let head = """

    Last position-specific scoring matrix computed, weighted observed percentages rounded down
               A  R  N  D  C  Q  E  G  H  I  L  K  M  F  P  S  T  W  Y  V   A   R   N   D   C   Q   E   G   H   I

    """

  /// A matrix with the score `row - 2` in all columns of each row.
  private func text(_ letters: String) -> String {
    var text = Self.head
    for (row, letter) in letters.enumerated() {
      let scores = [String](repeating: String(row - 2), count: 20).joined(separator: "  ")
      text += "    \(row + 1) \(letter)    \(scores)   0   0  99  0.30 0.11\n"
    }
    return text + "\n                      K         Lambda\nStandard Ungapped    0.1340     0.3175\n"
  }

  private func profile(_ letters: String) throws -> ResidueProfile {
    try ResidueProfile(reading: MemorySource(text(letters), name: "p"))
  }

  private func graph(_ profiles: ResidueProfiles, _ structure: Structure) throws -> [Double] {
    try ResidueGraph("", hasProfile: true).record(of: structure, profile: profiles.values(for: structure)).nodes
  }

  @Test func rowsAreThoseOfTheAlignedResidues() throws {
    // The loop NNN was not seen, and X fits any residue.
    let residues = ["MSE", "ALA", "CYS", "TRP", "TYR"].enumerated().map { number, name in
      atom("CA", name, number + 1, at: (Double(number) * 4, 0, 0), hetero: name == "MSE")
    }
    let found = try structure(residues.joined() + "END\n")
    let nodes = try graph(ResidueProfiles([(nil, profile("MACNNNWX"))]), found)
    let expected = [0.119203, 0.268941, 0.5, 0.982014, 0.993307]
    for (row, value) in expected.enumerated() {
      #expect(nodes[row * 76..<row * 76 + 20].allSatisfy { $0 == value })
    }
    #expect(nodes[20] > 0)
  }

  @Test func chainsHaveTheirOwn() throws {
    let found = try structure(
      atom("CA", "ALA", chain: "A") + atom("CA", "ALA", chain: "B", at: (9, 0, 0)) + "END\n")
    let profiles = try ResidueProfiles([(["B"], try profile("WWA")), (nil, try profile("A"))])
    let nodes = try graph(profiles, found)
    #expect(nodes[0] == 0.119203 && nodes[76] == 0.5)
    #expect { _ = try ResidueProfiles([(["B"], profile("WWA"))]).values(for: found) } throws: { error in
      (error as? StructureError)?.message == "the chain 'A' has no profile"
    }
    #expect { _ = try ResidueProfiles([(nil, profile("W"))]).values(for: found) } throws: { error in
      (error as? StructureError)?.message == "the residue A:1:ALA has no row in the profile p"
    }
    #expect { _ = try ResidueProfiles([(["C", "A"], profile("A"))]).values(for: found) } throws: { error in
      (error as? StructureError)?.message == "there is no chain 'C', and a profile of it"
    }
    for chains in [nil, ["B"]] {
      #expect(throws: StructureError.self) {
        _ = try ResidueProfiles([(chains, profile("A")), (["A"], profile("A")), (chains, profile("A"))])
      }
    }
  }

  @Test func otherTextIsRefused() {
    func message(_ text: String) -> String? {
      do {
        _ = try ResidueProfile(reading: MemorySource(text, name: "p"))
        return nil
      } catch { return (error as? StructureError)?.diagnostic.text(tool: "t") }
    }
    #expect(message("")?.hasPrefix("t: p: the file is no profile: no line names the columns") == true)
    #expect(message(Self.head)?.hasPrefix("t: p: the file is no profile: it has no rows") == true)
    #expect(message(Self.head + "  1 A  1 2 3\n")?.hasPrefix("t: p:4: row 1 of the profile is '1 A 1 2 3'") == true)
    #expect(message(text("AC").replacing("    2 C", with: "    3 C"))?.contains("row 2 of the profile is '3 C") == true)
    #expect(message(text("A").replacing("-2  -2  -2", with: "-2  nan  -2"))?.contains("the score 'nan'") == true)
  }
}
