import Bytes
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The eigenvalues of greatest size of a symmetric matrix that is known by its products with vectors, and their
/// vectors.
///
/// Lanczos' iteration (Lanczos 1950) with every vector held orthogonal to all before it, in double precision. Where the
/// space closes in itself, it goes on from a new random vector, so that repeated eigenvalues are found.
struct Lanczos {
  /// The order in which eigenvalues are wanted.
  enum Order { case greatest, greatestMagnitude }

  /// The eigenvalues in this order.
  private(set) var values: [Double] = []
  /// The vectors of length 1, one after the other; the entry of greatest size is positive.
  private(set) var vectors: [[Double]] = []

  /// Finds `wanted` eigenvalues of a matrix with `size` rows. `multiply` writes the product with its first argument to
  /// the second.
  init(
    size: Int, wanted: Int, order: Order, seed: UInt64, _ pool: ThreadPool,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    multiply: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    var basis = Basis(size: size, seed: seed, pool)
    var (diagonal, side): ([Double], [Double]) = ([], [])
    let most = min(size, 20 * wanted + 500)
    var next = min(most, 2 * wanted + 60)
    nonisolated(unsafe) let product = UnsafeMutablePointer<Double>.allocate(capacity: max(1, size))
    defer { product.deallocate() }
    while diagonal.count < most {
      let step = diagonal.count
      let vector = basis.next()
      multiply(vector, product)
      diagonal.append(Basis.dot(vector, product, size))
      let length = basis.orthogonalize(product)
      let scale = zip(diagonal, [0] + side).reduce(0) { max($0, abs($1.0) + abs($1.1)) }
      let isClosed = length <= 1e-12 * max(scale, 1e-300)
      side.append(isClosed ? 0 : length)
      basis.put(isClosed ? nil : product, length: length)
      progress(step, most)
      guard diagonal.count >= next || diagonal.count == most else { continue }
      let (theta, last) = Tridiagonal.eigenvalues(diagonal, side)
      let chosen = Self.chosen(theta, wanted, order)
      let bound = 1e-9 * (theta.map(abs).max() ?? 0)
      if chosen.allSatisfy({ abs(last[$0] * side[step]) <= bound }) && chosen.count == wanted { break }
      next = min(most, next + next / 5)
    }
    take(Tridiagonal.eigenvectors(diagonal, side), wanted, order, basis)
  }

  private static func chosen(_ theta: [Double], _ wanted: Int, _ order: Order) -> [Int] {
    let key = { (index: Int) in order == .greatest ? theta[index] : abs(theta[index]) }
    return Array(theta.indices.sorted { (-key($0), $0) < (-key($1), $1) }.prefix(wanted))
  }

  private mutating func take(
    _ pairs: (values: [Double], vectors: [[Double]]), _ wanted: Int, _ order: Order, _ basis: Basis
  ) {
    for index in Self.chosen(pairs.values, wanted, order) {
      var vector = basis.combination(pairs.vectors[index])
      let greatest = vector.max { abs($0) < abs($1) } ?? 0
      if greatest < 0 { for place in vector.indices { vector[place] = -vector[place] } }
      values.append(pairs.values[index])
      vectors.append(vector)
    }
  }
}

/// Orthogonal vectors of length 1.
private struct Basis {
  private let size: Int
  private let pool: ThreadPool
  private var random: RandomStream
  private var store: [Buffer<Double>] = []
  private var waiting: Buffer<Double>?

  init(size: Int, seed: UInt64, _ pool: ThreadPool) {
    (self.size, self.pool) = (size, pool)
    random = RandomStream(seed: seed, 17)
  }

  /// The vector that was put, or a random one; it is part of the basis from now on.
  mutating func next() -> UnsafePointer<Double> {
    let buffer = waiting ?? fresh()
    waiting = nil
    store.append(buffer)
    return UnsafePointer(buffer.start)
  }

  /// Keeps a vector, scaled to length 1, as the next one; nil: a random one.
  mutating func put(_ vector: UnsafePointer<Double>?, length: Double) {
    guard let vector else { return }
    let buffer = Buffer<Double>()
    buffer.reserve(size)
    for place in 0..<size { buffer.start[place] = vector[place] / length }
    waiting = buffer
  }

  private mutating func fresh() -> Buffer<Double> {
    let buffer = Buffer<Double>()
    buffer.reserve(size)
    for place in 0..<size { buffer.start[place] = random.normal() }
    let length = orthogonalize(buffer.start)
    for place in 0..<size { buffer.start[place] /= length }
    return buffer
  }

  /// Takes the shares of all vectors off, and returns the length of the rest. Where little is left, so that rounding
  /// counts, they are taken off once more (Daniel, Gragg, Kaufman and Stewart 1976).
  func orthogonalize(_ vector: UnsafeMutablePointer<Double>) -> Double {
    nonisolated(unsafe) let (vector, starts) = (vector, store.map(\.start))
    var length = Self.dot(vector, vector, size).squareRoot()
    for _ in 0..<2 {
      let before = length
      var shares = [Double](repeating: 0, count: starts.count)
      shares.withUnsafeMutableBufferPointer { shares in
        nonisolated(unsafe) let shares = shares
        let size = size
        pool.forEachBlock(starts.count, size: 8) { _, range, _ in
          for number in range { shares[number] = Self.dot(starts[number], vector, size) }
        }
        pool.forEachBlock(size, size: 1024) { _, range, _ in Self.subtract(starts, shares, range, from: vector) }
      }
      length = Self.dot(vector, vector, size).squareRoot()
      if length > 0.1 * before { break }
    }
    return length
  }

