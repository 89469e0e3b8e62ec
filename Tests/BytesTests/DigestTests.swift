import Bytes
import Testing

@Suite struct DigestTests {
  /// The digest of a text given in pieces of `step` bytes.
  func digest(_ text: [UInt8], step: Int, plain: Bool = false) -> String {
    var digest = SHA256(plain: plain)
    var start = 0
    while start < text.count {
      digest.update(Array(text[start..<min(start + step, text.count)]))
      start += step
    }
    return SHA256.hex(digest.finish())
  }

  /// FIPS 180-4 examples and NIST CAVP short messages.
  @Test func knownVectors() {
    let vectors: [(String, String)] = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
      ),
    ]
    for (text, hex) in vectors {
      for step in [1, 7, 64, 1000] {
        for plain in [false, true] { #expect(digest(Array(text.utf8), step: step, plain: plain) == hex) }
      }
    }
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(digest(million, step: 997) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(digest([0xbd], step: 1) == "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b")
  }

  /// With the processor's own instructions and without, in pieces of any size.
  @Test func theSameWithAndWithoutInstructions() {
    var random = RandomStream(seed: 8)
    for count in [64, 100, 128, 1000, 4096, 10_001] {
      let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
      let expected = digest(bytes, step: count, plain: true)
      for step in [1, 63, 64, 65, 200, count] { #expect(digest(bytes, step: step) == expected) }
    }
  }

  @Test func everyLengthAroundABlock() {
    for count in 50..<140 {
      let bytes = (0..<count).map { UInt8($0) }
      #expect(digest(bytes, step: 1) == digest(bytes, step: 200))
    }
  }

  @Test func schemaDigest() {
    #expect(SHA256.digest12(of: []) == "e3b0c44298fc")
    var expected = SHA256()
    expected.update("a\nb\n")
    #expect(SHA256.digest12(of: ["a", "b"]) == String(SHA256.hex(expected.finish()).prefix(12)))
    #expect(SHA256.digest12(of: ["ab"]) != SHA256.digest12(of: ["a", "b"]))
  }

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

  @Test func hashIsStable() {
    #expect(RandomStream.hash("TP53") == RandomStream.hash("TP53"))
    #expect(RandomStream.hash("TP53") != RandomStream.hash("TP53", seed: 1))
    #expect(RandomStream.hash("TP53") != RandomStream.hash("TP63"))
  }
}
