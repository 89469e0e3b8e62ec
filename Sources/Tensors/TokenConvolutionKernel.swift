/// Convolution along the embedding of tokens, weights added by token first (see the layer `TokenConvolution`).
///
/// `embedding` is [symbol][width], `weight` [filter][position][kernel] as in PyTorch, `y` [row][filter][place]. A row
/// is one product: its values do not depend on the rows beside it.
public enum TokenConvolutionKernel {
  /// The sizes of one convolution.
  public struct Size: Sendable {
    /// Rows of the batch.
    public let rows: Int
    /// Tokens of a row.
    public let length: Int
    /// Different tokens.
    public let symbols: Int
    /// Numbers of an embedded token.
    public let width: Int
    /// Filters.
    public let filters: Int
    /// Places under a filter.
    public let kernel: Int

    /// These sizes.
    public init(rows: Int, length: Int, symbols: Int, width: Int, filters: Int, kernel: Int) {
      (self.rows, self.length, self.symbols) = (rows, length, symbols)
      (self.width, self.filters, self.kernel) = (width, filters, kernel)
    }

    /// Places that go out.
    public var places: Int { width - kernel + 1 }
    /// Weights of one position: tap and filter.
    fileprivate var step: Int { kernel * filters }
  }

  /// The memory of a run forward and back.
  public final class Memory {
    fileprivate let sums = Buffer<Float>()
    fileprivate let windows = Buffer<Float>()
    fileprivate let weights = Buffer<Float>()
    /// From each position the sum of all weights to the end: what padding that begins there adds.
    fileprivate let rests = Buffer<Float>()

    /// Empty memory.
    public init() {}
  }

  /// Rows whose sums are made at a time where they are not kept, and stay in the second-level cache on the way back.
  private static let chunk = 64
  /// Rows of one product of the way back: a multiple of 8.
  private static let group = 16
  /// Positions of one task of the way back: their derivatives stay in the second-level cache.
  private static let positions = 256

  /// Writes `y`. Sums of weights stay in `memory` where a run back will follow (`keeps`).
  public static func forward(
    _ size: Size, tokens: UnsafePointer<Int32>, embedding: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, keeps: Bool, _ memory: Memory, _ work: Workspace
  ) {
    let used = Used(size, tokens)
    pack(size, used, embedding, weight, memory)
    let (stretch, out) = (used.depth * size.filters, size.filters * size.places)
    memory.sums.reserve((keeps ? size.rows : min(size.rows, chunk)) * stretch)
    for start in stride(from: 0, to: size.rows, by: chunk) {
      let count = min(chunk, size.rows - start)
      let sums = memory.sums.start + (keeps ? start * stretch : 0)
      add(size, used, tokens + start * size.length, rows: count, memory, to: sums, work)
      ConvolutionKernel.forward(
        product(size, used, rows: count), x: sums, weight: memory.windows.start, bias: nil, y: y + start * out, work)
      for filter in 0..<count * size.filters {
        let (to, bias) = (y + start * out + filter * size.places, bias[filter % size.filters])
        for place in 0..<size.places { to[place] += bias }
      }
    }
  }

  /// Adds to the three gradients; follows `forward` with `keeps` on the same tokens and memory.
  public static func backward(
    _ size: Size, tokens: UnsafePointer<Int32>, dY: UnsafePointer<Float>, dEmbedding: UnsafeMutablePointer<Float>,
    dWeight: UnsafeMutablePointer<Float>, dBias: UnsafeMutablePointer<Float>, _ memory: Memory, _ work: Workspace
  ) {
    let used = Used(size, tokens)
    let (depth, stretch, window) = (used.depth, used.depth * size.filters, used.depth * size.places)
    let (windows, sums) = (memory.windows.start, memory.sums.start)
    let dWindows = work.sums(ThreadPool.blocks(size.rows, size: group) * window)
    work.pool.forEachBlock(size.rows, size: group) { task, range, worker in
      let rows = range.count * size.filters
      let dOut = dY + range.lowerBound * size.filters * size.places
      let own = sums + range.lowerBound * stretch
      BLAS.multiply(
        size.places, depth, rows, BLAS.Operand(dOut, stride: size.places, transposed: true),
        BLAS.Operand(own, stride: depth), adding: false, to: dWindows + task * window, stride: depth)
      let dSums = work.scratch(worker, range.count * stretch)
      BLAS.multiply(
        rows, depth, size.places, BLAS.Operand(dOut, stride: size.places), BLAS.Operand(windows, stride: depth),
        adding: false, to: dSums, stride: depth)
      // The sums are not needed any more; their memory takes their derivatives as [symbol][tap][filter].
      for row in 0..<range.count {
        transpose(dSums + row * stretch, rows: size.filters, columns: depth, to: own + row * stretch)
      }
    }
    let dPacked = memory.weights.fill(size.length * size.step, with: 0)
    let ends = (0..<size.rows).map { end(of: tokens + $0 * size.length, size) }
    work.pool.forEachBlock(size.length, size: positions) { _, range, _ in
      let numbers = Buffer<Int32>()
      for first in stride(from: 0, to: size.rows, by: chunk) {
        let rows = first..<min(first + chunk, size.rows)
        let from = numbers.reserve(rows.count)
        for position in range {
          var count = 0
          used.place.withUnsafeBufferPointer { place in
            for row in rows where position < ends[row] {
              let symbol = place[Int(tokens[row * size.length + position])]
              from[count] = Int32(truncatingIfNeeded: row * used.symbols.count + symbol)
              count += 1
            }
          }
          kernels.table.pointee.add_indexed(sums, from, count, size.step, dPacked + position * size.step)
        }
      }
    }
    addPadding(size, used, ends, sums, to: dPacked, work)
    let tasks = ThreadPool.blocks(size.rows, size: group)
    if tasks > 1 { kernels.table.pointee.add_columns(dWindows + window, tasks - 1, window, dWindows) }
    addWindows(size, used, dWindows, to: dEmbedding)
    transpose(dPacked, rows: size.length * size.kernel, columns: size.filters, adding: true, to: dWeight)
    for filter in 0..<size.rows * size.filters {
      dBias[filter % size.filters] += sum(dY + filter * size.places, size.places)
    }
  }

