import Bytes

/// The pairs of residues of two bound proteins, or of one, that touch, carried over to other structures of the same
/// proteins.
public struct ContactMap: Sendable {
  /// The residues of each side that take part, in order: of the bound structure, or of the one it was carried over to
  /// those that are aligned to a bound residue.
  public let rows: [String]
  /// The residues of the other side.
  public let columns: [String]
  /// The first column of each row whose pair counts: 0, or within one protein the first residue behind the next one.
  let firstColumns: [Int]
  /// The contacts as pairs of positions in `rows` and `columns`, in rising order.
  public let contacts: [(row: Int, column: Int)]
  /// The ids of the two proteins.
  public let (a, b): (String, String)
  /// The number of contacts with a bound residue that no other is aligned to.
  public let lostContacts: Int
  /// The residues of each side that take no part, since no bound residue is aligned to them.
  public let unmatched: (a: Int, b: Int)
  /// Of each side the aligned residues of the same type per residue of the shorter structure; nil where nothing was
  /// aligned.
  public let identity: (a: Double?, b: Double?)

  /// One side of a complex: the bound structure, and the one whose residues the pairs are to name; nil for the bound.
  public struct Side: Sendable {
    /// The structure in the complex.
    public let bound: Structure
    /// The structure whose residues are named.
    public let onto: Structure?

    /// A side.
    public init(bound: Structure, onto: Structure?) { (self.bound, self.onto) = (bound, onto) }
  }

  /// Finds the pairs of residues with heavy atoms nearer than `distance` Å in the bound structures.
  ///
  /// - Throws: a `StructureError` where a side can't be aligned, or no residue takes part.
  public init(_ a: Side, _ b: Side, nearerThan distance: Double) throws {
    let (first, second) = (try Self.participants(a), try Self.participants(b))
    (rows, columns) = (first.ids, second.ids)
    firstColumns = .init(repeating: 0, count: rows.count)
    (self.a, self.b) = ((a.onto ?? a.bound).id, (b.onto ?? b.bound).id)
    unmatched = (first.unmatched, second.unmatched)
    identity = (first.identity, second.identity)
    if self.a == self.b {
      throw StructureError(
        .residue, "both partners have the id \(Diagnostic.quoted(self.a))",
        hint: "name the chains of each, A=FILE and B=FILE, or give the files other names")
    }
    let touching = try Self.touching(a.bound, b.bound, nearerThan: distance)
    var found: [(row: Int, column: Int)] = []
    for pair in touching {
      if let row = first.positions[pair.a], let column = second.positions[pair.b] { found.append((row, column)) }
    }
    contacts = found.sorted { $0 < $1 }
    lostContacts = touching.count - found.count
  }

  /// Finds the pairs of residues within one protein that are not neighbours in its sequence, each pair once.
  ///
  /// - Throws: as the one of two sides.
  public init(within side: Side, nearerThan distance: Double) throws {
    let participants = try Self.participants(side)
    (rows, columns) = (participants.ids, participants.ids)
    let numbers = participants.numbers
    firstColumns = numbers.indices.map { row in
      numbers[row...].firstIndex { $0 > numbers[row] + 1 } ?? numbers.count
    }
    a = (side.onto ?? side.bound).id
    b = a
    unmatched = (participants.unmatched, 0)
    identity = (participants.identity, nil)
    let touching = try Self.touching(side.bound, side.bound, nearerThan: distance).filter { $0.a < $0.b }
    var found: [(row: Int, column: Int)] = []
    var lost = 0
    for pair in touching {
      guard let row = participants.positions[pair.a], let column = participants.positions[pair.b] else {
        lost += 1
        continue
      }
      if column >= firstColumns[row] { found.append((row, column)) }
    }
    contacts = found.sorted { $0 < $1 }
    lostContacts = lost
  }

  /// The residues of a side that take part: their ids, their numbers in the structure, and the position among them of
  /// each bound residue.
  private struct Participants {
    var ids: [String] = []
    var numbers: [Int] = []
    var positions: [Int?]
    var unmatched = 0
    var identity: Double?
  }

  private static func participants(_ side: Side) throws -> Participants {
    let all = Array(0..<side.bound.residues.count)
    guard let onto = side.onto else { return Participants(ids: side.bound.residueIds, numbers: all, positions: all) }
    let alignment = try ResidueAlignment(onto.residues.map(\.type), side.bound.residues.map(\.type))
    var result = Participants(positions: all.map { _ in nil })
    var alike = 0
    for (number, bound) in alignment.partners.enumerated() {
      guard let bound else { continue }
      if onto.residues[number].type == side.bound.residues[bound].type { alike += 1 }
      result.positions[bound] = result.ids.count
      result.ids.append(onto.residues[number].id)
      result.numbers.append(number)
    }
    guard !result.ids.isEmpty else {
      throw StructureError(
        .absent, "no residue of \(onto.source) is aligned to one of \(side.bound.source)",
        at: .init(source: onto.source))
    }
    result.unmatched = onto.residues.count - result.ids.count
    result.identity = Double(alike) / Double(min(onto.residues.count, side.bound.residues.count))
    return result
  }

  /// The pairs of residues, by their numbers, with atoms nearer than `distance`.
  private static func touching(
    _ a: Structure, _ b: Structure, nearerThan distance: Double
  ) throws -> [(a: Int, b: Int)] {
    try AtomEnvironment.checkDensity(b)
    let cells = CellList(b.atoms.map(\.position), side: max(4, distance / 2))
    var owners = [Int](repeating: 0, count: b.atoms.count)
    for (number, residue) in b.residues.enumerated() {
      for atom in residue.atoms { owners[atom] = number }
    }
    var lastSeen = [Int](repeating: -1, count: b.residues.count)
    var ranges: [Range<Int>] = []
    var pairs: [(a: Int, b: Int)] = []
    for (number, residue) in a.residues.enumerated() {
      for atom in residue.atoms {
        let point = a.atoms[atom].position
        cells.candidates(near: point, reach: distance, into: &ranges)
        for i in ranges.joined() {
          let offset = point - Point(cells.x[i], cells.y[i], cells.z[i])
          let owner = owners[Int(cells.order[i])]
          guard offset.dot(offset) < distance * distance, lastSeen[owner] != number else { continue }
          lastSeen[owner] = number
          pairs.append((number, owner))
        }
      }
    }
    return pairs
  }
}
