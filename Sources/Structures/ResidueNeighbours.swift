/// The neighbours of each residue, nearest first by the mean distance between their atoms.
struct ResidueNeighbours {
  /// The numbers and mean distances in Å of each residue's neighbours; equal distances in the order of the residues.
  private(set) var lists: [[(residue: Int, distance: Double)]] = []

  private let structure: Structure
  private let centres: [Point]

  /// Finds at most `count` neighbours of every residue.
  ///
  /// The mean distance between the atoms of two residues is at least the distance between their centres: residues whose
  /// centres are farther than the last of `count` neighbours are not looked at.
  init(_ structure: Structure, count: Int) {
    self.structure = structure
    centres = structure.residues.map { residue in
      let sum = structure.atoms[residue.atoms].reduce(Point.zero) { $0 + $1.position }
      return (1 / Double(residue.atoms.count)) * sum
    }
    let cells = CellList(centres, side: 7)
    var ranges: [Range<Int>] = []
    for number in structure.residues.indices {
      var reach = 14.0
      var found: [(residue: Int, distance: Double)]?
      while found == nil {
        cells.candidates(near: centres[number], reach: reach, into: &ranges)
        found = nearest(to: number, count, cells, ranges, reach: reach)
        reach *= 2
      }
      lists.append(found ?? [])
    }
  }

  /// The nearest among the residues in `ranges`; nil where others beyond `reach` may be nearer.
  private func nearest(
    to number: Int, _ count: Int, _ cells: CellList, _ ranges: [Range<Int>], reach: Double
  ) -> [(residue: Int, distance: Double)]? {
    let isAll = ranges.reduce(0) { $0 + $1.count } == centres.count
    var candidates: [(bound: Double, residue: Int)] = []
    for range in ranges {
      for i in range where Int(cells.order[i]) != number {
        let offset = Point(cells.x[i], cells.y[i], cells.z[i]) - centres[number]
        let bound = offset.length
        if isAll || bound <= reach { candidates.append((bound, Int(cells.order[i]))) }
      }
    }
    if candidates.count < count && !isAll { return nil }
    candidates.sort { $0 < $1 }
    var best: [(residue: Int, distance: Double)] = []
    for candidate in candidates {
      // The bound is a mean of as many roundings as there are atoms.
      if best.count == count, candidate.bound > best[count - 1].distance + 1e-6 { break }
      let distance = meanDistance(number, candidate.residue)
      let index = best.firstIndex { (distance, candidate.residue) < ($0.distance, $0.residue) } ?? best.count
      if index < count {
        best.insert((candidate.residue, distance), at: index)
        if best.count > count { best.removeLast() }
      }
    }
    if isAll { return best }
    return best[count - 1].distance + 1e-6 < reach ? best : nil
  }

  /// The mean distance in Å over all pairs of atoms of two residues.
  private func meanDistance(_ a: Int, _ b: Int) -> Double {
    let (rows, columns) = (structure.residues[a].atoms, structure.residues[b].atoms)
    var sum = 0.0
    structure.atoms.withUnsafeBufferPointer { atoms in
      for i in rows {
        let p = atoms[i].position
        for j in columns {
          let q = atoms[j].position
          let (dx, dy, dz) = (p.x - q.x, p.y - q.y, p.z - q.z)
          sum += (dx * dx + dy * dy + dz * dz).squareRoot()
        }
      }
    }
    return sum / Double(rows.count * columns.count)
  }
}
