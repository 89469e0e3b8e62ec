import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A long short-term memory, a block of rows at a time (see the layer `LSTM` for the formulas).
///
/// `x` is [row][position][inputs]; parameters are W_ih, W_hh, b_ih, b_hh as in PyTorch; `states` is
/// [row][position][c, h], 2 · hidden each. A row's values do not depend on the rows beside it.
public enum LSTMKernel {
  /// The sizes of a run.
  public struct Size: Sendable {
    /// Rows of the batch.
    public let rows: Int
    /// Positions of a row.
    public let length: Int
    /// Channels that come in.
    public let inputs: Int
    /// Channels of the memory.
    public let hidden: Int

    /// These sizes.
    public init(rows: Int, length: Int, inputs: Int, hidden: Int) {
      (self.rows, self.length, self.inputs, self.hidden) = (rows, length, inputs, hidden)
    }

    /// Floats of all states.
    public var states: Int { rows * length * 2 * hidden }
    fileprivate var gates: Int { 4 * hidden }
    fileprivate var depth: Int { inputs + hidden }
    fileprivate var panels: Int { (gates + Int(CK_PANEL) - 1) / Int(CK_PANEL) }
    fileprivate var width: Int { panels * Int(CK_PANEL) }
  }

  private static let forwardRows = 16
  private static let mostSums = 8
  private static let kernels = FusedKernels.best

  /// Writes `y`, rows × hidden, and the states of every row's own length.
  public static func forward(
    _ size: Size, x: UnsafePointer<Float>, lengths: [Int], parameters: [UnsafePointer<Float>],
    y: UnsafeMutablePointer<Float>, states: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let packed = pack(size, parameters, work)
    let hidden = size.hidden
    work.pool.forEachBlock(size.rows, size: forwardRows) { _, range, worker in
      let scratch = work.scratch(worker, range.count * (size.depth + size.width))
      let gates = scratch + range.count * size.depth
      let last = range.reduce(0) { max($0, lengths[$1]) }
      for time in 0..<last {
        gateValues(size, packed, x, states, range, time, scratch, gates)
        for row in range {
          let gate = gates + (row - range.lowerBound) * size.width
          let state = states + (row * size.length + time) * 2 * hidden
          for unit in 0..<hidden {
            let before = time == 0 ? 0 : state[unit - 2 * hidden]
            state[unit] = gate[hidden + unit] * before + gate[unit] * gate[2 * hidden + unit]
            state[hidden + unit] = gate[3 * hidden + unit] * tanhf(state[unit])
          }
        }
      }
      for row in range {
        let to = y + row * hidden
        if lengths[row] == 0 {
          to.update(repeating: 0, count: hidden)
        } else {
          to.update(from: states + (row * size.length + lengths[row] - 1) * 2 * hidden + hidden, count: hidden)
        }
      }
    }
  }

  /// Adds to `dX` and to the four tensors of `dParameters` where they are wanted.
  public static func backward(
    _ size: Size, x: UnsafePointer<Float>, lengths: [Int], parameters: [UnsafePointer<Float>],
    states: UnsafePointer<Float>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>?,
    dParameters: [UnsafeMutablePointer<Float>]?, _ work: Workspace
  ) {
    let packed = pack(size, parameters, work)
    let block = max(forwardRows, (size.rows + mostSums - 1) / mostSums)
    let (blocks, one) = (ThreadPool.blocks(size.rows, size: block), size.gates * (size.depth + 1))
    let sums = work.sums(blocks * one)
    work.pool.forEachBlock(size.rows, size: block) { task, range, worker in
      let pass = Pass(size, range, work.scratch(worker, Pass.floats(size, range.count)), sums + task * one)
      let last = range.reduce(0) { max($0, lengths[$1]) }
      for time in (0..<last).reversed() {
        gateValues(size, packed, x, states, range, time, pass.z, pass.gates)
        pass.step(time, lengths, states, dY)
        pass.multiply(parameters, time, isWanted: dParameters != nil, dX: dX)
      }
    }
    guard let dParameters else { return }
    for task in 0..<blocks { add(size, UnsafePointer(sums + task * one), to: dParameters) }
  }

