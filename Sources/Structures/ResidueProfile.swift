import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A position-specific scoring matrix of a sequence, as PSI-BLAST writes it as text (`-out_ascii_pssm`).
public struct ResidueProfile: Sendable {
  /// The amino acid of each row; nil for a letter of none, which fits any.
  let letters: [AminoAcid?]
  /// The scores, rows × 20 in the order ARNDCQEGHILKMFPSTWYV, as 1 / (1 + exp(-score)).
  let values: [Double]
  /// The name of the file.
  public let source: String

  private static let mostRows = 1_000_000

  /// Reads a matrix; throws a `StructureError` for text of another form, and what the source throws.
  public init(reading source: BlockSource) throws {
    let lines = LineReader(source, maxLine: 1 << 16)
    var letters: [AminoAcid?] = []
    var values: [Double] = []
    var hasHeader = false
    while let line = try lines.next(skipping: .whitespace) {
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\t" })
      if !hasHeader {
        hasHeader = words.count >= 20 && words.prefix(20).elementsEqual(AminoAcid.letters.map { Substring($0) })
        continue
      }
      guard words.count >= 2, words[0].allSatisfy(\.isNumber) else { break }
      guard words[0] == String(letters.count + 1), words[1].count == 1, words.count >= 22 else {
        throw StructureError(
          .syntax, "row \(letters.count + 1) of the profile is \(Diagnostic.quoted(words.joined(separator: " ")))",
          at: lines.place(), hint: "a row has its number, a letter and 20 scores")
      }
      letters.append(AminoAcid(letter: String(words[1])))
      for word in words[2..<22] {
        guard let score = Int(word), abs(score) < 1000 else {
          throw StructureError(.number, "the score \(Diagnostic.quoted(word)) is no integer", at: lines.place())
        }
        values.append(1 / (1 + exp(-Double(score))))
      }
      if letters.count > Self.mostRows {
        throw StructureError(.limit, "the profile has more than \(Self.mostRows) rows", at: lines.place())
      }
    }
    guard !letters.isEmpty else {
      throw StructureError(
        .syntax, "the file is no profile: \(hasHeader ? "it has no rows" : "no line names the columns A R N D …")",
        at: SourceLocation(source: lines.name), hint: "psiblast -out_ascii_pssm FILE writes one")
    }
    (self.letters, self.values, self.source) = (letters, values, lines.name)
  }

  /// The values of the rows that residues lie at, residues × 20; throws a `StructureError` for a residue that has none.
  func values(for residues: ArraySlice<Residue>) throws -> [Double] {
    try rows(of: residues).flatMap { values[$0 * 20..<$0 * 20 + 20] }
  }

  /// The row of each residue: rows in rising order with the residues' letters, and as few gaps between them as can be.
  /// Residues may be missing from a structure, but not from the sequence of its profile.
  private func rows(of residues: ArraySlice<Residue>) throws -> [Int] {
    let count = letters.count
    guard residues.count <= ResidueAlignment.mostCells / 4 / count else {
      throw StructureError(.limit, "\(residues.count) residues and \(count) rows are too many to align")
    }
    // For each residue and row: the most residues before it that follow one another without a gap, and the row of the
    // residue before it; -1 where the residue does not fit there.
    var scores = [Int32](repeating: 0, count: count)
    var before = [Int32](repeating: -1, count: residues.count * count)
    for (number, residue) in residues.enumerated() {
      var next = [Int32](repeating: -1, count: count)
      var best: (score: Int32, row: Int32) = number == 0 ? (0, 0) : (-1, -1)
      for row in 0..<count {
        let isFit = letters[row] == nil || letters[row] == residue.type
        if number > 0, row > 1, scores[row - 2] > best.score { best = (scores[row - 2], Int32(row - 2)) }
        guard isFit else { continue }
        let isNext = number > 0 && row > 0 && scores[row - 1] >= 0 && scores[row - 1] + 1 >= best.score
        next[row] = isNext ? scores[row - 1] + 1 : best.score
        before[number * count + row] = isNext ? Int32(row - 1) : best.row
      }
      guard next.contains(where: { $0 >= 0 }) else {
        throw StructureError(
          .absent, "the residue \(residue.id) has no row in the profile \(source)",
          hint: "a profile is of the chain's own sequence; --pssm CHAIN=FILE says of which chain")
      }
      scores = next
    }
    var rows: [Int] = []
    var row = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
    for number in (0..<residues.count).reversed() {
      rows.append(row)
      row = Int(before[number * count + row])
    }
    return rows.reversed()
  }
}

/// The profiles of the chains of one structure.
public struct ResidueProfiles: Sendable {
  private let profiles: [(chains: [String]?, profile: ResidueProfile)]

  /// Profiles with the chains that each is for; nil for all chains that no other is for.
  /// - Throws: a `StructureError` for two profiles of one chain.
  public init(_ profiles: [(chains: [String]?, profile: ResidueProfile)]) throws {
    self.profiles = profiles
    var seen: Set<String?> = []
    for item in profiles {
      for chain in item.chains?.map(Optional.some) ?? [nil] where !seen.insert(chain).inserted {
        throw StructureError(
          .usage, "two profiles are of \(chain.map { "the chain '\($0)'" } ?? "all chains")",
          hint: "--pssm CHAIN=FILE says of which chain a profile is")
      }
    }
  }

  /// The values of columns 0–19, residues × 20; throws a `StructureError` for a chain or a residue without a row.
  public func values(for structure: Structure) throws -> [Double] {
    var values: [Double] = []
    var start = 0
    let residues = structure.residues
    let chains = Set(residues.map(\.chain))
    for missing in profiles.flatMap({ $0.chains ?? [] }) where !chains.contains(missing) {
      throw StructureError(
        .absent, "there is no chain \(Diagnostic.quoted(missing)), and a profile of it",
        at: .init(source: structure.source))
    }
    while start < residues.count {
      let chain = residues[start].chain
      let end = residues[start...].firstIndex { $0.chain != chain } ?? residues.count
      guard
        let found = profiles.first(where: { $0.chains?.contains(chain) ?? false })
          ?? profiles.first(where: { $0.chains == nil })
      else {
        throw StructureError(
          .absent, "the chain \(Diagnostic.quoted(chain)) has no profile", at: .init(source: structure.source),
          hint: "--pssm \(chain)=FILE, or --chains takes others")
      }
      values += try found.profile.values(for: residues[start..<end])
      start = end
    }
    return values
  }
}
