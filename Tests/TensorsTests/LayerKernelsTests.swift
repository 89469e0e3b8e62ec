import Bytes
import CKernels
import Tensors
import Testing

/// The layers' loops for every instruction set beside plain C: the same bits, at widths that fill no vector.
@Suite struct LayerKernelsTests {
  private typealias Kernels = UnsafePointer<ck_kernels>

  private func same(_ name: String, _ run: (Kernels) -> [UInt64]) {
    guard let plain = ck_kernels_of(0) else { return }
    let expected = run(plain)
    for strength in FusedKernels.Strength.allCases where strength.rawValue <= FusedKernels.strongest.rawValue {
      guard let kernels = ck_kernels_of(strength.rawValue) else { continue }
      #expect(run(kernels) == expected, "\(name), \(strength)")
    }
  }

  @Test(arguments: [(1, 1), (3, 1), (7, 5), (2, 16), (31, 64), (6, 33), (100, 129)])
  func norms(rows: Int, channels: Int) {
    var stream = RandomStream(seed: UInt64(rows * channels))
    func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
    let (x, dy, start) = (floats(rows * channels), floats(rows * channels), floats(rows * channels))
    let (mean, deviation, weight, bias) = (floats(channels), floats(channels), floats(channels), floats(channels))
    let counts = (0..<rows).map { _ in Float(1 + stream.below(3)) }
    same("column_sums") { kernels in
      var sums = [[Double]](repeating: [Double](repeating: 1, count: 2 * channels), count: 2)
      kernels.pointee.column_sums(x, nil, rows, channels, &sums[0])
      kernels.pointee.column_sums(x, counts, rows, channels, &sums[1])
      return bits(sums[0], sums[1])
    }
    same("normalize") { kernels in
      var y = start
      kernels.pointee.normalize(x, rows, channels, mean, deviation, weight, bias, &y)
      return bits(y)
    }
    same("normal_sums") { kernels in
      var sums = [Double](repeating: 1, count: 2 * channels)
      kernels.pointee.normal_sums(x, dy, rows, channels, mean, deviation, &sums)
      return bits(sums)
    }
    for adding in [Int32(0), 1] {
      same("normalize_back") { kernels in
        var (once, counted) = (start, start)
        kernels.pointee.normalize_back(
          x, dy, nil, rows, channels, mean, deviation, weight, bias, mean, adding, &once)
        kernels.pointee.normalize_back(
          x, dy, counts, rows, channels, mean, deviation, weight, bias, mean, adding, &counted)
        return bits(once, counted)
      }
    }
    same("add_columns") { kernels in
      var sums = bias
      kernels.pointee.add_columns(x, rows, channels, &sums)
      return bits(sums)
    }
    for adding in [false, true] {
      same("transpose") { kernels in
        var y = start
        kernels.pointee.transpose(x, rows, channels, adding ? 1 : 0, &y)
        for row in 0..<rows {
          for channel in 0..<channels {
            let (place, value) = (channel * rows + row, x[row * channels + channel])
            #expect(y[place] == (adding ? start[place] + value : value))
          }
        }
        return bits(y)
      }
    }
    same("add_rows") { kernels in
      var y = [Float](repeating: 0.5, count: rows + channels)
      kernels.pointee.add_rows(x, rows, channels, 1, &y)
      return bits(y)
    }
  }

  /// Sums and logits of cells, beside their formulas; numbers between the cells' own stay as they are.
  @Test(arguments: [(1, 1, 1), (4, 16, 20), (9, 5, 5), (3, 33, 70)]) func cells(count: Int, width: Int, gap: Int) {
    var stream = RandomStream(seed: UInt64(count + width))
    func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
    let (bias, row, columns, weight) = (floats(width), floats(width), floats(count * width), floats(2 * width))
    let (step, x) = (width + gap, floats(count * (2 * width + gap)))
    same("cell_sums") { kernels in
      var y = [Float](repeating: 7, count: count * step)
      kernels.pointee.cell_sums(bias, row, columns, count, width, &y, step)
      for place in y.indices {
        let (cell, channel) = (place / step, place % step)
        let own = channel < width ? max(0, bias[channel] + row[channel] + columns[cell * width + channel]) : 7
        #expect(y[place] == own)
      }
      return bits(y)
    }
    for isSum in [false, true] {
      same("cell_logits") { kernels in
        var y = [Float](repeating: 0, count: count)
        kernels.pointee.cell_logits(
          x, 2 * width + gap, row, columns, count, width, isSum ? 1 : 0, weight, 0.5, &y)
        for cell in 0..<count {
          let joined =
            (0..<width).map { row[$0] + (isSum ? columns[cell * width + $0] : 0) }
            + (isSum ? [] : Array(columns[cell * width..<(cell + 1) * width]))
          let logit = joined.enumerated().reduce(Double(0.5)) {
            $0 + Double(weight[$1.offset] * max(0, x[cell * (2 * width + gap) + $1.offset] + $1.element))
          }
          #expect(abs(Double(y[cell]) - logit) < 1e-5 * Double(width + 4))
        }
        return bits(y)
      }
    }
  }

  /// Ties and zeros of both signs among the values: the first of equals wins in every version.
  @Test(arguments: [(1, 1), (2, 5), (3, 64), (7, 33)]) func pools(size: Int, channels: Int) {
    var stream = RandomStream(seed: UInt64(size))
    let x = (0..<size * channels).map { _ in [-1, -0.0, 0, 1][stream.below(4)] as Float }
    let dy = (0..<channels).map { _ in Float(stream.normal()) }
    same("greatest and its way back") { kernels in
      var (y, winner) = ([Float](repeating: 9, count: channels), [UInt8](repeating: 9, count: channels))
      kernels.pointee.greatest(x, size, channels, &y, &winner)
      for channel in 0..<channels {
        let column = (0..<size).map { x[$0 * channels + channel] }
        #expect(y[channel] == column.max() && Int(winner[channel]) == column.firstIndex(of: y[channel]))
      }
      var dx = x
      kernels.pointee.greatest_back(winner, dy, size, channels, &dx)
      return bits(y, dx, winner)
    }
  }

  @Test(arguments: [1, 15, 64, 1001]) func elements(count: Int) {
    var stream = RandomStream(seed: UInt64(count))
    func floats() -> [Float] { (0..<count).map { _ in stream.below(5) == 0 ? 0 : Float(stream.normal()) } }
    let (x, dy, start) = (floats(), floats(), floats())
    same("relu") { kernels in
      var y = start
      kernels.pointee.relu(x, count, &y)
      return bits(y)
    }
    let mask = DropoutMask(probability: 0.3, seed: 7, epoch: 1, batch: 2, layer: 3)
    let numbers = ck_dropout(first: mask.first, second: mask.second, threshold: mask.threshold, scale: mask.scale)
    for flag in [Int32(0), 1] {
      same("relu_back") { kernels in
        var (added, written) = (start, start)
        kernels.pointee.relu_back(x, dy, count, flag, 1, &added)
        kernels.pointee.relu_back(x, dy, count, flag, 0, &written)
        for place in 0..<count { #expect(added[place] == start[place] + written[place]) }
        return bits(added, written)
      }
      same("dropout") { kernels in
        var y = start
        withUnsafePointer(to: numbers) { kernels.pointee.dropout(x, count, $0, 5, flag, &y) }
        for place in 0..<count {
          let value = x[place] * mask.factor(place + 5)
          #expect(y[place] == (flag == 1 ? start[place] + value : value))
        }
        return bits(y)
      }
    }
  }
}
