import Bytes
import Tensors

/// The network of GNE (Kishan et al. 2019) and its gradients.
///
/// Of node i with profile x_i: s_i = W_id[i] / ‖·‖, a_i = ELU(x_i W_att) / ‖·‖, c_i = [s_i, λ a_i] with dropout,
/// h_i = tanh(c_i W_h); the logit of node j as its neighbour is V_j · h_i + b_j; the embedding y_i = h_i + V_i.
public final class GNENetwork {
  /// The weights by name: `identity` nodes × d, `attribute` columns × d, `hidden` 2 d × d, `output` nodes × d, `bias`.
  public enum Part: String, CaseIterable, Sendable { case identity, attribute, hidden, output, bias }

  /// The samples of a batch, those of nodes with a profile first, and the negatives that they share.
  public struct Batch {
    /// The nodes and their neighbours.
    public var (nodes, neighbors): ([Int], [Int])
    /// The negatives.
    public var negatives: [Int]
    /// The logarithm of the expected count of each neighbour and of each negative.
    public var (neighborCounts, negativeCounts): ([Float], [Float])

    /// A batch of these samples.
    public init(
      nodes: [Int], neighbors: [Int], negatives: [Int], neighborCounts: [Float], negativeCounts: [Float]
    ) {
      (self.nodes, self.neighbors, self.negatives) = (nodes, neighbors, negatives)
      (self.neighborCounts, self.negativeCounts) = (neighborCounts, negativeCounts)
    }
  }

  /// The factors of dropout on both halves of c: samples × d each; nil where nothing is dropped.
  public typealias Dropout = (identity: [Float], attribute: [Float])

  let nodes: Int
  let dimension: Int
  let lambda: Float
  let profiles: Profiles?
  private let weights: [Part: Buffer<Float>]
  private let gradients: [Part: Buffer<Float>]
  private let pool: ThreadPool
  private let product: MatrixProduct
  // What `forward` leaves for `backward`, by sample: normal and raw values, inverse lengths, c with dropout, h.
  private let (s, sScale, cs) = (Buffer<Float>(), Buffer<Float>(), Buffer<Float>())
  private let (x, raw, a, aScale, ca) = (
    Buffer<Float>(), Buffer<Float>(), Buffer<Float>(), Buffer<Float>(), Buffer<Float>()
  )
  private let (h, dh, dc, dca) = (Buffer<Float>(), Buffer<Float>(), Buffer<Float>(), Buffer<Float>())
  private let (rows, logits, dRows) = (Buffer<Float>(), Buffer<Float>(), Buffer<Float>())
  /// The nodes whose rows of `identity` and `output` have a gradient, in the order of the gradients' rows.
  private(set) var (touched, touchedOutputs): ([Int], [Int]) = ([], [])
  private var (place, outputPlace): ([Int32], [Int32])

  /// A network whose weights are 0. With λ = 0, or without profiles, the attributes don't enter.
  public init(nodes: Int, dimension: Int, lambda: Double, profiles: Profiles?, _ pool: ThreadPool) {
    (self.nodes, self.dimension, self.lambda, self.pool) = (nodes, dimension, Float(lambda), pool)
    self.profiles = lambda == 0 ? nil : profiles
    product = MatrixProduct(pool)
    let d = dimension
    let sizes: [Part: Int] = [
      .identity: nodes * d, .attribute: (profiles?.columns ?? 0) * d, .hidden: 2 * d * d, .output: nodes * d,
      .bias: nodes,
    ]
    weights = sizes.mapValues { size in
      let buffer = Buffer<Float>()
      buffer.fill(size, with: 0)
      return buffer
    }
    gradients = sizes.mapValues { _ in Buffer<Float>() }
    place = [Int32](repeating: -1, count: nodes)
    outputPlace = place
  }

  /// The weights of a part.
  public func weights(_ part: Part) -> Buffer<Float> { weights[part] ?? Buffer() }

  /// The gradient of a part. That of `identity` has a row for each of `touched`, those of `output` and `bias` for each
  /// of `touchedOutputs`.
  func gradient(_ part: Part) -> Buffer<Float> { gradients[part] ?? Buffer() }

