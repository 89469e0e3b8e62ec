import CKernels
import Peaks
import Tensors

/// Rates of the hot kernels beside the peak of fused multiply-adds and sgemm: in turn, in one run, on one thread.
enum Kernels {
  /// The best and the median of the rates, in GFLOP/s, over `rounds` turns.
  static func rates(rounds: Int) -> [(name: String, best: Double, median: Double)] {
    let side = 768
    let (a, bias, c) = (aligned(1 << 20), aligned(64), aligned(1 << 20))
    var sink: Float = 0
    guard let kernels = FusedKernels(), let table = ck_kernels_of(kernels.strength.rawValue) else { return [] }
    let conv = 75.0 * 192 * 64 * 2
    let works: [(String, () -> Double)] = [
      ("fma-512", { peak_fma512(400_000, &sink) }),
      ("fma-256", { peak_fma256(400_000, &sink) }),
      ("sgemm-768", { peak_sgemm(Int32(side), a, a, c) }),
      (
        "rows-192x64",
        {
          for _ in 0..<10 { table.pointee.rows(a, 64, 77 * 64, 8, 75, 192, a, 4, bias, c, 64, 75 * 64) }
          return 80 * conv
        }
      ),
      (
        "rows-64x64",
        {
          for _ in 0..<60 { table.pointee.rows(a, 64, 0, 1, 100, 64, a, 4, bias, c, 64, 0) }
          return 60 * 100 * 64 * 64 * 2
        }
      ),
      (
        "rows-gradient-64x64",
        {
          for _ in 0..<60 { table.pointee.rows_gradient(a, 64, 100, 64, a, 64, c) }
          return 60 * 100 * 64 * 64 * 2
        }
      ),
      (
        "conv2-toom-cook (counted as 9 products)",
        {
          for _ in 0..<10 { convolve(table, a, bias, c) }
          return 40 * conv
        }
      ),
    ]
    var seen = [[Double]](repeating: [], count: works.count)
    for _ in 0..<rounds {
      for (place, work) in works.enumerated() {
        let start = Clock.thread
        let operations = work.1()
        seen[place].append(operations / (Clock.thread - start) * 1e-9)
      }
    }
    return zip(works, seen).map { ($0.0, $1.max() ?? 0, median($1)) }
  }

  /// Small numbers in aligned memory, which the process keeps to its end.
  private static func aligned(_ count: Int) -> UnsafeMutablePointer<Float> {
    let start = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    for place in 0..<count { start[place] = Float(place % 7) - 3 }
    return start
  }

  /// The second convolution of four instances of 77 positions, with its pool.
  private static func convolve(
    _ table: UnsafePointer<ck_kernels>, _ a: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
    _ d: UnsafeMutablePointer<Float>
  ) {
    let (windows, all) = (25, 100)
    let (m, pooled) = (d + 5 * all * 64, d + 10 * all * 64)
    for place in 0..<4 { table.pointee.toom_input(a, windows, all, d + place * windows * 64) }
    for point in 0..<5 {
      table.pointee.rows(
        d + point * all * 64, 64, 0, 1, all, 64, a + point * 4096, 4, bias, m + point * all * 64, 64, 0)
    }
    for place in 0..<4 {
      table.pointee.toom_output_activate(m + place * windows * 64, windows, all, bias, bias, pooled, nil)
    }
  }
}
