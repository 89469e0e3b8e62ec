import Features
import Testing

@Suite struct TokenAlphabetTests {
  /// The numbers of the tables in the published sources: DeepDTA's dictionaries, GraphDTA's enumeration.
  @Test func numbersOfLetters() {
    func numbers(_ alphabet: TokenAlphabet, _ letters: String) -> [Int32?] {
      letters.utf8.map { alphabet.token(of: $0) }
    }
    #expect(numbers(.graphDTA, "ABIKYZJ*") == [1, 2, 9, 10, 24, 25, nil, nil])
    #expect(numbers(.deepDTA, "ACBEDYXZJ") == [1, 2, 3, 4, 5, 23, 24, 25, nil])
    #expect(
      numbers(.deepDTASmiles, #"(.#=C\/NOc[]1y "#) == [1, 2, 29, 40, 42, 20, 34, 14, 48, 56, 53, 54, 35, 64, nil])
    #expect(TokenAlphabet.all.map(\.symbols) == [26, 26, 65])
    for alphabet in TokenAlphabet.all {
      #expect(Set(alphabet.letters).count == alphabet.letters.count, "\(alphabet.name)")
      #expect(TokenAlphabet.named(alphabet.name) == alphabet)
    }
    #expect(TokenAlphabet.named("smiles") == nil)
  }

  @Test func textsArePaddedAndCut() {
    let alphabet = TokenAlphabet.graphDTA
    for (text, length, tokens, cut, unknown) in [
      ("MkV", 5, [12, 10, 21, 0, 0], 0, []), ("MKVJA", 4, [12, 10, 21, 0], 1, [3]), ("", 2, [0, 0], 0, []),
    ] as [(String, Int, [Int32], Int, [Int])] {
      let coding = alphabet.tokens(of: text.utf8, length: length)
      #expect(coding.tokens == tokens && coding.cut == cut && coding.unknown == unknown, "\(text)")
    }
    // Case means something in SMILES: an aromatic carbon is another symbol.
    #expect(TokenAlphabet.deepDTASmiles.tokens(of: "Cc".utf8, length: 2).tokens == [42, 56])
  }
}
