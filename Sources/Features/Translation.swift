import Bytes

/// The rule for a stop codon before the end of a coding sequence.
public enum InternalStopRule: String, Sendable, CaseIterable {
  /// The codon becomes a position without a residue, like an ambiguous letter.
  case keep
  /// The protein ends before the codon.
  case cut
  /// The codon is an error.
  case error
}

/// The rule for a start codon other than ATG at the beginning of a coding sequence.
public enum StartCodonRule: String, Sendable, CaseIterable {
  /// The codon is translated as anywhere else in the sequence.
  case residue
  /// Methionine, which is what a cell puts there; right for coding sequences that are whole at their beginning.
  case methionine
}

/// Coding sequence → protein: frame 1, codon by codon.
///
/// A codon with ambiguous bases is the residue that all its readings share; `B`, `Z` or `J` where they are D and N,
/// E and Q, I and L; else `X`, as is a codon with a gap, a masked or an unknown letter. A partial last codon and a stop
/// in the last codon are dropped. A codon that its code lists as a residue and as a stop is a stop only in the last
/// place.
public struct Translation: Sendable {
  /// The counts of one record.
  public struct Outcome: Sendable, Equatable {
    /// The last codon was a stop, and is dropped.
    public var endsWithStop = false
    /// That stop can be a residue as well.
    public var endsWithDoubtfulStop = false
    /// Bases behind the last whole codon, which are dropped.
    public var looseBases = 0
    /// Number of the first codon, from 1, that is a stop before the end; 0 if there is none.
    public var firstStop = 0
    /// Codons that name no single residue.
    public var unresolved = 0
    /// The record begins with a start codon that is not read as methionine.
    public var hasOtherStart = false
  }

  /// The options of the translation.
  public struct Options: Sendable {
    /// The genetic code.
    public var code: GeneticCode
    /// The rule for a stop codon before the end.
    public var internalStop = InternalStopRule.keep
    /// The rule for a start codon other than ATG.
    public var startCodon = StartCodonRule.residue

    /// Translates by that code.
    public init(_ code: GeneticCode) { self.code = code }
  }

  /// The letters of the last record's protein.
  public private(set) var protein: [UInt8] = []
  private let options: Options
  /// Bases a letter can be: T 1, C 2, A 4, G 8; 0 for what is no base.
  private let bases: [UInt8]
  /// By three sets of bases, the third fastest.
  private let residues: [UInt8]
  private let starts: [Bool]
  private let stops: [Bool]

  /// - Parameter maskLower: lower-case letters (soft-masked) are no bases.
  public init(_ options: Options, maskLower: Bool = false) {
    self.options = options
    bases = Self.baseSets(maskLower: maskLower)
    let readings = (0..<4096).map(Self.readings)
    let code = options.code
    residues = readings.map { Self.shared($0.map { code.residues[$0] }) }
    starts = readings.map { !$0.isEmpty && $0.allSatisfy { code.starts[$0] } }
    stops = readings.map { !$0.isEmpty && $0.allSatisfy { code.stops[$0] } }
  }

  /// Translates one record into `protein`.
  /// - Throws: `FeatureError.internalStop` where that is an error.
  public mutating func translate(
    _ sequence: UnsafeBufferPointer<UInt8>, record: @autoclosure () -> String, place: @autoclosure () -> SourceLocation
  ) throws -> Outcome {
    var outcome = Outcome()
    protein.removeAll(keepingCapacity: true)
    let codons = sequence.count / 3
    outcome.looseBases = sequence.count % 3
    for number in 0..<codons {
      let codon = codon(sequence, number)
      if residues[codon] == Self.stop && number < codons - 1 {
        if options.internalStop == .error {
          throw FeatureError.internalStop(codon: number + 1, record: record(), place: place())
        }
        if outcome.firstStop == 0 { outcome.firstStop = number + 1 }
        if options.internalStop == .cut { break }
      }
      protein.append(residues[codon])
    }
    if codons > 0 && protein.count == codons { dropStop(codon(sequence, codons - 1), &outcome) }
    if codons > 0 && !protein.isEmpty { readStart(codon(sequence, 0), &outcome) }
    outcome.unresolved = protein.count { Self.unresolved.contains($0) }
    return outcome
  }

