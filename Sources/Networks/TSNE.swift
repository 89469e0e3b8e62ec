import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// t-SNE (van der Maaten and Hinton 2008): points in a plane whose neighbours are those of the rows.
///
/// p_ij from Gaussian neighbourhoods of a given perplexity, made symmetric; q_ij ∝ 1 / (1 + ‖y_i − y_j‖²); the
/// Kullback–Leibler divergence of q from p falls by gradient descent with momentum and gains, first with p × 12. Up to
/// `exactRows` rows all pairs count; above, p has the 3 · perplexity nearest rows and repulsion comes from the cells of
/// a tree (van der Maaten 2014, Barnes and Hut 1986).
public struct TSNE: Sendable {
  /// The effective number of neighbours.
  public var perplexity = 30.0
  /// The steps of descent; the first quarter, at most 250, exaggerates p.
  public var steps = 1000
  /// The most rows of the exact form.
  public var exactRows = 5000
  /// The size of a cell over its distance below which it counts as one point.
  public var angle = 0.5

  /// The settings of scikit-learn.
  public init() {}

  /// The points: rows × 2, from the principal components as a start, and their divergence. Throws `NetworkError` for
  /// fewer rows than the perplexity needs.
  public func embed(
    _ table: PointTable, seed: UInt64, _ pool: ThreadPool, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> (points: [Double], divergence: Double) {
    let count = table.count
    guard Double(count) > 3 * perplexity else {
      throw NetworkError(
        .unusable(
          method: "tsne",
          reason: "\(count) rows, and perplexity \(NumberText.text(perplexity)) needs more than 3 times it",
          hint: "--project tsne:perplexity=\(max(1, (count - 1) / 4))"))
    }
    let near = Affinities(table, perplexity: perplexity, nearest: count > exactRows ? Int(3 * perplexity) : nil, pool)
    var points = table.principalComponents(2, seed: seed, pool).points
    let spread = (0..<count).reduce(0.0) { $0 + points[2 * $1] * points[2 * $1] } / Double(count)
    let scale = spread > 0 ? 1e-4 / spread.squareRoot() : 0
    var random = RandomStream(seed: seed, 41)
    // Rows that are equal would stay together for ever. More noise than this decides which minimum is found, and most
    // are worse than that of the components themselves.
    for place in points.indices { points[place] = points[place] * scale + 1e-11 * random.normal() }
    descend(&points, near, pool, progress)
    return (points, Self.gradient(points, near, exaggeration: 1, angle: angle(count), pool).divergence)
  }

  private func angle(_ count: Int) -> Double? { count > exactRows ? angle : nil }

  private func descend(
    _ points: inout [Double], _ near: Affinities, _ pool: ThreadPool, _ progress: (_ done: Int, _ total: Int) -> Void
  ) {
    let count = points.count / 2
    let early = min(250, steps / 4)
    let rate = max(Double(count) / 12 / 4, 50)
    var moves = [Double](repeating: 0, count: points.count)
    var gains = [Double](repeating: 1, count: points.count)
    for step in 0..<steps {
      let isEarly = step < early
      if step == early { moves = moves.map { _ in 0 } }
      if step == early { gains = gains.map { _ in 1 } }
      let gradient = Self.gradient(
        points, near, exaggeration: isEarly ? 12 : 1, angle: angle(count), measures: false, pool
      ).gradient
      for place in points.indices {
        gains[place] = gradient[place] * moves[place] < 0 ? gains[place] + 0.2 : max(0.01, gains[place] * 0.8)
        moves[place] = (isEarly ? 0.5 : 0.8) * moves[place] - rate * gains[place] * gradient[place]
        points[place] += moves[place]
      }
      progress(step + 1, steps)
    }
  }

  /// The gradient of the divergence by the points, 4 Σ_j (p_ij − q_ij) (y_i − y_j) / (1 + ‖y_i − y_j‖²), and the
  /// divergence if `measures`. With an `angle` repulsion is that of a tree's cells.
  public static func gradient(
    _ points: [Double], _ near: Affinities, exaggeration: Double, angle: Double?, measures: Bool = true,
    _ pool: ThreadPool
  ) -> (gradient: [Double], divergence: Double) {
    let count = points.count / 2
    let tree = angle.map { _ in QuadTree(points) }
    var gradient = [Double](repeating: 0, count: points.count)
    var repulsion = gradient
    var (sums, logs) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    gradient.withUnsafeMutableBufferPointer { gradient in
      repulsion.withUnsafeMutableBufferPointer { repulsion in
        sums.withUnsafeMutableBufferPointer { sums in
          logs.withUnsafeMutableBufferPointer { logs in
            nonisolated(unsafe) let (gradient, repulsion, sums, logs) = (gradient, repulsion, sums, logs)
            pool.forEachBlock(count, size: 64) { _, range, _ in
              for row in range {
                let pull = near.pull(row, points, wantsLogs: measures)
                (gradient[2 * row], gradient[2 * row + 1]) = (pull.x, pull.y)
                logs[row] = pull.logs
                let push = tree.map { $0.push(row, points, angle: angle ?? 0) } ?? Self.push(row, points)
                (repulsion[2 * row], repulsion[2 * row + 1], sums[row]) = push
              }
            }
          }
        }
      }
    }
    let total = sums.reduce(0, +)
    for place in points.indices {
      gradient[place] = 4 * (exaggeration * gradient[place] - repulsion[place] / total)
    }
    // Σ p log p − Σ p log q, with q = w / total: p sums to 1.
    return (gradient, logs.reduce(0, +) + log(total))
  }

  /// Σ_j w² (y_i − y_j) and Σ_j w over all other points, w = 1 / (1 + ‖y_i − y_j‖²).
  private static func push(_ row: Int, _ points: [Double]) -> (Double, Double, Double) {
    points.withUnsafeBufferPointer { points in
      let (x, y) = (points[2 * row], points[2 * row + 1])
      var (sumX, sumY, sum) = (0.0, 0.0, 0.0)
      for other in 0..<points.count / 2 {
        let (dx, dy) = (x - points[2 * other], y - points[2 * other + 1])
        let w = 1 / (1 + dx * dx + dy * dy)
        sum += w
        sumX += w * w * dx
        sumY += w * w * dy
      }
      // The point itself has w = 1 and no difference.
      return (sumX, sumY, sum - 1)
    }
  }
}

/// The affinities p_ij of rows: symmetric, with sum 1, by rows of a sparse or full matrix.
public struct Affinities: Sendable {
  private let starts: [Int]
  private let columns: [Int32]
  private let values: [Float]
  /// The number of rows.
  public var count: Int { starts.count - 1 }

