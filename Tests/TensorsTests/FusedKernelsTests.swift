import Bytes
import CKernels
import Tensors
import Testing

/// Every instruction set beside plain C: the same bits on random shapes.
@Suite struct FusedKernelsTests {
  /// One kernel at a time, on the same random inputs, for plain C and for `strength`.
  private struct Pair {
    let fast: UnsafePointer<ck_kernels>
    let plain: UnsafePointer<ck_kernels>
    var stream: RandomStream

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
    mutating func signs() -> [Float] { (0..<64).map { _ in stream.uniform() < 0.5 ? -1 : 1 } }
    mutating func codes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(stream.below(4)) } }

    /// Both versions leave the same bits in what `run` returns.
    func same(_ name: String, _ run: (UnsafePointer<ck_kernels>) -> [UInt64]) {
      #expect(run(fast) == run(plain), "\(name), \(String(cString: fast.pointee.name))")
    }
  }

  private func pairs(_ seed: UInt64) -> [Pair] {
    FusedKernels.Strength.allCases.filter { $0 != .plain && $0.rawValue <= FusedKernels.strongest.rawValue }.compactMap
    {
      guard let fast = ck_kernels_of($0.rawValue), let plain = ck_kernels_of(0) else { return nil }
      return Pair(fast: fast, plain: plain, stream: RandomStream(seed: seed))
    }
  }

  private let mask = ck_dropout(first: 0x1234_5678, second: 0x9abc_def0, threshold: 429_496_730, scale: 1 / 0.9)

  @Test(arguments: [(1, 64, 64, 4), (2, 192, 64, 4), (3, 70, 70, 1), (25, 64, 64, 4), (77, 192, 64, 2), (9, 33, 40, 3)])
  func products(rows: Int, depth: Int, stride: Int, panels: Int) {
    for var pair in pairs(UInt64(rows)) {
      let (a, w) = (pair.floats(2 * (rows * stride + depth)), pair.floats(depth * panels * 16))
      let (b, bias) = (pair.floats(rows * 64), pair.floats(panels * 16))
      let start = pair.floats(depth * 64)
      let width = panels * 16
      pair.same("rows") { kernels in
        var c = [Float](repeating: 0, count: 2 * rows * width)
        kernels.pointee.rows(
          a, stride, rows * stride, 2, rows, depth, w, panels, rows % 2 == 0 ? nil : bias, &c, width, rows * width)
        return bits(c)
      }
      pair.same("rows_gradient") { kernels in
        var dw = start
        kernels.pointee.rows_gradient(a, stride, rows, depth, b, 64, &dw)
        return bits(dw)
      }
      pair.same("add_scaled") { kernels in
        var y = a
        kernels.pointee.add_scaled(w, depth - 1, 0.3, &y)
        return bits(y)
      }
    }
  }

  @Test(arguments: [53, 54, 55, 61, 100, 233]) func firstModule(features: Int) {
    let pooled = (features - 2) / 3
    for var pair in pairs(UInt64(features)) {
      let (x, taps, offset) = (pair.floats(features), pair.floats(192), pair.floats(64))
      let da = pair.floats(pooled * 64)
      var codes = [UInt8](repeating: 9, count: pooled * 64)
      var first = [Float](repeating: 0, count: pooled * 64)
      pair.same("window_sums") { kernels in
        var sums = [Double](repeating: 1, count: 9)
        kernels.pointee.window_sums(x, features, &sums)
        return bits(sums)
      }
      for drops in [false, true] {
        pair.same("first_module, values and codes") { kernels in
          withUnsafePointer(to: mask) { mask in
            kernels.pointee.first_module(x, pooled, taps, offset, drops ? mask : nil, UInt32.max - 300, &first, &codes)
          }
          return bits(first, codes)
        }
        let scale = drops ? mask.scale : 1
        pair.same("first_module_again") { kernels in
          var again = [Float](repeating: 0, count: pooled * 64)
          kernels.pointee.first_module_again(x, pooled, taps, offset, scale, codes, &again)
          #expect(again == first, "the same values from the codes")
          return bits(again)
        }
        pair.same("first_module_gradient") { kernels in
          var sums = [Double](repeating: 1, count: 256)
          kernels.pointee.first_module_gradient(x, pooled, da, scale, codes, &sums)
          return bits(sums)
        }
        for guided in [Int32(0), 1] {
          pair.same("first_module_back") { kernels in
            var dx = x
            kernels.pointee.first_module_back(da, pooled, taps, codes, guided, &dx)
            return bits(dx)
          }
        }
      }
    }
  }

  @Test(arguments: [1, 2, 5, 25, 76]) func toomCook(windows: Int) {
    for var pair in pairs(UInt64(windows)) {
      let all = windows + windows % 3
      let (a, m) = (pair.floats((3 * windows + 2) * 64), pair.floats(5 * all * 64))
      let (scale, shift, signs) = (pair.floats(64), pair.floats(64), pair.signs())
      for (name, kernel) in [
        ("toom_input", \ck_kernels.toom_input), ("toom_gradient_input", \ck_kernels.toom_gradient_input),
      ] {
        pair.same(name) { kernels in
          var d = [Float](repeating: 0, count: 5 * all * 64)
          kernels.pointee[keyPath: kernel]?(a, windows, all, &d)
          return bits(d)
        }
      }
      pair.same("toom_output_pool") { kernels in
        var (y, extreme) = ([Float](repeating: 0, count: windows * 192), [Float](repeating: 0, count: windows * 64))
        var (codes, sums) = ([UInt8](repeating: 0, count: windows * 64), [Double](repeating: 0, count: 128))
        kernels.pointee.toom_output_pool(m, windows, all, signs, shift, &y, &extreme, &codes, &sums)
        var rows = [Float](repeating: 0, count: windows * 192)
        kernels.pointee.toom_output(m, windows, all, &rows)
        #expect(y == rows)
        return bits(y, extreme, codes, sums)
      }
      pair.same("toom_output_activate") { kernels in
        var (pooled, other) = ([Float](repeating: 0, count: windows * 64), [Float](repeating: 0, count: windows * 64))
        var codes = [UInt8](repeating: 9, count: windows * 64)
        kernels.pointee.toom_output_activate(m, windows, all, scale, shift, &pooled, nil)
        kernels.pointee.toom_output_activate(m, windows, all, scale, shift, &other, &codes)
        #expect(pooled == other)
        return bits(pooled, codes)
      }
    }
  }

  /// Toom–Cook gives the convolution, to rounding.
  @Test func toomCookIsTheConvolution() {
    guard let kernels = ck_kernels_of(0) else { return }
    var stream = RandomStream(seed: 5)
    let (w, a) = ((0..<3).map { _ in Float(stream.normal()) }, (0..<11 * 64).map { _ in Float(stream.normal()) })
    let points = [2 * w[0], w[0] + w[1] + w[2], (w[1] - w[0] - w[2]) / 3, (8 * w[0] + 4 * w[1] + 2 * w[2]) / -3, w[2]]
    var (d, y) = ([Float](repeating: 0, count: 5 * 3 * 64), [Float](repeating: 0, count: 9 * 64))
    kernels.pointee.toom_input(a, 3, 3, &d)
    for place in d.indices { d[place] *= points[place / (3 * 64)] }
    kernels.pointee.toom_output(d, 3, 3, &y)
    for place in y.indices {
      let direct = w[0] * a[place] + w[1] * a[place + 64] + w[2] * a[place + 128]
      #expect(abs(y[place] - direct) < 1e-5)
    }
  }

  @Test(arguments: [1, 3, 25]) func poolsAndNorms(pooled: Int) {
    for var pair in pairs(UInt64(pooled)) {
      let rows = 3 * pooled + pooled % 3
      let (y, g, extreme) = (pair.floats(rows * 64), pair.floats(pooled * 64), pair.floats(pooled * 64))
      let (a, b, c, signs) = (pair.floats(64), pair.floats(64), pair.floats(64), pair.signs())
      let (codes, w, dy) = (pair.codes(pooled * 64), pair.floats(192), pair.floats(pooled + 2))
      pair.same("pool and activate") { kernels in
        var (best, out) = ([Float](repeating: 0, count: pooled * 64), [Float](repeating: 0, count: pooled * 64))
        var (won, sums) = ([UInt8](repeating: 0, count: pooled * 64), [Double](repeating: 0, count: 128))
        kernels.pointee.pool(y, pooled, signs, &best, &won)
        withUnsafePointer(to: mask) { kernels.pointee.activate(best, pooled, a, b, $0, 77, &out, &won) }
        var again = [Float](repeating: 0, count: pooled * 64)
        kernels.pointee.activate_again(best, pooled, a, b, mask.scale, won, &again)
        #expect(again == out, "the same values from the codes")
        kernels.pointee.column_moments(y, rows, c, &sums)
        return bits(best, out, won, sums)
      }
      pair.same("last convolution") { kernels in
        var (out, dw) = ([Float](repeating: 0, count: max(pooled - 2, 0)), w)
        kernels.pointee.last_convolution(g, pooled - 2, w, 0.25, &out)
        kernels.pointee.last_convolution_gradient(g, pooled - 2, dy, &dw)
        var back = [Float](repeating: 0, count: pooled * 64)
        kernels.pointee.last_convolution_back(dy, pooled, w, 1.5, codes, &back)
        return bits(out, dw, back)
      }
      pair.same("norm, back") { kernels in
        var (dRows, sums) = ([Float](repeating: 0, count: rows * 64), [Double](repeating: 0, count: 128))
        kernels.pointee.norm_back(y, rows, pooled, g, codes, a, b, c, &dRows)
        kernels.pointee.norm_sums(g, extreme, pooled, c, &sums)
        return bits(dRows, sums)
      }
      for guided in [Int32(0), 1] {
        pair.same("pool, back") { kernels in
          var dRows = [Float](repeating: 7, count: pooled * 192)
          kernels.pointee.pool_back(g, pooled, codes, a, guided, &dRows)
          return bits(dRows)
        }
      }
    }
  }
}