  /// Takes shares of rows off a range of a vector, four rows at a time.
  private static func subtract(
    _ rows: [UnsafeMutablePointer<Double>], _ shares: UnsafeMutableBufferPointer<Double>, _ range: Range<Int>,
    from vector: UnsafeMutablePointer<Double>
  ) {
    let fours = rows.count / 4 * 4
    for row in stride(from: 0, to: fours, by: 4) {
      let (a, b, c, d) = (rows[row], rows[row + 1], rows[row + 2], rows[row + 3])
      let (s, t, u, v) = (shares[row], shares[row + 1], shares[row + 2], shares[row + 3])
      for place in range { vector[place] -= (s * a[place] + t * b[place]) + (u * c[place] + v * d[place]) }
    }
    for row in fours..<rows.count {
      let (start, share) = (rows[row], shares[row])
      for place in range { vector[place] -= share * start[place] }
    }
  }

  /// The sum of the vectors times these factors.
  func combination(_ factors: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: size)
    sum.withUnsafeMutableBufferPointer { sum in
      for (buffer, factor) in zip(store, factors) {
        for place in 0..<size { sum[place] += factor * buffer.start[place] }
      }
    }
    return sum
  }

  /// The dot product as 16 sums, so that no addition waits for the one before it.
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    func product(_ place: Int) -> SIMD4<Double> {
      UnsafeRawPointer(a + place).loadUnaligned(as: SIMD4<Double>.self)
        * UnsafeRawPointer(b + place).loadUnaligned(as: SIMD4<Double>.self)
    }
    var (one, two, three, four) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    let whole = count / 16 * 16
    for place in stride(from: 0, to: whole, by: 16) {
      one += product(place)
      two += product(place + 4)
      three += product(place + 8)
      four += product(place + 12)
    }
    var sum = ((one + two) + (three + four)).sum()
    for place in whole..<count { sum += a[place] * b[place] }
    return sum
  }
}

/// Eigenvalues of a symmetric tridiagonal matrix: QL with implicit shifts (Bowdler, Martin, Reinsch, Wilkinson 1968).
enum Tridiagonal {
  /// The eigenvalues, and the last entry of each vector. `side[i]` is beside the diagonal in rows i and i + 1.
  static func eigenvalues(_ diagonal: [Double], _ side: [Double]) -> (values: [Double], last: [Double]) {
    var last = [Double](repeating: 0, count: diagonal.count)
    last[last.count - 1] = 1
    let (values, rows) = solve(diagonal, side, rows: [last])
    return (values, rows[0])
  }

  /// The eigenvalues and their vectors.
  static func eigenvectors(_ diagonal: [Double], _ side: [Double]) -> (values: [Double], vectors: [[Double]]) {
    let count = diagonal.count
    let unit = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0 } }
    let (values, rows) = solve(diagonal, side, rows: unit)
    return (values, (0..<count).map { column in (0..<count).map { rows[$0][column] } })
  }

  /// Turns the matrix to diagonal form, and `rows` with it.
  private static func solve(
    _ diagonal: [Double], _ side: [Double], rows: [[Double]]
  ) -> (values: [Double], rows: [[Double]]) {
    var (d, e, z) = (diagonal, side, rows)
    let n = d.count
    if n > 0 { e[n - 1] = 0 }
    for l in 0..<n {
      var rounds = 0
      while true {
        var m = l
        while m < n - 1, abs(e[m]) > 0x1p-52 * (abs(d[m]) + abs(d[m + 1])) { m += 1 }
        // A shift that finds nothing in so many rounds never does: what is left beside the diagonal is rounding.
        if m == l || rounds == 60 { break }
        rounds += 1
        let g = (d[l + 1] - d[l]) / (2 * e[l])
        let shift = d[m] - d[l] + e[l] / (g + (g < 0 ? -1 : 1) * hypot(g, 1))
        rotate(l, m, shift, &d, &e, &z)
      }
    }
    return (d, z)
  }

  private static func rotate(
    _ l: Int, _ m: Int, _ shift: Double, _ d: inout [Double], _ e: inout [Double], _ z: inout [[Double]]
  ) {
    var (g, s, c, p) = (shift, 1.0, 1.0, 0.0)
    var rotations: [(index: Int, s: Double, c: Double)] = []
    for i in stride(from: m - 1, through: l, by: -1) {
      let (f, b) = (s * e[i], c * e[i])
      let r = hypot(f, g)
      e[i + 1] = r
      if r == 0 {
        d[i + 1] -= p
        e[m] = 0
        turn(rotations, &z)
        return
      }
      (s, c) = (f / r, g / r)
      let next = d[i + 1] - p
      let q = (d[i] - next) * s + 2 * c * b
      p = s * q
      d[i + 1] = next + p
      g = c * q - b
      rotations.append((i, s, c))
    }
    d[l] -= p
    e[l] = g
    e[m] = 0
    turn(rotations, &z)
  }

  private static func turn(_ rotations: [(index: Int, s: Double, c: Double)], _ z: inout [[Double]]) {
    for row in z.indices {
      z[row].withUnsafeMutableBufferPointer { z in
        for (index, s, c) in rotations {
          let (low, high) = (z[index], z[index + 1])
          z[index + 1] = s * low + c * high
          z[index] = c * low - s * high
        }
      }
    }
  }
}