  /// The affinities of a table; with `nearest` those of so many nearest rows.
  public init(_ table: PointTable, perplexity: Double, nearest: Int?, _ pool: ThreadPool) {
    let count = table.count
    var rows = [[(Int32, Double)]](repeating: [], count: count)
    rows.withUnsafeMutableBufferPointer { rows in
      nonisolated(unsafe) let rows = rows
      pool.forEachBlock(count, size: 16) { _, range, _ in
        for row in range { rows[row] = Self.conditional(row, table, perplexity, nearest) }
      }
    }
    var turned = [[(Int32, Double)]](repeating: [], count: count)
    for row in 0..<count { for (column, value) in rows[row] { turned[Int(column)].append((Int32(row), value)) } }
    var (starts, columns, values): ([Int], [Int32], [Float]) = ([0], [], [])
    for row in 0..<count {
      for (column, value) in Self.sum(rows[row].sorted { $0.0 < $1.0 }, turned[row]) {
        columns.append(column)
        values.append(Float(value / Double(2 * count)))
      }
      (rows[row], turned[row]) = ([], [])
      starts.append(columns.count)
    }
    (self.starts, self.columns, self.values) = (starts, columns, values)
  }

  /// Two sparse rows, in order of their columns, added.
  private static func sum(_ a: [(Int32, Double)], _ b: [(Int32, Double)]) -> [(Int32, Double)] {
    var (result, i, j): ([(Int32, Double)], Int, Int) = ([], 0, 0)
    while i < a.count || j < b.count {
      if j == b.count || i < a.count && a[i].0 < b[j].0 {
        result.append(a[i])
        i += 1
      } else if i == a.count || b[j].0 < a[i].0 {
        result.append(b[j])
        j += 1
      } else {
        result.append((a[i].0, a[i].1 + b[j].1))
        (i, j) = (i + 1, j + 1)
      }
    }
    return result
  }

  /// p_j|i: Gaussian, with the width at which the entropy is log perplexity.
  private static func conditional(
    _ row: Int, _ table: PointTable, _ perplexity: Double, _ nearest: Int?
  ) -> [(Int32, Double)] {
    var near = squares(row, table).enumerated().filter { $0.offset != row }.map { (Int32($0.offset), $0.element) }
    if let nearest, nearest < near.count {
      near.sort { ($0.1, $0.0) < ($1.1, $1.0) }
      near.removeLast(near.count - nearest)
    }
    let least = near.reduce(Double.infinity) { min($0, $1.1) }
    var (low, high, beta) = (0.0, Double.infinity, 1.0)
    var weights = near.map { _ in 0.0 }
    for _ in 0..<200 {
      var (sum, mean) = (0.0, 0.0)
      for (place, entry) in near.enumerated() {
        weights[place] = exp(-beta * (entry.1 - least))
        sum += weights[place]
        mean += weights[place] * (entry.1 - least)
      }
      let entropy = log(sum) + beta * mean / sum
      for place in weights.indices { weights[place] /= sum }
      if abs(entropy - log(perplexity)) < 1e-8 { break }
      if entropy > log(perplexity) { low = beta } else { high = beta }
      beta = high.isFinite ? (low + high) / 2 : 2 * beta
    }
    return zip(near, weights).map { ($0.0, $1) }
  }

