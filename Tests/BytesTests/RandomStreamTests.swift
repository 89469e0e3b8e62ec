import Bytes
import Testing

@Suite struct RandomStreamTests {
  /// The known answers of Random123 for philox2x64-10.
  @Test func philoxKnownAnswers() {
    #expect(RandomStream.philox(counter: (0, 0), key: 0) == (0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5))
    let ones = UInt64.max
    #expect(RandomStream.philox(counter: (ones, ones), key: ones) == (0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20))
    #expect(
      RandomStream.philox(counter: (0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344), key: 0xa409_3822_299f_31d0)
        == (0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d))
  }

  @Test func streamsArePureAndApart() {
    var a = RandomStream(seed: 1, 2, 3)
    var b = RandomStream(seed: 1, 2, 3)
    var others = [
      RandomStream(seed: 1, 3, 2), RandomStream(seed: 1, 2), RandomStream(seed: 2, 2, 3), RandomStream(seed: 1),
    ]
    let first = (0..<100).map { _ in a.next() }
    #expect(first == (0..<100).map { _ in b.next() })
    for i in others.indices { #expect(Set((0..<100).map { _ in others[i].next() }).isDisjoint(with: first)) }
  }

  @Test func distributions() {
    var random = RandomStream(seed: 5)
    var counts = [Int](repeating: 0, count: 7)
    var (sum, squares, normal, normalSquares) = (0.0, 0.0, 0.0, 0.0)
    let n = 100_000
    for _ in 0..<n {
      counts[random.below(7)] += 1
      let u = random.uniform()
      let z = random.normal()
      sum += u
      squares += u * u
      normal += z
      normalSquares += z * z
    }
    for count in counts { #expect(abs(Double(count) - Double(n) / 7) < 600) }
    #expect(abs(sum / Double(n) - 0.5) < 0.005)
    #expect(abs(squares / Double(n) - 1.0 / 3) < 0.005)
    #expect(abs(normal / Double(n)) < 0.015)
    #expect(abs(normalSquares / Double(n) - 1) < 0.03)
    var deck = Array(0..<52)
    random.shuffle(&deck)
    #expect(deck.sorted() == Array(0..<52))
    #expect(deck != Array(0..<52))
  }

  /// `hashlib.sha256(seed.to_bytes(8, "little") + text.encode()).hexdigest()[:16]` in Python: splits depend on it.
  @Test func hashIsStable() {
    #expect(RandomStream.hash("TP53") == 0x9d55_0b0e_d550_a00c)
    #expect(RandomStream.hash("TP53", seed: 1) == 0xcddf_fca0_7596_03bd)
    #expect(RandomStream.hash("蛋白", seed: 7) == 0x7f8b_4335_454d_c49c)
  }
}