  /// Writes the derivatives in the embedded tokens of one row, G[p, t + k] = Σ_f W[f, p, k] dY[f, t]: one product to
  /// [position][tap][place], whose taps are then added beside each other.
  public static func embeddingGradient(
    _ size: Size, weight: UnsafePointer<Float>, dY: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    let rows = size.length * size.kernel
    let terms = work.scratch(0, rows * size.places)
    BLAS.multiply(
      rows, size.places, size.filters, BLAS.Operand(weight, stride: rows, transposed: true),
      BLAS.Operand(dY, stride: size.places), adding: false, to: terms, stride: size.places)
    result.update(repeating: 0, count: size.length * size.width)
    for row in 0..<rows {
      let to = result + row / size.kernel * size.width + row % size.kernel
      kernels.table.pointee.add_columns(terms + row * size.places, 1, size.places, to)
    }
  }

  private static let kernels = FusedKernels.best

  /// Adds the derivatives of the weights under the padding, which are those of symbol 0 of all rows that have ended:
  /// one sum that grows from position to position.
  private static func addPadding(
    _ size: Size, _ used: Used, _ ends: [Int], _ sums: UnsafePointer<Float>, to dPacked: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    guard let first = ends.min(), first < size.length else { return }
    let (lists, numbers) = (Buffer<Int32>(), Buffer<Int32>())
    let keys = numbers.reserve(size.rows)
    for row in 0..<size.rows { keys[row] = Int32(ends[row]) }
    lists.reserve(RowLists.size(count: size.rows, rows: size.length + 1))
    let ending = RowLists(keys: keys, count: size.rows, rows: size.length + 1, in: lists)
    let (sum, from) = (work.scratch(0, size.step), Buffer<Int32>())
    sum.update(repeating: 0, count: size.step)
    for position in first..<size.length {
      let rows = ending.members(of: position)
      let places = from.reserve(max(1, rows.count))
      for (place, row) in rows.enumerated() { places[place] = row * Int32(used.symbols.count) + Int32(used.place[0]) }
      kernels.table.pointee.add_indexed(sums, places, rows.count, size.step, sum)
      kernels.table.pointee.add_columns(sum, 1, size.step, dPacked + position * size.step)
    }
  }

  /// The first of the positions of a row that hold symbol 0 up to its end, the padding.
  private static func end(of tokens: UnsafePointer<Int32>, _ size: Size) -> Int {
    var end = size.length
    while end > 0, tokens[end - 1] == 0 { end -= 1 }
    return end
  }

  // MARK: Parts

  /// The symbols that occur in a batch, numbered in their order; weights of others are multiplied by nothing.
  private struct Used {
    /// The number of each symbol that occurs, 0 for others.
    let place: [Int]
    /// The symbols that occur.
    let symbols: [Int]
    /// Symbols that occur times taps: the terms of one output.
    let depth: Int

    /// Writes the numbers of the symbols of some tokens.
    func write(_ tokens: UnsafePointer<Int32>, _ count: Int, to numbers: UnsafeMutablePointer<Int32>) {
      place.withUnsafeBufferPointer { place in
        for token in 0..<count { numbers[token] = Int32(truncatingIfNeeded: place[Int(tokens[token])]) }
      }
    }