  // MARK: Parts

  /// [W_ih, W_hh] in panels of [inputs + hidden], filled up with zeros, and behind them the sum of both biases.
  private static func pack(
    _ size: Size, _ parameters: [UnsafePointer<Float>], _ work: Workspace
  ) -> UnsafePointer<Float> {
    let packed = work.packed(size.width * (size.depth + 1))
    packed.update(repeating: 0, count: size.width * (size.depth + 1))
    for gate in 0..<size.gates {
      for row in 0..<size.depth {
        packed[FusedWeights.place(row: row, column: gate, depth: size.depth)] =
          row < size.inputs
          ? parameters[0][gate * size.inputs + row] : parameters[1][gate * size.hidden + row - size.inputs]
      }
      packed[size.width * size.depth + gate] = parameters[2][gate] + parameters[3][gate]
    }
    return UnsafePointer(packed)
  }

  /// The gates of a block of rows at one position, behind their activations, rows × `width`; `z` becomes [x_t,
  /// h_{t−1}].
  private static func gateValues(
    _ size: Size, _ packed: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ states: UnsafePointer<Float>,
    _ range: Range<Int>, _ time: Int, _ z: UnsafeMutablePointer<Float>, _ gates: UnsafeMutablePointer<Float>
  ) {
    let hidden = size.hidden
    for row in range {
      let to = z + (row - range.lowerBound) * size.depth
      to.update(from: x + (row * size.length + time) * size.inputs, count: size.inputs)
      if time == 0 {
        (to + size.inputs).update(repeating: 0, count: hidden)
      } else {
        (to + size.inputs).update(
          from: states + (row * size.length + time - 1) * 2 * hidden + hidden, count: hidden)
      }
    }
    kernels.table.pointee.rows(
      z, size.depth, 0, 1, range.count, size.depth, packed, size.panels, packed + size.width * size.depth, gates,
      size.width, 0)
    for row in 0..<range.count {
      let gate = gates + row * size.width
      for unit in 0..<size.gates {
        gate[unit] = unit / hidden == 2 ? tanhf(gate[unit]) : 1 / (1 + expf(-gate[unit]))
      }
    }
  }

  private static func add(_ size: Size, _ sum: UnsafePointer<Float>, to tensors: [UnsafeMutablePointer<Float>]) {
    for gate in 0..<size.gates {
      let row = sum + gate * size.depth
      for input in 0..<size.inputs { tensors[0][gate * size.inputs + input] += row[input] }
      for unit in 0..<size.hidden { tensors[1][gate * size.hidden + unit] += row[size.inputs + unit] }
      let bias = sum[size.gates * size.depth + gate]
      tensors[2][gate] += bias
      tensors[3][gate] += bias
    }
  }

  /// The way back of one block of rows.
  private struct Pass {
    let size: Size
    let range: Range<Int>
    let z, gates, dGates, dZ, dCell, dHidden: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>

    static func floats(_ size: Size, _ rows: Int) -> Int {
      rows * (2 * size.depth + size.width + size.gates + 2 * size.hidden)
    }

    init(_ size: Size, _ range: Range<Int>, _ memory: UnsafeMutablePointer<Float>, _ sum: UnsafeMutablePointer<Float>) {
      (self.size, self.range, self.sum) = (size, range, sum)
      let rows = range.count
      z = memory
      gates = z + rows * size.depth
      dGates = gates + rows * size.width
      dZ = dGates + rows * size.gates
      dCell = dZ + rows * size.depth
      dHidden = dCell + rows * size.hidden
      dCell.update(repeating: 0, count: 2 * rows * size.hidden)
    }

