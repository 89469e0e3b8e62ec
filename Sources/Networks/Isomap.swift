import Bytes
import Tensors

/// Isomap (Tenenbaum, de Silva and Langford 2000) of a network: points whose distances are near the lengths of shortest
/// paths, by classical scaling.
///
/// D: the edges of a shortest path; between parts without a path, the longest one + 1. B = −½ J D² J; the columns are
/// √λ v of its greatest eigenvalues, 0 for those below 0. Above `exactNodes` nodes distances are those to landmarks,
/// and all points are placed by these (de Silva and Tenenbaum 2004). Weights don't enter.
public struct Isomap: EmbeddingMethod {
  /// The number of columns.
  public var dimension = 128
  /// The landmarks above `exactNodes` nodes.
  public var landmarks = 1000
  /// The most nodes whose distances are all computed: two bytes for each pair.
  public var exactNodes = 20_000

  /// 128 columns.
  public init() {}

  /// The vectors of all nodes. Throws `NetworkError` for more columns than nodes or landmarks.
  public func embed(_ task: EmbeddingTask) throws -> Embedding {
    let graph = task.graph
    try graph.check(columns: dimension, of: "isomap")
    var sources = Array(0..<graph.count)
    if graph.count > exactNodes {
      var random = RandomStream(seed: task.seed, 23)
      random.shuffle(&sources)
      sources = sources.prefix(max(landmarks, 1)).sorted()
      guard dimension <= sources.count else {
        throw NetworkError(
          .unusable(
            method: "isomap", reason: "\(dimension) columns of \(sources.count) landmarks",
            hint: "isomap:landmarks=\(4 * dimension)"))
      }
    }
    let distances = ShortestPaths(graph, from: sources, task.pool)
    let found = scale(distances, sources, task)
    return Embedding("isomap", dimension: dimension, values: place(found, distances, sources, task.pool))
  }

  /// The eigenvalues and vectors of B over the sources.
  private func scale(_ distances: ShortestPaths, _ sources: [Int], _ task: EmbeddingTask) -> Lanczos {
    let count = sources.count
    let square = count == task.graph.count ? nil : distances.columns(sources)
    let centred = Buffer<Float>()
    centred.reserve(count)
    nonisolated(unsafe) let table = square?.start ?? distances.table.start
    nonisolated(unsafe) let x32 = centred.start
    let pool = task.pool
    return Lanczos(
      size: count, wanted: dimension, order: .greatest, seed: task.seed, pool, progress: task.progress
    ) { x, y in
      nonisolated(unsafe) let y = y
      let mean = (0..<count).reduce(0) { $0 + x[$1] } / Double(count)
      // The products are of 32-bit numbers: a second product adds what the first rounding left.
      for part in 0..<2 {
        for place in 0..<count {
          let value = x[place] - mean
          x32[place] = part == 0 ? Float(value) : Float(value - Double(Float(value)))
        }
        pool.forEachBlock(count, size: 64) { _, range, _ in
          for row in range {
            let sum = -0.5 * NetworkKernels.squaresDot(table + row * count, x32, count: count)
            y[row] = part == 0 ? sum : y[row] + sum
          }
        }
      }
      let shift = (0..<count).reduce(0) { $0 + y[$1] } / Double(count)
      for place in 0..<count { y[place] -= shift }
    }
  }

  /// The points: √λ v of the sources, or all points by their distances to the landmarks.
  private func place(
    _ found: Lanczos, _ distances: ShortestPaths, _ sources: [Int], _ pool: ThreadPool
  ) -> [Float] {
    let (count, dimension, wanted) = (distances.nodes, dimension, sources.count)
    var values = [Float](repeating: 0, count: count * dimension)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let (values, table) = (values, distances.table.start)
      guard wanted < count else {
        for node in 0..<count {
          for column in 0..<dimension {
            values[node * dimension + column] = Float(
              found.vectors[column][node] * max(0, found.values[column]).squareRoot())
          }
        }
        return
      }
      // y = ½ Λ^−½ Vᵀ (mean of d² − d²): the means are those over the landmarks.
      let square = distances.columns(sources)
      let means = (0..<wanted).map { row in
        (0..<wanted).reduce(0.0) {
          $0 + Double(square.start[row * wanted + $1]) * Double(square.start[row * wanted + $1])
        }
          / Double(wanted)
      }
      pool.forEachBlock(count, size: 64) { _, range, _ in
        for node in range {
          for column in 0..<dimension where found.values[column] > 0 {
            var sum = 0.0
            for landmark in 0..<wanted {
              let distance = Double(table[landmark * count + node])
              sum += found.vectors[column][landmark] * (means[landmark] - distance * distance)
            }
            values[node * dimension + column] = Float(0.5 * sum / found.values[column].squareRoot())
          }
        }
      }
    }
    return values
  }
}

/// The lengths of shortest paths from some nodes to all, in edges.
public struct ShortestPaths {
  /// The number of nodes.
  public let nodes: Int
  /// The greatest length of a path.
  public let longest: Int
  /// sources × nodes; `longest` + 1 where there is no path.
  let table = Buffer<UInt16>()

  /// Searches from each source, breadth first.
  public init(_ graph: Graph, from sources: [Int], _ pool: ThreadPool) {
    nodes = graph.count
    let count = graph.count
    nonisolated(unsafe) let table = table.fill(sources.count * count, with: UInt16.max)
    var most = [Int](repeating: 0, count: sources.count)
    most.withUnsafeMutableBufferPointer { most in
      nonisolated(unsafe) let most = most
      pool.forEachBlock(sources.count, size: 16) { _, range, _ in
        var queue = [Int32](repeating: 0, count: count)
        for number in range {
          most[number] = Self.search(graph, sources[number], table + number * count, &queue)
        }
      }
    }
    longest = most.max() ?? 0
    let far = UInt16(longest + 1)
    for place in 0..<sources.count * count where table[place] == .max { table[place] = far }
  }

  /// The length between a source, by its number, and a node.
  public func length(_ source: Int, _ node: Int) -> Int { Int(table.start[source * nodes + node]) }

  /// Paths of 65,534 edges and more count as 65,534.
  private static func search(
    _ graph: Graph, _ source: Int, _ lengths: UnsafeMutablePointer<UInt16>, _ queue: inout [Int32]
  ) -> Int {
    lengths[source] = 0
    queue[0] = Int32(source)
    var (first, end) = (0, 1)
    while first < end {
      let node = Int(queue[first])
      first += 1
      let next = min(lengths[node], .max - 2) + 1
      for entry in graph.row(node) {
        let other = graph.neighbors[entry]
        guard lengths[Int(other)] == .max else { continue }
        lengths[Int(other)] = next
        queue[end] = other
        end += 1
      }
    }
    return Int(lengths[Int(queue[end - 1])])
  }

  /// The columns of these nodes, in a table of their own.
  func columns(_ chosen: [Int]) -> Buffer<UInt16> {
    let part = Buffer<UInt16>()
    part.reserve(chosen.count * chosen.count)
    for row in chosen.indices {
      for (column, node) in chosen.enumerated() {
        part.start[row * chosen.count + column] = table.start[row * nodes + node]
      }
    }
    return part
  }
}
