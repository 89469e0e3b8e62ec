// The smallest rings of a molecule: a minimum cycle basis from shortest paths (Vismara 1997, Electron. J. Combin.
// 4:R9), and further rings that symmetry makes as good as those in it.
extension Molecule {
  /// Finds the smallest rings, and marks the bonds in rings; dative bonds close none.
  mutating func findRings() {
    markRingBonds()
    // The bonds in rings of each atom, 0 once its ring system is found.
    var degrees = [UInt16](repeating: 0, count: atoms.count)
    for bond in bonds where bond.isInRing {
      degrees[Int(bond.begin)] += 1
      degrees[Int(bond.end)] += 1
    }
    var members: [Int] = []
    for first in atoms.indices where degrees[first] > 0 {
      members.removeAll(keepingCapacity: true)
      var (ends, forks, head) = (0, [Int](), 0)
      func add(_ atom: Int) {
        members.append(atom)
        ends += Int(degrees[atom])
        if degrees[atom] > 2 { forks.append(atom) }
        degrees[atom] = 0
      }
      add(first)
      while head < members.count {
        for place in linkPlaces(of: members[head]) where degrees[links[place].atom] > 0 {
          if bonds[links[place].bond].isInRing { add(links[place].atom) }
        }
        head += 1
      }
      findRings(among: members, forks, bonds: ends / 2)
    }
  }

  /// Finds the rings of a ring system; most are a single ring, or two that are fused.
  private mutating func findRings(among members: [Int], _ forks: [Int], bonds: Int) {
    if forks.isEmpty {
      guard let link = ringLink(of: members[0], besides: nil) else { return }
      appendChain(from: members[0], over: link, to: members[0])
      rings.close()
    } else if forks.count == 2 && bonds == members.count + 1 {
      findFusedRings(forks[0], forks[1])
    } else {
      var search = RingSearch(self, members, bonds: bonds)
      search.appendRings(to: &rings)
    }
  }

