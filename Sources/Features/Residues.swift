import Bytes

/// The number of letters of a record, by kind.
struct LetterCounts: Sendable {
  /// All letters, without white space and one trailing stop.
  var length = 0
  /// Letters that are residues or are mapped to one.
  var valid = 0
  /// Letters that are mapped to a residue.
  var mapped = 0
  /// Letters that name no single residue.
  var ambiguous: Int { length - valid + mapped }
}

/// One sequence as residue codes of one alphabet, in buffers that are used again for the next record.
public struct Residues: Sendable {
  /// The alphabet of the codes.
  public let alphabet: Alphabet
  /// The rule for ambiguous letters.
  public let rule: AmbiguityRule
  /// The number of letters of each kind in the record.
  private(set) var counts = LetterCounts()
  /// Letters of the record, without white space and without one trailing stop.
  public var length: Int { counts.length }
  /// Positions that hold a residue of the alphabet (after `map`).
  public var valid: Int { counts.valid }
  /// The codes; with `map` and a B or Z, the reading as D and E.
  public private(set) var codes: [UInt8] = []
  /// The reading of B and Z as N and Q; empty where there is none.
  public private(set) var otherReading: [UInt8] = []
  private let table: [UInt8]
  private let acceptsOutsiders: Bool
  private static let outsideShare = 10  // percent
  /// From this number of letters on, a sequence is turned into codes in place.
  static let longSequence = 1 << 16

  /// - Parameters:
  ///   - maskLower: lower-case letters (soft-masked) are ambiguous.
  ///   - acceptsOutsiders: any number of letters may be outside the alphabet.
  public init(
    _ alphabet: Alphabet, rule: AmbiguityRule = .skip, maskLower: Bool = false, acceptsOutsiders: Bool = false
  ) {
    self.alphabet = alphabet
    self.acceptsOutsiders = acceptsOutsiders
    self.rule = rule
    table = Self.table(alphabet, rule: rule, maskLower: maskLower)
  }

  /// Reads the letters of one record, which has lost its white space and a trailing stop.
  /// - Throws: `FeatureError` for a byte that is no letter, more than 10 % of letters outside the alphabet, and an
  ///   ambiguous letter under `error`.
  public mutating func read(
    _ sequence: UnsafeBufferPointer<UInt8>, record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation
  ) throws {
    counts.length = sequence.count
    let seen = translate(sequence)
    if seen >= ResidueCode.outside { try judge(sequence, record: record(), place: place()) }
    if rule == .error && valid < length {
      throw firstAmbiguous(sequence, record: record(), place: place())
    }
    finishReading()
  }

  private mutating func finishReading() {
    otherReading.removeAll(keepingCapacity: true)
    counts.mapped = 0
    if rule == .map && alphabet == .protein { mapLetters() }
    if rule == .strip {
      let residues = UInt8(alphabet.count)
      codes.removeAll { $0 >= residues }
    }
  }

  /// True for a sequence that `read(taking:)` can read: one that holds no byte that a message would show.
  func canTake(_ sequence: [UInt8]) -> Bool {
    guard rule != .error else { return false }
    return !sequence.contains { table[Int($0)] & ResidueCode.illegal != 0 }
  }

  /// Reads the letters of one record as `read` does, and turns them into codes where they stand: `letters` gets the
  /// memory that the codes had. Throws as `read` does.
  mutating func read(
    taking letters: inout [UInt8], record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation
  ) throws {
    precondition(rule != .error)
    exchangeCodes(&letters)
    counts.length = codes.count
    let seen: UInt8
    (seen, counts.valid) = codes.withUnsafeMutableBufferPointer { [table] in
      Self.translate(UnsafeBufferPointer($0), into: $0, by: table, residues: UInt8(alphabet.count))
    }
    // A byte that is no letter has been ruled out, so that nothing looks at the letters any more.
    if seen >= ResidueCode.outside {
      try codes.withUnsafeBufferPointer { try judge($0, record: record(), place: place()) }
    }
    finishReading()
  }

  /// Exchanges the memory of the codes.
  mutating func exchangeCodes(_ other: inout [UInt8]) { swap(&codes, &other) }

  /// Reads a text, without one trailing stop; a convenience for small uses.
  public mutating func read(_ text: String, record: String = "sequence") throws {
    let bytes = Array((text.hasSuffix("*") ? text.dropLast() : text[...]).utf8)
    try bytes.withUnsafeBufferPointer {
      try read($0, record: record, place: SourceLocation(source: record, line: 0, column: 0))
    }
  }

  /// Fills `codes` and `valid`; the result holds the bits of every code met.
  private mutating func translate(_ letters: UnsafeBufferPointer<UInt8>) -> UInt8 {
    if codes.count > letters.count { codes.removeLast(codes.count - letters.count) }
    if codes.count < letters.count {
      codes.append(contentsOf: repeatElement(0, count: letters.count - codes.count))
    }
    let seen: UInt8
    (seen, counts.valid) = codes.withUnsafeMutableBufferPointer { [table] in
      Self.translate(letters, into: $0, by: table, residues: UInt8(alphabet.count))
    }
    return seen
  }

