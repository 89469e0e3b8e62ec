import Bytes
import Records
import Structures
import Testing

/// Changed structure files: what they make is an error with its place, or a graph that the reader of graphs takes.
@Suite struct MutationTests {
  private struct Changes {
    var state: UInt64

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func below(_ bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ z >> 31) % UInt64(bound))
    }

    mutating func change(_ bytes: [UInt8]) -> [UInt8] {
      var changed = bytes
      for _ in 0...below(3) {
        let place = below(changed.count)
        switch below(6) {
        case 0: changed[place] ^= 1 << UInt8(below(8))
        case 1: changed[place] = UInt8(below(256))
        case 2: changed.insert(UInt8(below(256)), at: place)
        case 3: changed.remove(at: place)
        case 4: changed.removeSubrange(place..<min(changed.count, place + below(200)))
        default: changed.insert(contentsOf: changed[place..<min(changed.count, place + below(200))], at: place)
        }
        if changed.isEmpty { changed = [0x0A] }
      }
      return changed
    }
  }

  @Test(arguments: ["1SYX_l_u.pdb.gz", "1SYX_l_u.cif.gz"]) func nothingPassesUnseen(name: String) throws {
    let lines = LineReader(try Input.open(Fixtures.folder + name))
    var bytes: [UInt8] = []
    while let line = try lines.next(), bytes.count < 6000 { bytes += Array(line) + [0x0A] }
    let graph = try ResidueGraph("k=3")
    var changes = Changes(state: 7)
    var (accepted, refused) = (0, 0)
    for _ in 0..<400 {
      let changed = changes.change(bytes)
      do {
        let found = try StructureReader.read(MemorySource(changed, name: "m"), id: "m")
        let sink = ByteSink.memory()
        let writer = GraphWriter(sink, schema: try graph.schema, header: true, madeBy: "")
        try writer.write(try graph.record(of: found))
        try writer.finish()
        let reader = try GraphReader(MemorySource(sink.bytes))
        let read = try #require(try reader.next())
        #expect(read.nodeCount == found.residues.count && read.nodeIds == found.residueIds)
        #expect(try reader.next() == nil)
        accepted += 1
      } catch let error as StructureError {
        #expect(error.place?.source == "m")
        refused += 1
      }
    }
    #expect(accepted > 50 && refused > 50)
  }
}
