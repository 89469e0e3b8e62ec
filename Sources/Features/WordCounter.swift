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
  /// What the first letter of a word is worth once the word has been shifted.
  private let leads: [Int]
  private static let noClass: UInt8 = 0xFF

  /// - Parameter classes: class of each code of the alphabet; nil: each letter is its own class.
  public init(_ alphabet: Alphabet, length: Int, classes: [Int]? = nil) {
    let ofLetters = classes ?? Array(0..<alphabet.count)
    base = (ofLetters.max() ?? 0) + 1
    self.length = length
    var power = 1
    for _ in 0..<length { power *= base }
    words = power
    var table = [UInt8](repeating: Self.noClass, count: 256)
    for (code, letterClass) in ofLetters.enumerated() { table[code] = UInt8(letterClass) }
    self.classes = table
    leads = table.map { $0 == Self.noClass ? 0 : Int($0) * power }
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

  /// Counts within each run of letters that have a class: there the next word follows from the last one.
  private func count(_ residues: UnsafeBufferPointer<UInt8>, into tally: UnsafeMutableBufferPointer<UInt32>) -> Int {
    classes.withUnsafeBufferPointer { classes in
      leads.withUnsafeBufferPointer { leads in
        var windows = 0
        var start = 0
        while start < residues.count {
          var end = start
          while end < residues.count && classes[Int(residues[end])] != Self.noClass { end &+= 1 }
          if end &- start >= length {
            windows &+= end &- start &- length &+ 1
            var word = 0
            for place in start..<start &+ length { word = word &* base &+ Int(classes[Int(residues[place])]) }
            tally[word] &+= 1
            for place in start &+ length..<end {
              let change = Int(classes[Int(residues[place])]) &- leads[Int(residues[place &- length])]
              word = word &* base &+ change
              tally[word] &+= 1
            }
          }
          start = end &+ 1
        }
        return windows
      }
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