    /// Derivatives in the gates before their activations, from those in c and h.
    func step(_ time: Int, _ lengths: [Int], _ states: UnsafePointer<Float>, _ dY: UnsafePointer<Float>) {
      let hidden = size.hidden
      for row in range {
        let place = row - range.lowerBound
        let (gate, to) = (gates + place * size.width, dGates + place * size.gates)
        let (dc, dh) = (dCell + place * hidden, dHidden + place * hidden)
        if time >= lengths[row] {
          to.update(repeating: 0, count: size.gates)
          continue
        }
        let state = states + (row * size.length + time) * 2 * hidden
        for unit in 0..<hidden {
          if time == lengths[row] - 1 { dh[unit] += dY[row * hidden + unit] }
          let (i, f, g, o) = (gate[unit], gate[hidden + unit], gate[2 * hidden + unit], gate[3 * hidden + unit])
          let (cell, before) = (tanhf(state[unit]), time == 0 ? 0 : state[unit - 2 * hidden])
          let d = dc[unit] + dh[unit] * o * (1 - cell * cell)
          to[unit] = d * g * i * (1 - i)
          to[hidden + unit] = d * before * f * (1 - f)
          to[2 * hidden + unit] = d * i * (1 - g * g)
          to[3 * hidden + unit] = dh[unit] * cell * o * (1 - o)
          dc[unit] = d * f
        }
      }
    }

    /// dW += dgatesᵀ z, and d[x, h] = dgates W.
    func multiply(
      _ parameters: [UnsafePointer<Float>], _ time: Int, isWanted: Bool, dX: UnsafeMutablePointer<Float>?
    ) {
      let (rows, hidden) = (range.count, size.hidden)
      if isWanted {
        BLAS.multiply(
          size.gates, size.depth, rows, BLAS.Operand(dGates, stride: size.gates, transposed: true),
          BLAS.Operand(z, stride: size.depth), adding: true, to: sum, stride: size.depth)
        kernels.table.pointee.add_columns(dGates, rows, size.gates, sum + size.gates * size.depth)
      }
      let left = BLAS.Operand(dGates, stride: size.gates)
      BLAS.multiply(
        rows, hidden, size.gates, left, BLAS.Operand(parameters[1], stride: hidden), adding: false, to: dHidden,
        stride: hidden)
      guard let dX else { return }
      BLAS.multiply(
        rows, size.inputs, size.gates, left, BLAS.Operand(parameters[0], stride: size.inputs), adding: true,
        to: dX + (range.lowerBound * size.length + time) * size.inputs, stride: size.length * size.inputs)
    }
  }
}

/// The memory of `LSTMKernel` written as its definition, in Double, forward only; tests hold both equal.
public enum PlainLSTM {
  /// Writes `y`, rows × hidden.
  public static func forward(
    _ size: LSTMKernel.Size, x: UnsafePointer<Float>, lengths: [Int], parameters: [UnsafePointer<Float>],
    y: UnsafeMutablePointer<Float>
  ) {
    let hidden = size.hidden
    for row in 0..<size.rows {
      var (cell, output) = ([Double](repeating: 0, count: hidden), [Double](repeating: 0, count: hidden))
      for time in 0..<lengths[row] {
        let input = x + (row * size.length + time) * size.inputs
        let gates = (0..<4 * hidden).map { gate in
          var sum = Double(parameters[2][gate]) + Double(parameters[3][gate])
          for place in 0..<size.inputs {
            sum += Double(parameters[0][gate * size.inputs + place]) * Double(input[place])
          }
          for unit in 0..<hidden { sum += Double(parameters[1][gate * hidden + unit]) * output[unit] }
          return gate / hidden == 2 ? tanh(sum) : sigmoid(sum)
        }
        for unit in 0..<hidden {
          cell[unit] = gates[hidden + unit] * cell[unit] + gates[unit] * gates[2 * hidden + unit]
          output[unit] = gates[3 * hidden + unit] * tanh(cell[unit])
        }
      }
      for unit in 0..<hidden { y[row * hidden + unit] = Float(output[unit]) }
    }
  }
}
