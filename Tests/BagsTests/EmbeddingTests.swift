import Bags
import Bytes
import Records
import Testing
import Workbench

/// Vectors of numpy and safetensors files (Fixtures/make_vectors.py).
@Suite struct EmbeddingTests {
  static let values: [[Float]] = [[0.5, -1.25, 3, 65504], [0x1p-24, 0, -0.0, 1e-3], [1, 2, 3, 4]]

  static func bytes(_ name: String) throws -> [UInt8] {
    try #require(Files.bytes(Repository.root + "/Tests/BagsTests/Fixtures/vectors/\(name)"))
  }

  static func table(_ bytes: [UInt8], ids: String? = nil, column: String? = nil) throws -> FeatureTable {
    var options = TableOptions()
    options.ids = try ids.map { try IdList(reading: MemorySource($0, name: "ids")) }
    options.column = column
    return try FeatureTable.read(MemorySource(bytes, name: "f"), options: options, tally: NoticeCounter())
  }

  @Test(arguments: ["half.npy", "single.npy", "double.npy", "each.npz", "matrix.npz", "each.safetensors"])
  func vectorsAreThoseOfNumpy(name: String) throws {
    let table = try Self.table(Self.bytes(name), ids: name.hasSuffix(".npy") ? "p1\np2\np3\n" : nil)
    #expect(table.names == ["d0", "d1", "d2", "d3"])
    #expect(table.ids == ["p1", "p2", "p3"])
    for (number, row) in Self.values.enumerated() {
      // 1e-3 in 16 bits is another number.
      let isHalf = name == "half.npy" || name == "matrix.npz"
      let expected = row.map { isHalf && $0 == 1e-3 ? Float(0.0010004043579101562) : $0 }
      #expect(table.values("p\(number + 1)")?.map { Float($0) } == expected, "\(name)")
    }
    let isDouble = name == "double.npy"
    #expect(table.bytes == (isDouble ? 8 : 4) * 12)
    let one = try Self.table(
      Self.bytes(name), ids: name.hasSuffix(".npy") ? "p1\np2\np3\n" : nil, column: "d2")
    #expect(one.values("p1") == [3])
  }

  @Test func brainFloats() throws {
    #expect(try Self.table(Self.bytes("brain.safetensors")).values("p1") == [0.5, -1.25, 3, 65280])
  }

  @Test func faultsHaveTheirWords() throws {
    func message(_ name: String, ids: String? = nil, cut: Int? = nil, added: Int = 0) -> String? {
      (#expect(throws: BagsError.self) {
        var bytes = try Self.bytes(name)
        if let cut { bytes.removeLast(cut) }
        bytes += [UInt8](repeating: 0, count: added)
        _ = try Self.table(bytes, ids: ids)
      })?.diagnostic.message
    }
    #expect(message("single.npy") == "a matrix of 3 rows without ids")
    #expect(message("single.npy", ids: "p1\np2\n") == "3 rows and 2 ids")
    #expect(message("single.npy", ids: "p1\np2\np3\n", cut: 1) == "it ends before its numbers do")
    #expect(message("single.npy", ids: "p1\np2\np3\n", added: 1) == "it goes on behind its numbers")
    #expect(message("each.safetensors", cut: 5) == "it ends before its numbers do")
    #expect(message("fortran.npy", ids: "p1\np2\np3\n") == "an array in Fortran order")
    #expect(message("packed.npz") == "entry 'p1.npy' is compressed, encrypted or of unknown size")
    #expect(
      (#expect(throws: BagsError.self) { _ = try Self.table(Array("id\tf\np1\t1\n".utf8), ids: "p1\n") })?
        .diagnostic.message == "ids=FILE names the rows of a matrix, and this table has ids")
  }

  /// Every cut and every changed byte of a header ends in an error or in a table, never in a crash.
  @Test(arguments: ["half.npy", "each.npz", "each.safetensors"])
  func damagedFilesAreErrors(name: String) throws {
    let whole = try Self.bytes(name)
    for cut in 0..<whole.count { _ = try? Self.table(Array(whole[..<cut]), ids: "p1\np2\np3\n") }
    for place in 0..<min(whole.count, 400) {
      for byte in [0, 0x27, 0x39, 0x7F, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = byte
        _ = try? Self.table(bytes, ids: name.hasSuffix(".npy") ? "p1\np2\np3\n" : nil)
      }
    }
  }
}
