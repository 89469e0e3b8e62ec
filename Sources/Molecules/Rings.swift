// The smallest rings of a molecule: a minimum cycle basis from shortest paths (Vismara 1997, Electron. J. Combin.
// 4:R9), and further rings that symmetry makes as good as those in it.
extension Molecule {
  /// Finds the smallest rings, and marks the bonds in rings; dative bonds close none.
  mutating func findRings() {
    markRingBonds()
    var isSeen = [Bool](repeating: false, count: atoms.count)
    for first in atoms.indices where !isSeen[first] {
      guard linkPlaces(of: first).contains(where: { bonds[links[$0].bond].isInRing }) else { continue }
      isSeen[first] = true
      var (members, head) = ([first], 0)
      while head < members.count {
        for place in linkPlaces(of: members[head]) {
          let link = links[place]
          if !bonds[link.bond].isInRing || isSeen[link.atom] { continue }
          isSeen[link.atom] = true
          members.append(link.atom)
        }
        head += 1
      }
      findRings(among: members)
    }
  }

  /// Finds the rings of a ring system; most are a single ring, or two that are fused.
  private mutating func findRings(among members: [Int]) {
    var (ends, forks) = (0, [Int]())
    for atom in members {
      let degree = linkPlaces(of: atom).count { bonds[links[$0].bond].isInRing }
      ends += degree
      if degree > 2 { forks.append(atom) }
    }
    if forks.isEmpty {
      rings.append(ring(from: members[0]) { bonds[$0].isInRing })
    } else if forks.count == 2 && ends == 2 * members.count + 2 {
      findFusedRings(forks[0], forks[1])
    } else {
      var search = RingSearch(self, members, bonds: ends / 2)
      rings += search.rings()
    }
  }

  /// Finds the rings of two atoms that three chains join: the two smallest, and the third where it is as small as the
  /// second.
  private mutating func findFusedRings(_ first: Int, _ second: Int) {
    var chains = links(of: first).filter { bonds[$0.bond].isInRing }.map { chain($0, to: second) }
    chains.sort { $0.bonds.count < $1.bonds.count }
    rings += [fused(first, second, chains[0], chains[1]), fused(first, second, chains[0], chains[2])]
    if chains[0].bonds.count == chains[1].bonds.count { rings.append(fused(first, second, chains[1], chains[2])) }
  }

  /// The atoms before `last` and the bonds of a chain of a ring system that begins with a bond.
  private func chain(_ link: Link, to last: Int) -> (atoms: [Int], bonds: [Int]) {
    var (atoms, chain, link) = ([Int](), [link.bond], link)
    while link.atom != last {
      atoms.append(link.atom)
      guard let next = links(of: link.atom).first(where: { $0.bond != link.bond && bonds[$0.bond].isInRing }) else {
        break
      }
      link = next
      chain.append(link.bond)
    }
    return (atoms, chain)
  }

  private func fused(
    _ first: Int, _ second: Int, _ one: (atoms: [Int], bonds: [Int]), _ other: (atoms: [Int], bonds: [Int])
  ) -> Ring {
    Ring(
      atoms: [first] + one.atoms + [second] + other.atoms.reversed(), bonds: one.bonds + other.bonds.reversed())
  }

  /// The ring through an atom of the bonds that `isIn` picks, two at each atom.
  fileprivate func ring(from first: Int, _ isIn: (Int) -> Bool) -> Ring {
    var (atoms, ring) = ([first], [Int]())
    atoms.reserveCapacity(8)
    ring.reserveCapacity(8)
    while true {
      let last = ring.last
      guard
        let place = linkPlaces(of: atoms[atoms.count - 1]).first(where: {
          links[$0].bond != last && isIn(links[$0].bond)
        })
      else { break }
      let link = links[place]
      ring.append(link.bond)
      if link.atom == first { break }
      atoms.append(link.atom)
    }
    return Ring(atoms: atoms, bonds: ring)
  }

