#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Attention over edges, row by row (see the layer `EdgeAttention` for the formula).
///
/// A row is one task: its edges are taken in their order, whatever the threads. Nothing is held per edge but one weight
/// per head.
public enum EdgeAttentionKernel {
  /// The sizes of one attention.
  public struct Size: Sendable {
    /// Rows of the graph.
    public let rows: Int
    /// Edges, self loops among them.
    public let edges: Int
    /// Values of a row that comes in.
    public let inputs: Int
    /// Heads.
    public let heads: Int
    /// Channels of a head.
    public let outputs: Int
    /// The slope of LeakyReLU below 0.
    public let slope: Float

    /// These sizes.
    public init(rows: Int, edges: Int, inputs: Int, heads: Int, outputs: Int, slope: Float) {
      (self.rows, self.edges, self.inputs) = (rows, edges, inputs)
      (self.heads, self.outputs, self.slope) = (heads, outputs, slope)
    }

    /// Channels that go out.
    public var width: Int { heads * outputs }
    /// Floats that are kept for the way back: h, the two scores of each row and head, and α and dl of each edge and
    /// head.
    public var notes: Int { rows * width + 2 * rows * heads + 2 * edges * heads }
    fileprivate var projection: ConvolutionSize {
      ConvolutionSize(instances: rows, length: 1, inputs: inputs, outputs: width, kernel: 1)
    }
  }

  /// The parts of the notes.
  private struct Notes {
    let h, source, target, weight, slope: UnsafeMutablePointer<Float>

    init(_ size: Size, _ start: UnsafeMutablePointer<Float>) {
      h = start
      source = h + size.rows * size.width
      target = source + size.rows * size.heads
      weight = target + size.rows * size.heads
      slope = weight + size.edges * size.heads
    }
  }

  private static let blockRows = 32

  /// Writes `y`, rows × (heads · outputs), and the notes.
  public static func forward(
    _ size: Size, into: UnsafePointer<Int32>, from: UnsafePointer<Int32>, x: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, source: UnsafePointer<Float>, target: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, mask: DropoutMask?, y: UnsafeMutablePointer<Float>,
    notes: UnsafeMutablePointer<Float>, lists: Buffer<Int32>, _ work: Workspace
  ) {
    let note = Notes(size, notes)
    ConvolutionKernel.forward(size.projection, x: x, weight: weight, bias: nil, y: note.h, work)
    work.pool.forEachBlock(size.rows, size: blockRows) { _, range, _ in
      for place in range.lowerBound * size.heads..<range.upperBound * size.heads {
        let (h, head) = (note.h + place * size.outputs, place % size.heads)
        note.source[place] = dot(size.outputs, h, source + head * size.outputs)
        note.target[place] = dot(size.outputs, h, target + head * size.outputs)
      }
    }
    lists.reserve(RowLists.size(count: size.edges, rows: size.rows))
    let incoming = RowLists(keys: into, count: size.edges, rows: size.rows, in: lists)
    work.pool.forEachBlock(size.rows, size: blockRows) { _, range, _ in
      for row in range {
        let edges = incoming.members(of: row)
        let out = y + row * size.width
        out.update(from: bias, count: size.width)
        for head in 0..<size.heads {
          softmax(size, row, head, edges, from, note)
          for edge in edges {
            let place = Int(edge) * size.heads + head
            let factor = note.weight[place] * (mask?.factor(place) ?? 1)
            let h = note.h + Int(from[Int(edge)]) * size.width + head * size.outputs
            for channel in 0..<size.outputs { out[head * size.outputs + channel] += factor * h[channel] }
          }
        }
      }
    }
  }