  /// The gradient of all weights of a part, with zeros for rows that no sample touched.
  public func fullGradient(_ part: Part) -> [Float] {
    let found = gradient(part)
    let list = part == .identity ? touched : touchedOutputs
    let width = part == .bias ? 1 : dimension
    guard part == .identity || part == .output || part == .bias else { return Array(found.elements) }
    var all = [Float](repeating: 0, count: nodes * width)
    for (row, node) in list.enumerated() {
      for column in 0..<width { all[node * width + column] = found.start[row * width + column] }
    }
    return all
  }

  /// How many of the nodes, which come first, have a profile.
  private func known(_ nodes: [Int]) -> Int {
    guard let profiles else { return 0 }
    return nodes.prefix { profiles.isKnown[$0] }.count
  }

  /// Computes h for nodes of which those with a profile come first; returns their number.
  @discardableResult private func forward(_ nodes: [Int], _ dropout: Dropout?) -> Int {
    let (count, d, known) = (nodes.count, dimension, known(nodes))
    nonisolated(unsafe) let (s, sScale, cs) = (s.reserve(count * d), sScale.reserve(count), cs.reserve(count * d))
    nonisolated(unsafe) let (a, aScale, ca) = (a.reserve(known * d), aScale.reserve(known), ca.reserve(known * d))
    nonisolated(unsafe) let (h, identity) = (h.reserve(count * d), weights(.identity).start)
    nonisolated(unsafe) let raw = raw.reserve(known * d)
    let (hidden, lambda) = (weights(.hidden).start, lambda)
    pool.forEachBlock(count, size: 32) { _, range, _ in
      for row in range {
        if row + 4 < count { NetworkKernels.prefetch(identity + nodes[row + 4] * d, count: d) }
        sScale[row] = Self.normalize(identity + nodes[row] * d, d, to: s + row * d)
        Self.scale(s + row * d, d, 1, dropout?.identity, row, to: cs + row * d)
      }
    }
    product.multiply(count, d, d, cs, hidden, to: h)
    if let profiles, known > 0 {
      let width = profiles.columns
      let x = x.reserve(known * width)
      profiles.values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        for row in 0..<known { (x + row * width).update(from: values + nodes[row] * width, count: width) }
      }
      product.multiply(known, d, width, x, weights(.attribute).start, to: raw)
      pool.forEachBlock(known, size: 32) { _, range, _ in
        for row in range {
          NetworkKernels.elu(raw + row * d, count: d, to: raw + row * d)
          aScale[row] = Self.normalize(raw + row * d, d, to: a + row * d)
          Self.scale(a + row * d, d, lambda, dropout?.attribute, row, to: ca + row * d)
        }
      }
      product.multiply(known, d, d, ca, hidden + d * d, adding: true, to: h)
    }
    pool.forEachBlock(count, size: 32) { _, range, _ in
      NetworkKernels.tanh(h + range.lowerBound * d, count: range.count * d, to: h + range.lowerBound * d)
    }
    return known
  }

  /// y = h + V of all nodes, without dropout: nodes × d.
  public func embedding() -> [Float] {
    let d = dimension
    var values = [Float](repeating: 0, count: nodes * d)
    let order = (0..<nodes).sorted { (isKnown($0) ? 0 : 1, $0) < (isKnown($1) ? 0 : 1, $1) }
    for first in stride(from: 0, to: nodes, by: 1024) {
      let chosen = Array(order[first..<min(nodes, first + 1024)])
      forward(chosen, nil)
      for (row, node) in chosen.enumerated() {
        for column in 0..<d {
          values[node * d + column] = h.start[row * d + column] + weights(.output).start[node * d + column]
        }
      }
    }
    return values
  }

  private func isKnown(_ node: Int) -> Bool { profiles?.isKnown[node] ?? false }

  /// Computes the gradients of the mean loss of a batch, and returns the loss of each sample.
  @discardableResult public func backward(_ batch: Batch, dropout: Dropout? = nil) -> [Float] {
    let (count, d) = (batch.nodes.count, dimension)
    let known = forward(batch.nodes, dropout)
    let losses = backwardOutputs(batch)
    let (h, dh) = (h.start, dh.start)
    for place in 0..<count * d { dh[place] *= 1 - h[place] * h[place] }
    let hidden = weights(.hidden).start
    let dHidden = gradient(.hidden).fill(2 * d * d, with: 0)
    product.multiplyTransposed(d, d, count, cs.start, dh, to: dHidden)
    nonisolated(unsafe) let dc = dc.reserve(count * d)
    product.multiply(count, d, d, dh, hidden, rightIsTransposed: true, to: dc)
    if known > 0 { backwardAttributes(known, dropout) }
    nonisolated(unsafe) let (s, sScale) = (s.start, sScale.start)
    pool.forEachBlock(count, size: 32) { _, range, _ in
      for row in range {
        Self.scale(dc + row * d, d, 1, dropout?.identity, row, to: dc + row * d)
        Self.normalizeBack(s + row * d, sScale[row], d, dc + row * d)
      }
    }
    touched = Self.gather(batch.nodes, &place)
    let sums = gradient(.identity).fill(touched.count * d, with: 0)
    for (row, node) in batch.nodes.enumerated() {
      NetworkKernels.add(dc + row * d, count: d, times: 1, to: sums + Int(place[node]) * d)
    }
    for node in touched { place[node] = -1 }
    return losses
  }

  private func backwardAttributes(_ known: Int, _ dropout: Dropout?) {
    let (d, width) = (dimension, profiles?.columns ?? 0)
    let (dh, ca) = (dh.start, ca.start)
    product.multiplyTransposed(d, d, known, ca, dh, to: gradient(.hidden).start + d * d)
    nonisolated(unsafe) let dca = dca.reserve(known * d)
    product.multiply(known, d, d, dh, weights(.hidden).start + d * d, rightIsTransposed: true, to: dca)
    nonisolated(unsafe) let (a, aScale, raw) = (a.start, aScale.start, raw.start)
    let lambda = lambda
    pool.forEachBlock(known, size: 32) { _, range, _ in
      for row in range {
        let line = dca + row * d
        Self.scale(line, d, lambda, dropout?.attribute, row, to: line)
        Self.normalizeBack(a + row * d, aScale[row], d, line)
        let elu = raw + row * d
        for column in 0..<d { line[column] *= elu[column] > 0 ? 1 : elu[column] + 1 }
      }
    }
    let sums = gradient(.attribute).reserve(width * d)
    product.multiplyTransposed(width, d, known, x.start, dca, to: sums)
  }

  /// Loss and gradients of V and b, and of h in `dh`.
  private func backwardOutputs(_ batch: Batch) -> [Float] {
    let (count, drawn, d) = (batch.nodes.count, batch.negatives.count, dimension)
    let (h, output, bias) = (h.start, weights(.output).start, weights(.bias).start)
    let rows = rows.reserve(drawn * d)
    for (row, node) in batch.negatives.enumerated() { (rows + row * d).update(from: output + node * d, count: d) }
    let logits = logits.reserve(count * drawn)
    product.multiply(count, drawn, d, h, rows, rightIsTransposed: true, to: logits)
    touchedOutputs = Self.gather(batch.neighbors + batch.negatives, &outputPlace)
    let sums = gradient(.output).fill(touchedOutputs.count * d, with: 0)
    let biasSums = gradient(.bias).fill(touchedOutputs.count, with: 0)
    let dh = dh.reserve(count * d)
    var losses = [Float](repeating: 0, count: count)
    let share = 1 / Float(count)
    for row in 0..<count {
      let neighbor = batch.neighbors[row]
      if row + 4 < count { NetworkKernels.prefetch(output + batch.neighbors[row + 4] * d, count: d) }
      let right = Self.dot(h + row * d, output + neighbor * d, d) + bias[neighbor] - batch.neighborCounts[row]
      let line = logits + row * drawn
      for (column, node) in batch.negatives.enumerated() {
        line[column] = node == neighbor ? -.infinity : line[column] + bias[node] - batch.negativeCounts[column]
      }
      losses[row] = Self.softmax(right, line, drawn)
      let error = -(1 - exp(-losses[row])) * share
      let slot = Int(outputPlace[neighbor])
      biasSums[slot] += error
      NetworkKernels.add(h + row * d, count: d, times: error, to: sums + slot * d)
      for column in 0..<d { dh[row * d + column] = error * output[neighbor * d + column] }
      for (column, node) in batch.negatives.enumerated() {
        line[column] *= share
        biasSums[Int(outputPlace[node])] += line[column]
      }
    }
    product.multiply(count, d, drawn, logits, rows, adding: true, to: dh)
    let dRows = dRows.reserve(drawn * d)
    product.multiplyTransposed(drawn, d, count, logits, h, to: dRows)
    for (row, node) in batch.negatives.enumerated() {
      NetworkKernels.add(dRows + row * d, count: d, times: 1, to: sums + Int(outputPlace[node]) * d)
    }
    for node in touchedOutputs { outputPlace[node] = -1 }
    return losses
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Small steps on rows.
extension GNENetwork {
  /// Numbers each node once, in order of mention.
  private static func gather(_ nodes: [Int], _ place: inout [Int32]) -> [Int] {
    var list: [Int] = []
    for node in nodes where place[node] < 0 {
      place[node] = Int32(list.count)
      list.append(node)
    }
    return list
  }

  /// y = x / ‖x‖; returns 1 / ‖x‖, of squares of at least 1e-12.
  private static func normalize(
    _ x: UnsafePointer<Float>, _ count: Int, to y: UnsafeMutablePointer<Float>
  ) -> Float {
    let factor = 1 / max(dot(x, x, count), 1e-12).squareRoot()
    for place in 0..<count { y[place] = x[place] * factor }
    return factor
  }

  /// d ← (d − y (y · d)) / ‖x‖, from the normal values y. A row of zeros has no direction to turn.
  private static func normalizeBack(
    _ y: UnsafePointer<Float>, _ factor: Float, _ count: Int, _ d: UnsafeMutablePointer<Float>
  ) {
    let along = factor < 1e6 ? dot(y, d, count) : 0
    for place in 0..<count { d[place] = (d[place] - y[place] * along) * factor }
  }

  /// y = factor · x, times the row's factors of dropout.
  private static func scale(
    _ x: UnsafePointer<Float>, _ count: Int, _ factor: Float, _ dropout: [Float]?, _ row: Int,
    to y: UnsafeMutablePointer<Float>
  ) {
    guard let dropout else {
      for place in 0..<count { y[place] = factor * x[place] }
      return
    }
    dropout.withUnsafeBufferPointer { mask in
      for place in 0..<count { y[place] = factor * x[place] * mask[row * count + place] }
    }
  }

  /// The dot product as 32 sums, so that no addition waits for the one before it.
  private static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    func product(_ place: Int) -> SIMD8<Float> {
      UnsafeRawPointer(a + place).loadUnaligned(as: SIMD8<Float>.self)
        * UnsafeRawPointer(b + place).loadUnaligned(as: SIMD8<Float>.self)
    }
    var (one, two, three, four) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    var place = 0
    while place + 32 <= count {
      one += product(place)
      two += product(place + 8)
      three += product(place + 16)
      four += product(place + 24)
      place += 32
    }
    var sum = ((one + two) + (three + four)).sum()
    while place < count {
      sum += a[place] * b[place]
      place += 1
    }
    return sum
  }

  /// Makes the logits of the negatives their probabilities, and returns −log of that of the neighbour.
  private static func softmax(_ right: Float, _ others: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    var most = right
    for place in 0..<count { most = max(most, others[place]) }
    var sum = Double(exp(right - most))
    for place in 0..<count {
      others[place] = exp(others[place] - most)
      sum += Double(others[place])
    }
    for place in 0..<count { others[place] = Float(Double(others[place]) / sum) }
    return Float(log(sum)) - (right - most)
  }
}
