/// Counts the overlapping words of `length` classes in a sequence; a word that touches a place without class is none.
public struct WordCounter: Sendable {
  /// Classes a letter can have.
  public let base: Int
  /// Letters of a word.
  public let length: Int
  /// base ^ length words, the last letter runs fastest.
  public let words: Int
  /// Class of each code, `noClass` where it has none.
  private let classes: [UInt8]
  private let top: Int
  private static let noClass: UInt8 = 0xFF

  /// - Parameter classes: class of each code of the alphabet; nil: each letter is its own class.
  public init(_ alphabet: Alphabet, length: Int, classes: [Int]? = nil) {
    let ofLetters = classes ?? Array(0..<alphabet.count)
    base = (ofLetters.max() ?? 0) + 1
    self.length = length
    var power = 1
    for _ in 1..<length { power *= base }
    top = power
    words = power * base
    var table = [UInt8](repeating: Self.noClass, count: 256)
    for (code, letterClass) in ofLetters.enumerated() { table[code] = UInt8(letterClass) }
    self.classes = table
  }

  /// Adds `weight` to the entry of each word's occurrence; returns the number of words counted.
  public func count(
    _ residues: UnsafeBufferPointer<UInt8>, weight: Double, into counts: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: words) { tally in
      tally.initialize(repeating: 0)
      let windows = count(residues, into: tally)
      if windows > 0 {
        for word in 0..<words { counts[word] += weight * Double(tally[word]) }
      }
      return windows
    }
  }

  private func count(_ residues: UnsafeBufferPointer<UInt8>, into tally: UnsafeMutableBufferPointer<UInt32>) -> Int {
    classes.withUnsafeBufferPointer { classes in
      var word = 0
      var run = 0
      var windows = 0
      for place in 0..<residues.count {
        let letter = classes[Int(residues[place])]
        if letter == Self.noClass {
          word = 0
          run = 0
          continue
        }
        if run == length {
          word &-= Int(classes[Int(residues[place &- length])]) &* top
        } else {
          run &+= 1
        }
        word = word &* base &+ Int(letter)
        if run == length {
          tally[word] &+= 1
          windows &+= 1
        }
      }
      return windows
    }
  }

  /// Calls `visit` with each word and the place of its first letter.
  public func visit(_ residues: UnsafeBufferPointer<UInt8>, _ visit: (_ word: Int, _ first: Int) -> Void) {
    guard residues.count >= length else { return }
    for first in 0...(residues.count - length) {
      var word = 0
      var whole = true
      for place in first..<(first + length) {
        let letter = classes[Int(residues[place])]
        whole = whole && letter != Self.noClass
        word = word &* base &+ Int(letter)
      }
      if whole { visit(word, first) }
    }
  }

  /// Spells every word with the given names of the classes, the last letter running fastest.
  public func spell(_ classNames: [String]) -> [String] {
    var spelled = [""]
    for _ in 0..<length { spelled = spelled.flatMap { start in classNames.map { start + $0 } } }
    return spelled
  }
}
