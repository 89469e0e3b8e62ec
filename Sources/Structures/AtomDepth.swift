/// The depths of the atoms of a structure.
struct AtomDepth {
  /// The distance of each atom's centre to the nearest point of the accessible van der Waals surface, in Å.
  private(set) var depth: [Double]
  /// The distance to the nearest atom with an accessible area, 0 for those (dpx; Pintar and others 2003,
  /// Bioinformatics 19:313), in Å.
  private(set) var index: [Double]

  private let atoms: [Atom]
  private let environment: AtomEnvironment
  /// The atoms with an accessible area.
  private let exposed: [Int]
  private let cells: CellList
  private static let largestRadius = 1.8

  /// Measures all atoms.
  init(_ structure: Structure, _ environment: AtomEnvironment) {
    atoms = structure.atoms
    self.environment = environment
    exposed = atoms.indices.filter { environment.area[$0] > 0 }
    let atoms = atoms
    cells = CellList(exposed.map { atoms[$0].position }, side: 4)
    depth = .init(repeating: 0, count: atoms.count)
    index = .init(repeating: 0, count: atoms.count)
    if exposed.isEmpty { return }
    var ranges: [Range<Int>] = []
    for number in atoms.indices {
      let (nearest, distance) = nearest(to: number, &ranges)
      index[number] = environment.area[number] > 0 ? 0 : distance
      depth[number] = surface(from: number, nearest: nearest, distance, &ranges)
    }
  }

  /// The exposed atom (by its position in the list of cells) that is nearest to an atom.
  private func nearest(to number: Int, _ ranges: inout [Range<Int>]) -> (position: Int, distance: Double) {
    let point = atoms[number].position
    var reach = 4.0
    while true {
      cells.candidates(near: point, reach: reach, into: &ranges)
      var best = (position: -1, square: Double.infinity)
      for range in ranges {
        for i in range {
          let square = square(point, i)
          if square < best.square { best = (i, square) }
        }
      }
      // An atom beyond the reach may have a nearer one that was not looked at.
      let isAll = ranges.count == 1 && ranges[0].count == exposed.count
      if isAll || best.square <= reach * reach { return (best.position, best.square.squareRoot()) }
      reach *= 2
    }
  }

  /// The distance to the nearest free point of the exposed atoms' van der Waals spheres.
  private func surface(
    from number: Int, nearest: Int, _ distance: Double, _ ranges: inout [Range<Int>]
  ) -> Double {
    let point = atoms[number].position
    var best = Double.infinity
    look(at: nearest, from: point, &best)
    // No atom farther than this has a point that is nearer than one of the nearest atom.
    cells.candidates(near: point, reach: best.squareRoot() + Self.largestRadius, into: &ranges)
    for range in ranges {
      for i in range where i != nearest {
        let limit = best.squareRoot() + atoms[exposed[Int(cells.order[i])]].element.radius
        if square(point, i) < limit * limit { look(at: i, from: point, &best) }
      }
    }
    return best.squareRoot()
  }

  /// Lowers `best`, a squared distance, to that of the nearest free point of an exposed atom.
  private func look(at position: Int, from point: Point, _ best: inout Double) {
    let number = exposed[Int(cells.order[position])]
    let radius = atoms[number].element.radius
    let offset = atoms[number].position - point
    for word in 0..<2 {
      var bits = environment.free[number][word]
      while bits != 0 {
        let spot = offset + radius * environment.sphere[word * 64 + bits.trailingZeroBitCount]
        best = min(best, spot.dot(spot))
        bits &= bits - 1
      }
    }
  }

  private func square(_ point: Point, _ i: Int) -> Double {
    let (dx, dy, dz) = (point.x - cells.x[i], point.y - cells.y[i], point.z - cells.z[i])
    return dx * dx + dy * dy + dz * dz
  }
}
