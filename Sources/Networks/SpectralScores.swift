import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Scores of pairs by the greatest eigenvalues of the scaled adjacency, for known pairs without what they show of
/// themselves.
///
/// With W = S A S of `SpectralEmbedding` and its eigenvectors v_c, in falling order of |λ_c|, the score of rank k is
/// s = Σ λ_c v_uc v_vc / (S_u S_v) over the first k, written as sign(s) · log(1 + 20 |s|). An embedding remembers its
/// edges. So the pairs of the network's file, edges or not, are dealt into ten folds by a hash of their ids, and are
/// scored by the network without the edges of their fold; other pairs by the whole. Memory: 11 · 32 numbers a node.
final class SpectralScores {
  /// The number of folds.
  static let folds = 10
  private static let most = 32

  private let graph: Graph
  private let known: Set<UInt64>
  /// The signed factors of each fold, the whole network last; nil until they are needed.
  private var factors: [Factors?]

  /// Eigenvalues, and rows of vectors divided by S.
  private struct Factors {
    let values: [Double]
    let rows: [Float]
  }

  /// Scores of a network; `known` are the pairs (`key`) that are no edges but labelled as its edges are.
  init(_ graph: Graph, known: Set<UInt64>) {
    (self.graph, self.known) = (graph, known)
    factors = [Factors?](repeating: nil, count: Self.folds + 1)
  }

  /// Two node numbers in one, in rising order.
  static func key(_ u: Int, _ v: Int) -> UInt64 { UInt64(min(u, v)) << 32 | UInt64(max(u, v)) }

  /// The fold of a pair, by its ids.
  private func fold(_ u: Int, _ v: Int) -> Int {
    let (a, b) = (graph.nodes[u], graph.nodes[v])
    return Int(RandomStream.hash(a < b ? "\(a)\t\(b)" : "\(b)\t\(a)") % UInt64(Self.folds))
  }

  /// The scores of a pair for these ranks, which rise.
  func scores(_ u: Int, _ v: Int, ranks: [Int]) -> [Double] {
    let isKnown = graph.entry(u, v) != nil || known.contains(Self.key(u, v))
    let number = isKnown ? fold(u, v) : Self.folds
    let factors = factors[number] ?? made(number)
    let width = factors.values.count
    var (sum, next) = (0.0, 0)
    return ranks.map { rank in
      while next < min(rank, width) {
        sum += factors.values[next] * Double(factors.rows[u * width + next]) * Double(factors.rows[v * width + next])
        next += 1
      }
      return sum < 0 ? -log1p(-20 * sum) : log1p(20 * sum)
    }
  }

  private func made(_ number: Int) -> Factors {
    let part = number == Self.folds ? graph : graph.filtered { fold($0, $1) != number }
    let spectrum = SpectralEmbedding().spectrum(
      part, count: min(Self.most, part.count), seed: 1, ThreadPool(threads: 1), progress: { _, _ in })
    let width = spectrum.values.count
    var rows = [Float](repeating: 0, count: part.count * width)
    for node in 0..<part.count where spectrum.scale[node] > 0 {
      for column in 0..<width {
        rows[node * width + column] = Float(spectrum.vectors[column][node] / spectrum.scale[node])
      }
    }
    let made = Factors(values: spectrum.values, rows: rows)
    factors[number] = made
    return made
  }
}

extension Graph {
  /// The same nodes with the edges for which `isIn` holds.
  func filtered(_ isIn: (_ u: Int, _ v: Int) -> Bool) -> Graph {
    var (starts, neighbors, weights) = ([0], [Int32](), [Float]())
    for node in 0..<count {
      for entry in row(node) where isIn(node, Int(self.neighbors[entry])) {
        neighbors.append(self.neighbors[entry])
        if isWeighted { weights.append(self.weights[entry]) }
      }
      starts.append(neighbors.count)
    }
    return Graph(nodes: nodes, starts: starts, neighbors: neighbors, weights: weights)
  }
}

/// Correlations of the profiles of pairs and of their neighbours.
struct ProfileScores {
  let graph: Graph
  let profiles: Profiles

  /// r of two nodes, 0 where one has no profile.
  func correlation(_ a: Int, _ b: Int) -> Double {
    guard profiles.isKnown[a], profiles.isKnown[b] else { return 0 }
    let columns = profiles.columns
    return profiles.values.withUnsafeBufferPointer { values in
      var (sums, sum) = (SIMD8<Float>.zero, Float(0))
      let (first, second) = (a * columns, b * columns)
      let bytes = UnsafeRawBufferPointer(values)
      for place in stride(from: 0, to: columns & ~7, by: 8) {
        sums +=
          bytes.loadUnaligned(fromByteOffset: 4 * (first + place), as: SIMD8<Float>.self)
          * bytes.loadUnaligned(fromByteOffset: 4 * (second + place), as: SIMD8<Float>.self)
      }
      for place in columns & ~7..<columns { sum += values[first + place] * values[second + place] }
      return Double(sums.sum() + sum) / Double(columns)
    }
  }

  /// The means of r and of |r| of a node with the neighbours of another, but itself, that have a profile.
  func means(_ node: Int, neighboursOf other: Int) -> (mean: Double, size: Double) {
    guard profiles.isKnown[node] else { return (0, 0) }
    var (sum, size, count) = (0.0, 0.0, 0)
    for entry in graph.row(other) {
      let neighbour = Int(graph.neighbors[entry])
      guard neighbour != node, profiles.isKnown[neighbour] else { continue }
      let r = correlation(node, neighbour)
      (sum, size, count) = (sum + r, size + abs(r), count + 1)
    }
    return (sum / Double(max(1, count)), size / Double(max(1, count)))
  }
}
