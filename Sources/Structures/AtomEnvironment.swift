#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The surroundings of the atoms of a structure: their accessible areas, crowding, and the residues that are near.
struct AtomEnvironment {
  /// The accessible area of each atom, in Å² (Shrake and Rupley 1973, J Mol Biol 79:351; probe 1.4 Å, 96 points).
  private(set) var area: [Double]
  /// The points of each atom's sphere that the probe reaches, as bits.
  private(set) var free: [SIMD2<UInt64>]
  /// The number of atoms within 10 Å of each atom, itself included.
  private(set) var crowding: [Int]
  /// The residues with an atom at most 8 Å from one of each residue, itself included, in rising order.
  private(set) var near: [[Int32]]

  /// The directions of the points on a sphere: a Fibonacci lattice, z = 1 - (2i + 1) / 96, with an angle of
  /// (i + 1/2) π (1 + √5).
  static let fixedSphere: [Point] = (0..<96).map { number in
    let step = Double(number) + 0.5
    let z = 1 - 2 * step / 96
    let angle = Double.pi * (1 + 5.0.squareRoot()) * step
    let radius = (1 - z * z).squareRoot()
    return Point(radius * cos(angle), radius * sin(angle), z)
  }

  /// The same points in directions that turn with the structure, by three of its atoms; where those lie on a line, the
  /// fixed ones.
  static func turnedSphere(of structure: Structure) -> [Point] {
    let atoms = structure.atoms
    let origin = atoms[0].position
    let first = (atoms[atoms.count / 3].position - origin).unit
    let second = atoms[atoms.count * 2 / 3].position - origin
    let across = second - second.dot(first) * first
    if first.length < 0.5 || across.length < 0.01 { return fixedSphere }
    let (y, z) = (across.unit, first.cross(across.unit))
    return fixedSphere.map { $0.x * first + $0.y * y + $0.z * z }
  }

  static let probe = 1.4
  private static let crowdReach = 10.0
  private static let nearReach = 8.0
  /// More atoms than have room in a cell of 5 Å.
  private static let mostInCell = 200

  /// The points of the spheres, which all atoms have in the same direction.
  let sphere: [Point]

  /// Looks at the surroundings of every atom; throws a `StructureError` where atoms lie more densely than matter does.
  init(_ structure: Structure, sphere: [Point]) throws {
    self.sphere = sphere
    let atoms = structure.atoms
    let cells = CellList(atoms.map(\.position), side: 5)
    try Self.check(cells, structure)
    area = .init(repeating: 0, count: atoms.count)
    free = .init(repeating: .zero, count: atoms.count)
    crowding = .init(repeating: 0, count: atoms.count)
    near = .init(repeating: [], count: structure.residues.count)
    let radii = cells.order.map { atoms[Int($0)].element.radius + Self.probe }
    var owners = [Int32](repeating: 0, count: atoms.count)
    for (number, residue) in structure.residues.enumerated() {
      for atom in residue.atoms { owners[atom] = Int32(number) }
    }
    owners = cells.order.map { owners[Int($0)] }
    var lastSeen = [Int32](repeating: -1, count: structure.residues.count)
    var search = Search(cells: cells, radii: radii, owners: owners, sphere: sphere)
    for (number, residue) in structure.residues.enumerated() {
      for atom in residue.atoms {
        crowding[atom] = search.look(from: atom, atoms[atom], of: Int32(number), &lastSeen, &near[number])
        (area[atom], free[atom]) = search.exposure(of: atoms[atom])
      }
      near[number].sort()
    }
  }

  /// Throws a `StructureError` where atoms lie more densely than matter does: the search among them would not end.
  static func checkDensity(_ structure: Structure) throws {
    try check(CellList(structure.atoms.map(\.position), side: 5), structure)
  }

  private static func check(_ cells: CellList, _ structure: Structure) throws {
    if cells.most > mostInCell {
      throw StructureError(
        .limit, "\(cells.most) atoms lie within a cube of 5 Å: no structure is so dense",
        at: .init(source: structure.source))
    }
  }

  /// An atom that can hide a part of a sphere: its position, and the square of its radius with the probe.
  private struct Occluder {
    var distance, x, y, z, square: Double
  }

  /// The search around one atom after the other, with its memory.
  private struct Search {
    let cells: CellList
    /// The radii with the probe, and the residues, in the order of the cells.
    let radii: [Double]
    let owners: [Int32]
    let sphere: [Point]
    private var ranges: [Range<Int>] = []
    private var occluders: [Occluder] = []

    init(cells: CellList, radii: [Double], owners: [Int32], sphere: [Point]) {
      (self.cells, self.radii, self.owners, self.sphere) = (cells, radii, owners, sphere)
    }

    /// Counts the atoms within 10 Å, notes residues within 8 Å, and keeps the atoms that can hide a part of the sphere.
    mutating func look(
      from number: Int, _ atom: Atom, of residue: Int32, _ lastSeen: inout [Int32], _ near: inout [Int32]
    ) -> Int {
      let point = atom.position
      let reach = atom.element.radius + AtomEnvironment.probe
      cells.candidates(near: point, reach: AtomEnvironment.crowdReach, into: &ranges)
      occluders.removeAll(keepingCapacity: true)
      var count = 0
      for range in ranges {
        cells.forEachSquare(range, from: point, atMost: AtomEnvironment.crowdReach * AtomEnvironment.crowdReach) {
          i, square in
          count += 1
          guard square <= AtomEnvironment.nearReach * AtomEnvironment.nearReach else { return }
          let owner = Int(owners[i])
          if lastSeen[owner] != residue {
            lastSeen[owner] = residue
            near.append(Int32(owner))
          }
          let sum = reach + radii[i]
          guard square < sum * sum, Int(cells.order[i]) != number else { return }
          occluders.append(
            Occluder(distance: square, x: cells.x[i], y: cells.y[i], z: cells.z[i], square: radii[i] * radii[i]))
        }
      }
      return count
    }

    /// The area of the sphere around an atom that no other sphere hides, and its points as bits.
    mutating func exposure(of atom: Atom) -> (area: Double, free: SIMD2<UInt64>) {
      // The nearest hide the most: they are asked first.
      occluders.sort { $0.distance < $1.distance }
      let radius = atom.element.radius + AtomEnvironment.probe
      var free = SIMD2<UInt64>.zero
      occluders.withUnsafeBufferPointer { occluders in
        for (number, direction) in sphere.enumerated() {
          let point = atom.position + radius * direction
          var i = 0
          while i < occluders.count {
            let (dx, dy, dz) = (point.x - occluders[i].x, point.y - occluders[i].y, point.z - occluders[i].z)
            if dx * dx + dy * dy + dz * dz < occluders[i].square { break }
            i += 1
          }
          if i == occluders.count { free[number >> 6] |= 1 << UInt64(number & 63) }
        }
      }
      let share = Double(free[0].nonzeroBitCount + free[1].nonzeroBitCount) / Double(sphere.count)
      return (share * 4 * Double.pi * radius * radius, free)
    }
  }
}