  private static func squares(_ row: Int, _ table: PointTable) -> [Double] {
    table.values.withUnsafeBufferPointer { values in
      let width = table.columns
      return (0..<table.count).map { other in
        var sum = 0.0
        for column in 0..<width {
          let step = values[row * width + column] - values[other * width + column]
          sum += step * step
        }
        return sum
      }
    }
  }

  /// Σ_j p_ij w (y_i − y_j), and where it is wanted Σ_j p_ij log (p_ij / w), w = 1 / (1 + ‖y_i − y_j‖²).
  func pull(_ row: Int, _ points: [Double], wantsLogs: Bool) -> (x: Double, y: Double, logs: Double) {
    points.withUnsafeBufferPointer { points in
      let (x, y) = (points[2 * row], points[2 * row + 1])
      var (sumX, sumY, logs) = (0.0, 0.0, 0.0)
      for entry in starts[row]..<starts[row + 1] {
        let (other, p) = (Int(columns[entry]), Double(values[entry]))
        let (dx, dy) = (x - points[2 * other], y - points[2 * other + 1])
        let square = 1 + dx * dx + dy * dy
        sumX += p * dx / square
        sumY += p * dy / square
        if wantsLogs, p > 0 { logs += p * log(p * square) }
      }
      return (sumX, sumY, logs)
    }
  }
}

/// Points in cells of a square that is split in four until a cell has one point, with the middle of each cell's points.
struct QuadTree {
  private struct Cell {
    var x = 0.0
    var y = 0.0
    var half = 0.0
    var sumX = 0.0
    var sumY = 0.0
    var count = 0
    /// The first of four cells below; 0: none.
    var below = 0
  }
  private var cells: [Cell]
  private static let deepest = 48

  init(_ points: [Double]) {
    var (low, high) = ((Double.infinity, Double.infinity), (-Double.infinity, -Double.infinity))
    for point in stride(from: 0, to: points.count, by: 2) {
      low = (min(low.0, points[point]), min(low.1, points[point + 1]))
      high = (max(high.0, points[point]), max(high.1, points[point + 1]))
    }
    let half = max(high.0 - low.0, high.1 - low.1) / 2 * (1 + 1e-9) + 1e-300
    cells = [Cell(x: (low.0 + high.0) / 2, y: (low.1 + high.1) / 2, half: half)]
    for point in stride(from: 0, to: points.count, by: 2) { add(points[point], points[point + 1]) }
  }

  private mutating func add(_ x: Double, _ y: Double) {
    var (cell, depth) = (0, 0)
    while true {
      // A leaf with a point makes way for two, unless they are too near to be told apart.
      if cells[cell].count > 0, cells[cell].below == 0, depth < Self.deepest { split(cell) }
      cells[cell].sumX += x
      cells[cell].sumY += y
      cells[cell].count += 1
      guard cells[cell].below > 0 else { return }
      cell = child(cell, x, y)
      depth += 1
    }
  }

  private mutating func split(_ cell: Int) {
    let old = cells[cell]
    cells[cell].below = cells.count
    let half = old.half / 2
    for quarter in 0..<4 {
      let (right, up) = (quarter & 1 == 1, quarter & 2 == 2)
      cells.append(Cell(x: old.x + (right ? half : -half), y: old.y + (up ? half : -half), half: half))
    }
    let number = Double(old.count)
    let inner = child(cell, old.sumX / number, old.sumY / number)
    (cells[inner].sumX, cells[inner].sumY, cells[inner].count) = (old.sumX, old.sumY, old.count)
  }

  private func child(_ cell: Int, _ x: Double, _ y: Double) -> Int {
    cells[cell].below + (x > cells[cell].x ? 1 : 0) + (y > cells[cell].y ? 2 : 0)
  }

  /// Σ_j w² (y_i − y_j) and Σ_j w over all other points; a cell that is small for its distance counts as one point.
  func push(_ row: Int, _ points: [Double], angle: Double) -> (Double, Double, Double) {
    let (x, y) = (points[2 * row], points[2 * row + 1])
    var (sumX, sumY, sum) = (0.0, 0.0, 0.0)
    var stack = [0]
    while let number = stack.popLast() {
      let cell = cells[number]
      guard cell.count > 0 else { continue }
      let many = Double(cell.count)
      let (dx, dy) = (x - cell.sumX / many, y - cell.sumY / many)
      let square = dx * dx + dy * dy
      let size = 2 * cell.half
      if cell.below > 0, size * size >= angle * angle * square {
        for quarter in 0..<4 { stack.append(cell.below + quarter) }
        continue
      }
      let w = 1 / (1 + square)
      sum += many * w
      sumX += many * w * w * dx
      sumY += many * w * w * dy
    }
    return (sumX, sumY, sum - 1)
  }
}
