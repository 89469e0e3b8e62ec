/// The 76 columns of the residues of a structure, all from the one protein.
///
/// Columns 0–19 the amino acid (or a profile), 20 relative accessible area, 21–22 depth, 23–28 protrusion, 29–34 depth
/// index, 35 hydropathy, 36–55 and 56–75 the amino acids in the half spheres of and against the side chain.
struct ResidueColumns {
  static let count = 76

  /// The names of the columns; with a profile those of the first 20 are other ones, and those that go by the points of
  /// spheres are where these turn with the structure.
  static func names(withProfile: Bool, turned: Bool) -> [String] {
    let statistics = ["mean", "sd", "side.mean", "side.sd", "max", "min"]
    let letters = AminoAcid.letters
    let turned = turned ? "-turned" : ""
    let surface = ["rasa", "depth.mean", "depth.ca"] + statistics.map { "cx." + $0 } + statistics.map { "dpx." + $0 }
    return letters.map { (withProfile ? "pssm." : "residue.") + $0 }
      + surface.map { $0.hasPrefix("cx.") ? $0 : $0 + turned } + ["hydropathy"]
      + letters.map { "up." + $0 } + letters.map { "down." + $0 }
  }

  /// The values, residues × 76, row-major.
  private(set) var values: [Double]
  /// The normal of each residue's CA-C-O plane, at length 1; 0 where one of the atoms is missing.
  private(set) var normals: [Point] = []

  private let structure: Structure
  private let environment: AtomEnvironment
  private var alphaCarbons: [Point] = []
  private var sideDirections: [Point] = []

  /// Scales of the statistics: each becomes (v + 1) / (m + 1), clipped to 0…1 (the largest seen in the reference data).
  private static let largestProtrusions = [11.153, 4.8229, 12.212, 4.4148, 19.84, 9.4199]
  private static let largestDepthIndices = [7.5131, 2.4013, 7.658, 1.8651, 8.0278, 7.0175]

  /// Computes all columns; throws a `StructureError` where atoms lie more densely than matter does.
  ///
  /// - Parameter turned: whether the points of spheres turn with the structure.
  init(_ structure: Structure, turned: Bool) throws {
    self.structure = structure
    let sphere = turned ? AtomEnvironment.turnedSphere(of: structure) : AtomEnvironment.fixedSphere
    environment = try AtomEnvironment(structure, sphere: sphere)
    values = .init(repeating: 0, count: structure.residues.count * Self.count)
    let depth = AtomDepth(structure, environment)
    let protrusion = environment.crowding.map(Self.protrusion)
    for (number, residue) in structure.residues.enumerated() {
      findDirections(of: residue)
      set(number, residue.type.number, 1)
      let area = residue.atoms.reduce(0) { $0 + environment.area[$1] }
      set(number, 20, min(1, area / residue.type.largestArea))
      set(number, 21, residue.atoms.reduce(0) { $0 + depth.depth[$1] } / Double(residue.atoms.count))
      set(number, 22, depth.depth[atom(.ca, of: residue) ?? residue.atoms.lowerBound])
      setStatistics(number, residue, protrusion, from: 23, Self.largestProtrusions)
      setStatistics(number, residue, depth.index, from: 29, Self.largestDepthIndices)
      set(number, 35, (residue.type.hydropathy + 4.5) / 9)
    }
    for column in [21, 22] { divideByLargest(column) }
    for number in structure.residues.indices { setHalfSpheres(number) }
  }

  private mutating func set(_ residue: Int, _ column: Int, _ value: Double) {
    values[residue * Self.count + column] = value
  }

  private func atom(_ name: AtomName, of residue: Residue) -> Int? {
    residue.atoms.first { structure.atoms[$0].name == name }
  }

  private func position(_ name: AtomName, of residue: Residue) -> Point? {
    atom(name, of: residue).map { structure.atoms[$0].position }
  }

  /// The free share of a sphere of 10 Å around an atom, over the filled one (cx; Pintar and others 2002, Bioinformatics
  /// 18:980), where each of the `count` atoms in it fills 20.1 Å³.
  private static func protrusion(_ count: Int) -> Double {
    let sphere = 4.0 / 3 * Double.pi * 1000
    let inside = min(20.1 * Double(count), sphere)
    return (sphere - inside) / inside
  }

  /// Mean and population deviation of all atoms and of the side chain (glycine: of all), largest and smallest value.
  private mutating func setStatistics(
    _ number: Int, _ residue: Residue, _ all: [Double], from column: Int, _ largest: [Double]
  ) {
    let own = residue.atoms.map { all[$0] }
    var side = residue.atoms.filter { structure.atoms[$0].isSideChain }.map { all[$0] }
    if side.isEmpty { side = own }
    let (mean, deviation) = Self.moments(own)
    let (sideMean, sideDeviation) = Self.moments(side)
    let statistics = [
      mean, deviation, sideMean, sideDeviation, own.reduce(-.infinity, max), own.reduce(.infinity, min),
    ]
    for (offset, (value, limit)) in zip(statistics, largest).enumerated() {
      set(number, column + offset, min(1, max(0, (value + 1) / (limit + 1))))
    }
  }

  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  /// Finds the alpha carbon (or the centre), the direction of the side chain and the normal of the CA-C-O plane.
  private mutating func findDirections(of residue: Residue) {
    let points = residue.atoms.map { structure.atoms[$0].position }
    let alpha =
      position(.ca, of: residue) ?? (1 / Double(points.count)) * points.reduce(Point.zero) { $0 + $1 }
    alphaCarbons.append(alpha)
    let side = residue.atoms.filter { structure.atoms[$0].isSideChain }
    if !side.isEmpty {
      let sum = side.reduce(Point.zero) { $0 + (structure.atoms[$1].position - alpha).unit }
      sideDirections.append((1 / Double(side.count)) * sum)
    } else if let n = position(.n, of: residue), let c = position(.c, of: residue) {
      sideDirections.append(-0.5 * ((n - alpha).unit + (c - alpha).unit))
    } else {
      sideDirections.append(.zero)
    }
    if let c = position(.c, of: residue), let o = position(.o, of: residue) {
      normals.append((alpha - c).cross(o - c).unit)
    } else {
      normals.append(.zero)
    }
  }

  private mutating func divideByLargest(_ column: Int) {
    var largest = 1e-9
    for number in structure.residues.indices { largest = max(largest, values[number * Self.count + column]) }
    for number in structure.residues.indices { values[number * Self.count + column] /= largest }
  }

  /// Counts the amino acids near a residue, on the side of its side chain and on the other; the residue itself is on
  /// both (half-sphere exposure; Hamelryck 2005, Proteins 59:38).
  private mutating func setHalfSpheres(_ number: Int) {
    var (up, down) = ([Double](repeating: 0, count: 20), [Double](repeating: 0, count: 20))
    for other in environment.near[number].map(Int.init) {
      let type = structure.residues[other].type.number
      let isUp = (alphaCarbons[other] - alphaCarbons[number]).dot(sideDirections[number]) > 0
      if other == number || isUp { up[type] += 1 }
      if other == number || !isUp { down[type] += 1 }
    }
    let (all, rest) = (up.reduce(0, +), down.reduce(0, +))
    for type in 0..<20 {
      set(number, 36 + type, up[type] / all)
      set(number, 56 + type, down[type] / rest)
    }
  }
}