  /// Marks the bonds that are part of a ring: all but bridges, by a walk that numbers the atoms as they come (Tarjan
  /// 1974, Inf. Process. Lett. 2:160).
  private mutating func markRingBonds() {
    if bonds.isEmpty { return }
    var order = [Int](repeating: -1, count: atoms.count)
    var lowest = order
    var next = starts.map(Int.init)
    var path: [(atom: Int, bond: Int)] = []
    var count = 0
    for root in atoms.indices where order[root] < 0 {
      path.append((root, -1))
      (order[root], lowest[root]) = (count, count)
      count += 1
      while let (atom, bond) = path.last {
        if next[atom] < Int(starts[atom + 1]) {
          let link = links[next[atom]]
          next[atom] += 1
          if link.bond == bond || bonds[link.bond].isDative { continue }
          if order[link.atom] < 0 {
            (order[link.atom], lowest[link.atom]) = (count, count)
            count += 1
            path.append((link.atom, link.bond))
          } else {
            bonds[link.bond].isInRing = true
            lowest[atom] = min(lowest[atom], order[link.atom])
          }
        } else {
          path.removeLast()
          guard let before = path.last?.atom else { continue }
          lowest[before] = min(lowest[before], lowest[atom])
          bonds[bond].isInRing = lowest[atom] <= order[before]
        }
      }
    }
  }
}

/// A search for the smallest rings of one ring system.
private struct RingSearch {
  private let molecule: Molecule
  private let members: [Int]
  private let wanted: Int
  /// The number of words of a set of bonds.
  private let words: Int
  /// The bonds of the system, and the ends of those of each atom in `links`, all by their places in the system.
  private var systemBonds: [Int] = []
  private var starts = [0]
  private var links: [(atom: Int, bond: Int)] = []
  /// From the root of a search: the distance of each atom, its shortest paths as places in `paths`, and the bonds of
  /// all paths, `words` words each.
  private var distance: [Int]
  private var ways: [Range<Int>]
  private var paths: [UInt64] = []
  private var queue: [Int] = []
  /// The maximum number of shortest paths to an atom that are told apart.
  private static let mostWays = 32
  /// The cycles that may be smallest rings: sizes, and sets of bonds.
  private var sizes: [Int] = []
  private var sets: [UInt64] = []

  init(_ molecule: Molecule, _ members: [Int], bonds: Int) {
    (self.molecule, self.members) = (molecule, members)
    wanted = bonds - members.count + 1
    words = (bonds + 63) / 64
    distance = [Int](repeating: -1, count: members.count)
    ways = [Range<Int>](repeating: 0..<0, count: members.count)
    var places = [Int](repeating: 0, count: molecule.atoms.count)
    for (place, atom) in members.enumerated() { places[atom] = place }
    var bondPlaces = [Int](repeating: -1, count: molecule.bonds.count)
    links.reserveCapacity(2 * bonds)
    for atom in members {
      for place in molecule.linkPlaces(of: atom) {
        let link = molecule.links[place]
        if !molecule.bonds[link.bond].isInRing { continue }
        let number = bondPlaces[link.bond] < 0 ? systemBonds.count : bondPlaces[link.bond]
        if number == systemBonds.count {
          bondPlaces[link.bond] = number
          systemBonds.append(link.bond)
        }
        links.append((places[link.atom], number))
      }
      starts.append(links.count)
    }
  }

  /// The rings of a minimum cycle basis, and those that could take the place of one of them.
  ///
  /// Rings of up to seven atoms are looked for first: where these make a basis, no larger one is in it.
  mutating func rings() -> [Molecule.Ring] {
    var result: [Molecule.Ring] = []
    for most in [3, members.count] {
      (sizes, sets) = ([], [])
      // Both paths leave the root for atoms before it: most roots have one.
      for root in members.indices where links[starts[root]..<starts[root + 1]].count(where: { $0.atom < root }) > 1 {
        addCycles(from: root, within: most)
      }
      let order = sizes.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
      var basis = CycleBasis(words: words)
      var (found, extras) = ([Int](), [Int]())
      for cycle in order {
        if found.count == wanted && sizes[cycle] > sizes[found[found.count - 1]] { break }
        if found.count < wanted && basis.insert(set(cycle)) { found.append(cycle) } else { extras.append(cycle) }
      }
      guard found.count == wanted || most > 3 else { continue }
      result = (found + interchangeable(extras, found)).map { ring($0) }
      break
    }
    return result
  }

  private func set(_ cycle: Int) -> ArraySlice<UInt64> { sets[cycle * words..<(cycle + 1) * words] }

  private func contains(_ cycle: Int, _ bond: Int) -> Bool {
    sets[cycle * words + bond >> 6] >> UInt64(bond & 63) & 1 == 1
  }

