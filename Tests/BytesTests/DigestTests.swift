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
}