    init(_ size: Size, _ tokens: UnsafePointer<Int32>) {
      var occurs = [Bool](repeating: false, count: size.symbols)
      occurs.withUnsafeMutableBufferPointer { occurs in
        for token in 0..<size.rows * size.length { occurs[Int(tokens[token])] = true }
      }
      symbols = occurs.indices.filter { occurs[$0] }
      var place = [Int](repeating: 0, count: size.symbols)
      for (number, symbol) in symbols.enumerated() { place[symbol] = number }
      self.place = place
      depth = symbols.count * size.kernel
    }
  }

  /// Each filter of each row is a row of a dense layer from the sums of its weights to its places.
  private static func product(_ size: Size, _ used: Used, rows: Int) -> ConvolutionSize {
    ConvolutionSize(instances: rows * size.filters, length: 1, inputs: used.depth, outputs: size.places, kernel: 1)
  }

  /// Windows of the embedding as [place][symbol][tap], and weights as [position][tap][filter].
  private static func pack(
    _ size: Size, _ used: Used, _ embedding: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ memory: Memory
  ) {
    let windows = memory.windows.reserve(used.depth * size.places)
    for place in 0..<size.places {
      for (number, symbol) in used.symbols.enumerated() {
        (windows + place * used.depth + number * size.kernel).update(
          from: embedding + symbol * size.width + place, count: size.kernel)
      }
    }
    transpose(
      weight, rows: size.filters, columns: size.length * size.kernel,
      to: memory.weights.reserve(size.length * size.step))
    let rests = memory.rests.reserve((size.length + 1) * size.step)
    (rests + size.length * size.step).update(repeating: 0, count: size.step)
    for position in (0..<size.length).reversed() {
      let (own, next) = (rests + position * size.step, rests + (position + 1) * size.step)
      let weight = memory.weights.start + position * size.step
      for term in 0..<size.step { own[term] = next[term] + weight[term] }
    }
  }

  /// The weights of the positions of each symbol, added in the order of the positions: [row][filter][symbol][tap].
  private static func add(
    _ size: Size, _ used: Used, _ tokens: UnsafePointer<Int32>, rows: Int, _ memory: Memory,
    to sums: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let (stretch, weights, rests) = (used.depth * size.filters, memory.weights.start, memory.rests.start)
    work.pool.forEachBlock(rows, size: 8) { _, range, worker in
      let turned = work.scratch(worker, stretch)
      let (symbols, lists) = (Buffer<Int32>(), Buffer<Int32>())
      let keys = symbols.reserve(size.length)
      lists.reserve(RowLists.size(count: size.length, rows: used.symbols.count))
      for row in range {
        turned.update(repeating: 0, count: stretch)
        let end = end(of: tokens + row * size.length, size)
        used.write(tokens + row * size.length, end, to: keys)
        let positions = RowLists(keys: keys, count: end, rows: used.symbols.count, in: lists)
        for symbol in used.symbols.indices {
          let own = positions.members(of: symbol)
          guard let first = own.baseAddress else { continue }
          kernels.table.pointee.add_indexed(weights, first, own.count, size.step, turned + symbol * size.step)
        }
        if end < size.length {
          kernels.table.pointee.add_columns(
            rests + end * size.step, 1, size.step, turned + used.place[0] * size.step)
        }
        transpose(turned, rows: used.depth, columns: size.filters, to: sums + row * stretch)
      }
    }
  }

  /// Writes [columns][rows] from [rows][columns], or adds them.
  private static func transpose(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, adding: Bool = false, to y: UnsafeMutablePointer<Float>
  ) {
    kernels.table.pointee.transpose(x, rows, columns, adding ? 1 : 0, y)
  }

  /// The sum of some numbers, in 16 parts.
  private static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var parts = SIMD16<Float>()
    let whole = count / 16 * 16
    for place in stride(from: 0, to: whole, by: 16) {
      parts += UnsafeRawPointer(x + place).loadUnaligned(as: SIMD16<Float>.self)
    }
    return (whole..<count).reduce(parts.sum()) { $0 + x[$1] }
  }

  /// Adds the derivatives of windows, [place][symbol][tap], to those of the embedding.
  private static func addWindows(
    _ size: Size, _ used: Used, _ dWindows: UnsafePointer<Float>, to dEmbedding: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<size.places {
      for (number, symbol) in used.symbols.enumerated() {
        let from = dWindows + place * used.depth + number * size.kernel
        let to = dEmbedding + symbol * size.width + place
        for tap in 0..<size.kernel { to[tap] += from[tap] }
      }
    }
  }
}