  /// Adds the cycles in which `root` is the last atom, by its place, and which two shortest paths from it close, of up
  /// to `most` bonds each.
  private mutating func addCycles(from root: Int, within most: Int) {
    var head = 0
    queue.removeAll(keepingCapacity: true)
    queue.append(root)
    distance[root] = 0
    paths.removeAll(keepingCapacity: true)
    for _ in 0..<words { paths.append(0) }
    ways[root] = 0..<1
    while head < queue.count {
      let atom = queue[head]
      head += 1
      if atom != root { findWays(to: atom) }
      if distance[atom] == most { continue }
      for place in starts[atom]..<starts[atom + 1] {
        let other = links[place].atom
        if other >= root || distance[other] >= 0 { continue }
        distance[other] = distance[atom] + 1
        queue.append(other)
      }
    }
    for far in queue where far != root {
      let own = starts[far]..<starts[far + 1]
      for place in own where links[place].atom < root {
        let near = links[place]
        // An odd ring is closed by a bond between two atoms as far away, an even one at an atom one bond farther.
        if distance[near.atom] == distance[far] && near.atom < far {
          addCycles(far, near.atom, size: 2 * distance[far] + 1, near.bond)
        } else if distance[near.atom] == distance[far] - 1 && near.atom != root {
          for before in own.lowerBound..<place {
            let other = links[before]
            if other.atom >= root || distance[other.atom] != distance[near.atom] { continue }
            addCycles(near.atom, other.atom, size: 2 * distance[far], near.bond, other.bond)
          }
        }
      }
    }
    for atom in queue { distance[atom] = -1 }
  }

  /// Lists the shortest paths to an atom, by those to the atoms before it.
  private mutating func findWays(to atom: Int) {
    let first = paths.count / words
    for place in starts[atom]..<starts[atom + 1] {
      let (before, bond) = links[place]
      if distance[before] < 0 || distance[before] != distance[atom] - 1 { continue }
      for way in ways[before] where paths.count / words < first + Self.mostWays {
        for word in 0..<words { paths.append(paths[way * words + word]) }
        paths[paths.count - words + bond >> 6] |= 1 << UInt64(bond & 63)
      }
    }
    ways[atom] = first..<paths.count / words
  }

  /// Adds the cycles of a path to each of two atoms and further bonds, where the paths have no bond in common.
  private mutating func addCycles(_ a: Int, _ b: Int, size: Int, _ bond: Int, _ further: Int? = nil) {
    for one in ways[a] {
      for other in ways[b] {
        var common: UInt64 = 0
        for word in 0..<words { common |= paths[one * words + word] & paths[other * words + word] }
        if common != 0 { continue }
        let first = sets.count
        for word in 0..<words { sets.append(paths[one * words + word] | paths[other * words + word]) }
        sets[first + bond >> 6] |= 1 << UInt64(bond & 63)
        if let further { sets[first + further >> 6] |= 1 << UInt64(further & 63) }
        sizes.append(size)
      }
    }
  }

  /// Of further cycles those that can replace a ring of the basis: of its size, sharing a bond, and with all bonds that
  /// no other ring of the basis has.
  private func interchangeable(_ extras: [Int], _ basis: [Int]) -> [Int] {
    if extras.isEmpty { return [] }
    let uses = systemBonds.indices.map { bond in basis.count { contains($0, bond) } }
    return extras.filter { extra in
      basis.contains { ring in
        guard sizes[ring] == sizes[extra] else { return false }
        let own = systemBonds.indices.filter { contains(ring, $0) }
        return own.contains { contains(extra, $0) } && own.allSatisfy { uses[$0] > 1 || contains(extra, $0) }
      }
    }
  }

  /// The atoms and bonds of a cycle, in their order around it.
  private func ring(_ cycle: Int) -> Molecule.Ring {
    var own: [Int] = []
    own.reserveCapacity(sizes[cycle])
    for bond in systemBonds.indices where contains(cycle, bond) { own.append(systemBonds[bond]) }
    return molecule.ring(from: Int(molecule.bonds[own[0]].begin)) { own.contains($0) }
  }
}

/// Cycles that are independent over GF(2), each a set of bonds.
private struct CycleBasis {
  private let words: Int
  /// The reduced cycles, `words` each, and the first bond of each.
  private var rows: [UInt64] = []
  private var pivots: [Int] = []

  init(words: Int) { self.words = words }

  /// Takes a cycle in if no sum of those before is the same; returns whether it is in.
  mutating func insert(_ set: ArraySlice<UInt64>) -> Bool {
    var row = Array(set)
    for (number, pivot) in pivots.enumerated() where row[pivot >> 6] >> UInt64(pivot & 63) & 1 == 1 {
      for word in 0..<words { row[word] ^= rows[number * words + word] }
    }
    guard let word = row.firstIndex(where: { $0 != 0 }) else { return false }
    pivots.append(word << 6 + row[word].trailingZeroBitCount)
    rows += row
    return true
  }
}