  private func codon(_ sequence: UnsafeBufferPointer<UInt8>, _ number: Int) -> Int {
    let (a, b, c) = (sequence[3 * number], sequence[3 * number + 1], sequence[3 * number + 2])
    return Int(bases[Int(a)]) << 8 | Int(bases[Int(b)]) << 4 | Int(bases[Int(c)])
  }

  private mutating func dropStop(_ codon: Int, _ outcome: inout Outcome) {
    guard residues[codon] == Self.stop || stops[codon] else { return }
    protein.removeLast()
    outcome.endsWithStop = true
    outcome.endsWithDoubtfulStop = residues[codon] != Self.stop
  }

  private mutating func readStart(_ codon: Int, _ outcome: inout Outcome) {
    guard starts[codon], protein[0] != Self.methionine else { return }
    if options.startCodon == .methionine { protein[0] = Self.methionine } else { outcome.hasOtherStart = true }
  }

  private static let stop = UInt8(ascii: "*")
  private static let methionine = UInt8(ascii: "M")
  private static let unresolved = Array("XBZJ".utf8)

  /// The codons that three sets of bases can be.
  private static func readings(_ sets: Int) -> [Int] {
    func members(_ shift: Int) -> [Int] { (0..<4).filter { sets >> shift & 1 << $0 != 0 } }
    return members(8).flatMap { a in members(4).flatMap { b in members(0).map { c in 16 * a + 4 * b + c } } }
  }

  /// The letter that stands for all of these residues.
  private static func shared(_ residues: [UInt8]) -> UInt8 {
    let all = Set(residues)
    if all.count == 1, let only = all.first { return only }
    for (letter, pair) in [("B", "DN"), ("Z", "EQ"), ("J", "IL")] where all == Set(pair.utf8) {
      return Array(letter.utf8)[0]
    }
    return UInt8(ascii: "X")
  }

  private static func baseSets(maskLower: Bool) -> [UInt8] {
    var sets = [UInt8](repeating: 0, count: 256)
    // IUPAC-IUB nomenclature of 1984.
    let meanings: [(Character, UInt8)] = [
      ("T", 1), ("U", 1), ("C", 2), ("A", 4), ("G", 8), ("R", 12), ("Y", 3), ("S", 10), ("W", 5), ("K", 9), ("M", 6),
      ("B", 11), ("D", 13), ("H", 7), ("V", 14), ("N", 15), ("X", 15),
    ]
    for (letter, set) in meanings {
      guard let upper = letter.asciiValue else { continue }
      sets[Int(upper)] = set
      if !maskLower { sets[Int(upper) | 0x20] = set }
    }
    return sets
  }
}

/// The counts of a run that translates; each but `codons` is a number of records.
public struct TranslationCounts: Sendable, Equatable {
  /// All of them.
  public var records = 0
  /// With a stop in the last codon.
  public var stopsAtEnd = 0
  /// With a last codon that can be a stop or a residue.
  public var doubtfulStopsAtEnd = 0
  /// With bases behind the last codon.
  public var looseBases = 0
  /// With a stop before the end.
  public var internalStops = 0
  /// With a start codon that is not read as methionine.
  public var otherStarts = 0
  /// With a codon that names no single residue.
  public var unresolved = 0
  /// Codons that name no single residue.
  public var codons = 0

  mutating func add(_ outcome: Translation.Outcome) {
    records += 1
    stopsAtEnd += outcome.endsWithStop ? 1 : 0
    doubtfulStopsAtEnd += outcome.endsWithDoubtfulStop ? 1 : 0
    looseBases += outcome.looseBases > 0 ? 1 : 0
    internalStops += outcome.firstStop > 0 ? 1 : 0
    otherStarts += outcome.hasOtherStart ? 1 : 0
    unresolved += outcome.unresolved > 0 ? 1 : 0
    codons += outcome.unresolved
  }
}
