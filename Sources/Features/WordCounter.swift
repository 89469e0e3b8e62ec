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
  /// The value of a word's first letter after the shift by one letter.
  private let leads: [Int]
  /// Codes below this have a class.
  private let letters: Int
  private static let noClass: UInt8 = 0xFF

  /// - Parameter classes: class of each code of the alphabet; nil: each letter is its own class.
  public init(_ alphabet: Alphabet, length: Int, classes: [Int]? = nil) {
    let ofLetters = classes ?? Array(0..<alphabet.count)
    base = (ofLetters.max() ?? 0) + 1
    self.length = length
    letters = ofLetters.count
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
    withUnsafeTemporaryAllocation(of: Int.self, capacity: words) { tally in
      tally.initialize(repeating: 0)
      let windows = count(residues, into: tally)
      if windows > 0 {
        for word in 0..<words { counts[word] += weight * Double(tally[word]) }
      }
      return windows
    }
  }

  /// Adds 1 to the entry of each word's occurrence, within each run of letters that have a class; returns the number of
  /// words counted.
  func count(_ residues: UnsafeBufferPointer<UInt8>, into tally: UnsafeMutableBufferPointer<Int>) -> Int {
    classes.withUnsafeBufferPointer { classes in
      leads.withUnsafeBufferPointer { leads in
        guard let residue = residues.baseAddress, let tally = tally.baseAddress else { return 0 }
        let run = Run(
          classes: classes.baseAddress!, leads: leads.baseAddress!, base: base, length: length, tally: tally)
        var highest: UInt8 = 0
        for code in residues { highest = max(highest, code) }
        if Int(highest) < letters { return run.add(residue, letters: residues.count) }
        var windows = 0
        var start = 0
        while start < residues.count {
          var end = start
          while end < residues.count && classes[Int(residues[end])] != Self.noClass { end &+= 1 }
          windows &+= run.add(residue + start, letters: end &- start)
          start = end &+ 1
        }
        return windows
      }
    }
  }

  /// The tables for counting letters that all have a class.
  private struct Run {
    let classes: UnsafePointer<UInt8>
    let leads: UnsafePointer<Int>
    let base: Int
    let length: Int
    let tally: UnsafeMutablePointer<Int>

    /// Counts the words of this many letters and returns their number.
    ///
    /// Each word follows from the last one by a multiplication and an addition: two halves side by side take no longer
    /// than one.
    @inline(__always)
    func add(_ residue: UnsafePointer<UInt8>, letters: Int) -> Int {
      let windows = letters &- length &+ 1
      guard windows > 0 else { return 0 }
      let half = windows / 2
      var (first, second) = (word(at: residue), word(at: residue + half))
      tally[second] &+= 1
      if half == 0 { return windows }
      tally[first] &+= 1
      let front = residue + (length &- 1)
      let back = front + half
      for place in 1..<half {
        first = next(first, front, place)
        tally[first] &+= 1
        second = next(second, back, place)
        tally[second] &+= 1
      }
      for place in half..<windows &- half {
        second = next(second, back, place)
        tally[second] &+= 1
      }
      return windows
    }

    private func word(at residue: UnsafePointer<UInt8>) -> Int {
      var word = 0
      for place in 0..<length { word = word &* base &+ Int(classes[Int(residue[place])]) }
      return word
    }

    /// The word that ends at `last[place]`, from the one before.
    @inline(__always)
    private func next(_ word: Int, _ last: UnsafePointer<UInt8>, _ place: Int) -> Int {
      word &* base &+ (Int(classes[Int(last[place])]) &- leads[Int(last[place &- length])])
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