  /// Writes the code of each letter; gives the bits of every code met, and how many are residues.
  private static func translate(
    _ letters: UnsafeBufferPointer<UInt8>, into codes: UnsafeMutableBufferPointer<UInt8>, by table: [UInt8],
    residues: UInt8
  ) -> (seen: UInt8, valid: Int) {
    table.withUnsafeBufferPointer { table in
      for place in 0..<letters.count { codes[place] = table[Int(letters[place])] }
    }
    return survey(UnsafeRawBufferPointer(codes), residues: residues)
  }

  /// The bits of every code, and the number of residues, sixteen positions at a time.
  private static func survey(_ codes: UnsafeRawBufferPointer, residues: UInt8) -> (seen: UInt8, valid: Int) {
    var (bits, valid, place) = (SIMD16<UInt8>.zero, 0, 0)
    let (whole, limit) = (codes.count & ~15, SIMD16(repeating: residues))
    while place < whole {
      // A lane counts to 255.
      var counts = SIMD16<UInt8>.zero
      for _ in 0..<min(255, (whole - place) / 16) {
        let block = codes.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
        bits |= block
        counts.replace(with: counts &+ 1, where: block .< limit)
        place += 16
      }
      for lane in 0..<16 { valid += Int(counts[lane]) }
    }
    var seen = (0..<16).reduce(0 as UInt8) { $0 | bits[$1] }
    for code in codes[whole...] {
      seen |= code
      valid += code < residues ? 1 : 0
    }
    return (seen, valid)
  }

  private func judge(_ letters: UnsafeBufferPointer<UInt8>, record: String, place: SourceLocation) throws {
    if let position = codes.firstIndex(where: { $0 & ResidueCode.illegal != 0 }) {
      throw FeatureError.illegalByte(letters[position], position: position + 1, record: record, place: place)
    }
    let outside = codes.reduce(0) { $0 + ($1 == ResidueCode.outside ? 1 : 0) }
    if !acceptsOutsiders && outside * 100 > length * Self.outsideShare {
      throw FeatureError.outsideAlphabet(
        outside: outside, length: length, record: record, alphabet: alphabet, place: place)
    }
  }

  private func firstAmbiguous(
    _ letters: UnsafeBufferPointer<UInt8>, record: String, place: SourceLocation
  ) -> FeatureError {
    let position = codes.firstIndex { $0 >= UInt8(alphabet.count) } ?? 0
    return .ambiguousLetter(
      letters[position], position: position + 1, record: record, alphabet: alphabet, place: place)
  }

  /// Reads U, O, J, B and Z as the residues they may be.
  private mutating func mapLetters() {
    let hasTwoReadings = codes.contains { $0 == ResidueCode.b || $0 == ResidueCode.z }
    if hasTwoReadings { otherReading.append(contentsOf: codes) }
    for position in codes.indices {
      guard let (code, other) = Self.mapping(codes[position]) else { continue }
      codes[position] = code
      if hasTwoReadings { otherReading[position] = other }
      counts.mapped += 1
    }
    counts.valid += counts.mapped
  }

  /// The two readings of a code, which are the same but for B and Z; nil for one that `map` leaves alone.
  private static func mapping(_ code: UInt8) -> (UInt8, UInt8)? {
    switch code {
    case ResidueCode.b: return (2, 11)  // D, N
    case ResidueCode.z: return (3, 13)  // E, Q
    case ResidueCode.u: return (1, 1)  // selenocysteine as C
    case ResidueCode.o: return (8, 8)  // pyrrolysine as K
    case ResidueCode.j: return (9, 9)  // leucine or isoleucine as L
    default: return nil
    }
  }

  private static func table(_ alphabet: Alphabet, rule: AmbiguityRule, maskLower: Bool) -> [UInt8] {
    var table = [UInt8](repeating: ResidueCode.illegal, count: 256)
    func set(_ letter: Character, _ code: UInt8) {
      guard let upper = letter.asciiValue else { return }
      table[Int(upper)] = code
      if letter.isLetter { table[Int(upper) | 0x20] = maskLower ? ResidueCode.ambiguous : code }
    }
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" { set(letter, ResidueCode.outside) }
    for letter in alphabet.ambiguityCodes { set(letter, ResidueCode.ambiguous) }
    for (code, letter) in alphabet.letters.enumerated() { set(letter, UInt8(code)) }
    switch alphabet {
    case .nucleotide:
      set("U", 3)
    case .protein:
      set("B", ResidueCode.b)
      set("Z", ResidueCode.z)
      set("X", ResidueCode.x)
      if rule == .map {
        set("U", ResidueCode.u)
        set("O", ResidueCode.o)
        set("J", ResidueCode.j)
      }
    }
    return table
  }
}