  /// Finds the rings of two atoms that three chains join: the two smallest, and the third where it is as small as the
  /// second.
  private mutating func findFusedRings(_ first: Int, _ second: Int) {
    var chains: [(length: Int, begin: Link, end: Link)] = []
    for place in linkPlaces(of: first) where bonds[links[place].bond].isInRing {
      chains.append(chain(from: first, over: links[place], to: second))
    }
    chains.sort { $0.length < $1.length }
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
      if one == 1 && chains[0].length != chains[1].length { break }
      appendChain(from: first, over: chains[one].begin, to: second)
      appendChain(from: second, over: chains[other].end, to: first)
      rings.close()
    }
  }

  /// A chain of a ring system: its number of bonds, and the link that it begins with from either end.
  private func chain(from first: Int, over begin: Link, to last: Int) -> (length: Int, begin: Link, end: Link) {
    var (length, before, link) = (1, first, begin)
    while link.atom != last, let next = ringLink(of: link.atom, besides: link.bond) {
      (length, before, link) = (length + 1, link.atom, next)
    }
    return (length, begin, Link(atom: before, bond: link.bond))
  }

  /// Appends to a ring the atoms before `last`, and the bonds, of a chain of a ring system.
  private mutating func appendChain(from first: Int, over begin: Link, to last: Int) {
    rings.append(first, begin.bond)
    var link = begin
    while link.atom != last, let next = ringLink(of: link.atom, besides: link.bond) {
      rings.append(link.atom, next.bond)
      link = next
    }
  }

  /// The first link of an atom in a ring that is another bond than the given one.
  private func ringLink(of atom: Int, besides bond: Int?) -> Link? {
    for place in linkPlaces(of: atom) where bonds[links[place].bond].isInRing && links[place].bond != bond {
      return links[place]
    }
    return nil
  }

  /// Marks the bonds that are part of a ring: all but bridges, by a walk that numbers the atoms as they come (Tarjan
  /// 1974, Inf. Process. Lett. 2:160).
  private mutating func markRingBonds() {
    if bonds.isEmpty { return }
    let unseen = Int32(-1)
    var order = [Int32](repeating: unseen, count: atoms.count)
    var lowest = order
    var next = starts
    var path: [(atom: Int, bond: Int)] = []
    path.reserveCapacity(atoms.count)
    var count: Int32 = 0
    for root in atoms.indices where order[root] < 0 {
      path.append((root, -1))
      (order[root], lowest[root]) = (count, count)
      count += 1
      while let (atom, bond) = path.last {
        if next[atom] < starts[atom + 1] {
          let link = links[Int(next[atom])]
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

/// A search for the smallest rings of one ring system, whose atoms and bonds go by their places in it.
private struct RingSearch {
  /// The numbers of the system's atoms and bonds in the molecule, and the atoms of each bond.
  private let members: [Int]
  private var bonds: [(number: Int, begin: Int, end: Int)] = []
  /// The ends of the bonds of each atom in `links`.
  private var starts = [0]
  private var links: [Molecule.Link] = []
  /// The number of rings of a basis.
  private let wanted: Int
  /// The number of words of a set of bonds.
  private let words: Int
  /// From the root of a search: the distance of each atom, its shortest paths as places in `paths`, and the bonds of
  /// all paths, `words` words each.
  private var distance: [Int]
  private var ways: [Range<Int>]
  private var paths: [UInt64] = []
  private var queue: [Int] = []
  /// The maximum number of shortest paths to an atom that are told apart.
  private static let mostWays = 32
  /// The cycles that may be smallest rings: sizes, and the places of their sets of bonds in `sets`.
  private var cycles: [Cycle] = []
  private var sets: [UInt64] = []

  typealias Cycle = (size: Int, set: Int)

  init(_ molecule: Molecule, _ members: [Int], bonds count: Int) {
    self.members = members
    wanted = count - members.count + 1
    words = (count + 63) / 64
    distance = [Int](repeating: -1, count: members.count)
    ways = [Range<Int>](repeating: 0..<0, count: members.count)
    var places = [Int](repeating: 0, count: molecule.atoms.count)
    for (place, atom) in members.enumerated() { places[atom] = place }
    var bondPlaces = [Int](repeating: -1, count: molecule.bonds.count)
    bonds.reserveCapacity(count)
    links.reserveCapacity(2 * count)
    starts.reserveCapacity(members.count + 1)
    for atom in members {
      for place in molecule.linkPlaces(of: atom) {
        let link = molecule.links[place]
        let bond = molecule.bonds[link.bond]
        if !bond.isInRing { continue }
        if bondPlaces[link.bond] < 0 {
          bondPlaces[link.bond] = bonds.count
          bonds.append((link.bond, places[Int(bond.begin)], places[Int(bond.end)]))
        }
        links.append(Molecule.Link(atom: places[link.atom], bond: bondPlaces[link.bond]))
      }
      starts.append(links.count)
    }
  }

  /// Appends the rings of a minimum cycle basis, and those that could take the place of one of them.
  ///
  /// Rings of up to seven atoms are looked for first: where these make a basis, no larger one is in it.
  mutating func appendRings(to rings: inout Molecule.Rings) {
    if !appendRings(within: 3, to: &rings) { _ = appendRings(within: members.count, to: &rings) }
  }

  /// Appends the rings that close within a distance from their last atoms, if these make a basis or are all.
  private mutating func appendRings(within most: Int, to rings: inout Molecule.Rings) -> Bool {
    cycles.removeAll(keepingCapacity: true)
    sets.removeAll(keepingCapacity: true)
    // Both paths leave the root for atoms before it: most roots have one.
    for root in members.indices where (starts[root]..<starts[root + 1]).count(where: { links[$0].atom < root }) > 1 {
      addCycles(from: root, within: most)
    }
    cycles.sort { $0 < $1 }
    var basis = CycleBasis(words: words)
    var (found, extras) = ([Cycle](), [Cycle]())
    found.reserveCapacity(wanted)
    for cycle in cycles {
      if found.count == wanted && cycle.size > found[wanted - 1].size { break }
      if found.count < wanted && basis.insert(sets, at: cycle.set) { found.append(cycle) } else { extras.append(cycle) }
    }
    guard found.count == wanted || most == members.count else { return false }
    for cycle in found { append(cycle, to: &rings) }
    for cycle in interchangeable(extras, found) { append(cycle, to: &rings) }
    return true
  }

  private func contains(_ cycle: Cycle, _ bond: Int) -> Bool {
    sets[cycle.set + bond >> 6] >> UInt64(bond & 63) & 1 == 1
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
      let (before, bond) = (links[place].atom, links[place].bond)
      if distance[before] < 0 || distance[before] != distance[atom] - 1 { continue }
      for way in ways[before] where paths.count / words < first + Self.mostWays {
        for word in 0..<words { paths.append(paths[way * words + word]) }
        paths[paths.count - words + bond >> 6] |= 1 << UInt64(bond & 63)
      }
    }
    ways[atom] = first..<paths.count / words
  }

  /// Adds the cycles of a path to each of two atoms and further bonds, where the paths have no bond in common, and no
  /// atom either.
  private mutating func addCycles(_ a: Int, _ b: Int, size: Int, _ bond: Int, _ further: Int? = nil) {
    // The only path to an atom is the only one to each atom on it: there two paths have a bond in common.
    let mayMeet = ways[a].count > 1 && ways[b].count > 1
    for one in ways[a] {
      for other in ways[b] {
        var common: UInt64 = 0
        for word in 0..<words { common |= paths[one * words + word] & paths[other * words + word] }
        if common != 0 { continue }
        let first = sets.count
        for word in 0..<words { sets.append(paths[one * words + word] | paths[other * words + word]) }
        sets[first + bond >> 6] |= 1 << UInt64(bond & 63)
        if let further { sets[first + further >> 6] |= 1 << UInt64(further & 63) }
        if mayMeet && !isSimple((size, first)) { sets.removeLast(words) } else { cycles.append((size, first)) }
      }
    }
  }

  /// Whether a cycle passes each of its atoms once.
  private func isSimple(_ cycle: Cycle) -> Bool {
    var ends = [UInt8](repeating: 0, count: members.count)
    for (number, bond) in bonds.enumerated() where contains(cycle, number) {
      ends[bond.begin] += 1
      ends[bond.end] += 1
    }
    return ends.allSatisfy { $0 < 3 }
  }

  /// Of further cycles those that can replace a ring of the basis: of its size, sharing a bond, and with all bonds that
  /// no other ring of the basis has.
  private func interchangeable(_ extras: [Cycle], _ basis: [Cycle]) -> [Cycle] {
    if extras.isEmpty { return [] }
    let uses = bonds.indices.map { bond in basis.count { contains($0, bond) } }
    return extras.filter { extra in
      basis.contains { ring in
        guard ring.size == extra.size else { return false }
        let own = bonds.indices.filter { contains(ring, $0) }
        return own.contains { contains(extra, $0) } && own.allSatisfy { uses[$0] > 1 || contains(extra, $0) }
      }
    }
  }

  /// Appends the atoms and bonds of a cycle, in their order around it.
  private func append(_ cycle: Cycle, to rings: inout Molecule.Rings) {
    guard let first = bonds.indices.first(where: { contains(cycle, $0) }) else { return }
    let begin = bonds[first].begin
    var (atom, last) = (begin, -1)
    while let place = (starts[atom]..<starts[atom + 1]).first(where: {
      links[$0].bond != last && contains(cycle, links[$0].bond)
    }) {
      rings.append(members[atom], bonds[links[place].bond].number)
      (atom, last) = (links[place].atom, links[place].bond)
      if atom == begin { break }
    }
    rings.close()
  }
}

/// Cycles that are independent over GF(2), each a set of bonds.
private struct CycleBasis {
  private let words: Int
  /// The reduced cycles, `words` each, and the first bond of each.
  private var rows: [UInt64] = []
  private var pivots: [Int] = []

  init(words: Int) { self.words = words }

  /// Takes in the cycle at a place of `sets` if no sum of those before is the same; returns whether it is in.
  mutating func insert(_ sets: [UInt64], at place: Int) -> Bool {
    let row = rows.count
    for word in 0..<words { rows.append(sets[place + word]) }
    for (number, pivot) in pivots.enumerated() where rows[row + pivot >> 6] >> UInt64(pivot & 63) & 1 == 1 {
      for word in 0..<words { rows[row + word] ^= rows[number * words + word] }
    }
    guard let word = (0..<words).first(where: { rows[row + $0] != 0 }) else {
      rows.removeLast(words)
      return false
    }
    pivots.append(word << 6 + rows[row + word].trailingZeroBitCount)
    return true
  }
}