  /// Adds to `dX` and to the four tensors of `parameters` (weight, source, target, bias), where they are wanted.
  public static func backward(
    _ size: Size, into: UnsafePointer<Int32>, from: UnsafePointer<Int32>, x: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, source: UnsafePointer<Float>, target: UnsafePointer<Float>, mask: DropoutMask?,
    notes: UnsafeMutablePointer<Float>, lists: Buffer<Int32>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>?, parameters: [UnsafeMutablePointer<Float>]?, _ work: Workspace
  ) {
    let note = Notes(size, notes)
    let dH = Buffer<Float>()
    let dh = dH.fill(size.rows * size.width, with: 0)
    let dTarget = Buffer<Float>()
    let dt = dTarget.fill(2 * size.rows * size.heads, with: 0)
    let ds = dt + size.rows * size.heads
    let one = RowLists.size(count: size.edges, rows: size.rows)
    lists.reserve(2 * one)
    let incoming = RowLists(keys: into, count: size.edges, rows: size.rows, in: lists)
    let outgoing = RowLists(keys: from, count: size.edges, rows: size.rows, in: lists, at: one)
    work.pool.forEachBlock(size.rows, size: blockRows) { _, range, _ in
      for row in range {
        for head in 0..<size.heads { softmaxBack(size, row, head, incoming.members(of: row), from, note, mask, dY, dt) }
      }
    }
    work.pool.forEachBlock(size.rows, size: blockRows) { _, range, _ in
      for row in range {
        for head in 0..<size.heads {
          let place = row * size.heads + head
          let d = dh + place * size.outputs
          for edge in outgoing.members(of: row) {
            let at = Int(edge) * size.heads + head
            let factor = note.weight[at] * (mask?.factor(at) ?? 1)
            let g = dY + Int(into[Int(edge)]) * size.width + head * size.outputs
            for channel in 0..<size.outputs { d[channel] += factor * g[channel] }
            ds[place] += note.slope[at]
          }
          for channel in 0..<size.outputs {
            d[channel] +=
              ds[place] * source[head * size.outputs + channel] + dt[place] * target[head * size.outputs + channel]
          }
        }
      }
    }
    if let parameters { addParameters(size, note, UnsafePointer(ds), UnsafePointer(dt), dY, parameters) }
    ConvolutionKernel.backward(
      size.projection, x: x, weight: weight, dY: dh, dX: dX, dWeight: parameters?[0], dBias: nil, work)
  }

  // MARK: Parts

  /// α of one head of the edges into a row.
  private static func softmax(
    _ size: Size, _ row: Int, _ head: Int, _ edges: UnsafeBufferPointer<Int32>, _ from: UnsafePointer<Int32>,
    _ note: Notes
  ) {
    var top = -Float.infinity
    for edge in edges {
      let score = note.source[Int(from[Int(edge)]) * size.heads + head] + note.target[row * size.heads + head]
      let leaky = score > 0 ? score : size.slope * score
      note.weight[Int(edge) * size.heads + head] = leaky
      top = max(top, leaky)
    }
    var sum: Float = 0
    for edge in edges {
      let place = Int(edge) * size.heads + head
      note.weight[place] = expf(note.weight[place] - top)
      sum += note.weight[place]
    }
    for edge in edges { note.weight[Int(edge) * size.heads + head] /= sum }
  }

  /// Writes the derivatives in the scores of one head of the edges into a row, before LeakyReLU, and adds these up.
  private static func softmaxBack(
    _ size: Size, _ row: Int, _ head: Int, _ edges: UnsafeBufferPointer<Int32>, _ from: UnsafePointer<Int32>,
    _ note: Notes, _ mask: DropoutMask?, _ dY: UnsafePointer<Float>, _ dTarget: UnsafeMutablePointer<Float>
  ) {
    let g = dY + row * size.width + head * size.outputs
    func slope(_ edge: Int32) -> Float {
      let h = note.h + Int(from[Int(edge)]) * size.width + head * size.outputs
      return dot(size.outputs, g, h) * (mask?.factor(Int(edge) * size.heads + head) ?? 1)
    }
    var mean: Float = 0
    for edge in edges { mean += note.weight[Int(edge) * size.heads + head] * slope(edge) }
    for edge in edges {
      let place = Int(edge) * size.heads + head
      let score = note.source[Int(from[Int(edge)]) * size.heads + head] + note.target[row * size.heads + head]
      let leaky: Float = score > 0 ? 1 : size.slope
      note.slope[place] = leaky * note.weight[place] * (slope(edge) - mean)
      dTarget[row * size.heads + head] += note.slope[place]
    }
  }

  private static func addParameters(
    _ size: Size, _ note: Notes, _ dSource: UnsafePointer<Float>, _ dTarget: UnsafePointer<Float>,
    _ dY: UnsafePointer<Float>, _ parameters: [UnsafeMutablePointer<Float>]
  ) {
    for row in 0..<size.rows {
      for column in 0..<size.width {
        let (place, h) = (row * size.heads + column / size.outputs, note.h[row * size.width + column])
        parameters[1][column] += dSource[place] * h
        parameters[2][column] += dTarget[place] * h
        parameters[3][column] += dY[row * size.width + column]
      }
    }
  }

  private static func dot(_ count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    var sum: Float = 0
    for place in 0..<count { sum += a[place] * b[place] }
    return sum
  }
}
