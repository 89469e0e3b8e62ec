#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Elementwise kernels; backward kernels add to `dX`, unless they are told to write it.
public enum ElementKernels {
  private static let kernels = FusedKernels.best
  private static let block = 1 << 14

  /// y = max(x, 0).
  public static func relu(_ count: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace) {
    work.pool.forEachBlock(count, size: block) { _, range, _ in
      kernels.table.pointee.relu(x + range.lowerBound, range.count, y + range.lowerBound)
    }
  }

  /// With `guided` only positive derivatives pass (Springenberg 2015); with `adding` they are added to `dX`.
  public static func reluBackward(
    _ count: Int, y: UnsafePointer<Float>, dY: UnsafePointer<Float>, guided: Bool, adding: Bool = true,
    dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: block) { _, range, _ in
      let first = range.lowerBound
      kernels.table.pointee.relu_back(
        y + first, dY + first, range.count, guided ? 1 : 0, adding ? 1 : 0, dX + first)
    }
  }

  /// y = 1 / (1 + e^−x).
  public static func sigmoid(_ count: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace) {
    work.pool.forEachBlock(count, size: block) { _, range, _ in
      for place in range { y[place] = 1 / (1 + expf(-x[place])) }
    }
  }

  /// Takes the sigmoid's values, y, not its input.
  public static func sigmoidBackward(
    _ count: Int, y: UnsafePointer<Float>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: block) { _, range, _ in
      for place in range { dX[place] += dY[place] * y[place] * (1 - y[place]) }
    }
  }

  /// y = x · mask; with `adding` also the backward kernel.
  public static func dropout(
    _ count: Int, x: UnsafePointer<Float>, mask: DropoutMask, adding: Bool, y: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    work.pool.forEachBlock(count, size: block) { _, range, _ in
      let first = range.lowerBound
      var mask = mask.numbers
      kernels.table.pointee.dropout(
        x + first, range.count, &mask, UInt32(truncatingIfNeeded: first), adding ? 1 : 0, y + first)
    }
  }

  /// y[row][·] = gate[row] · x[row][·].
  public static func gate(
    rows: Int, width: Int, gate: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    _ work: Workspace
  ) {
    work.pool.forEachBlock(rows, size: max(1, block / max(1, width))) { _, range, _ in
      for row in range {
        for place in row * width..<(row + 1) * width { y[place] = gate[row] * x[place] }
      }
    }
  }

  /// Adds the derivatives to `dGate` and `dX` where these are not nil.
  public static func gateBackward(
    rows: Int, width: Int, gate: UnsafePointer<Float>, x: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    dGate: UnsafeMutablePointer<Float>?, dX: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    work.pool.forEachBlock(rows, size: max(1, block / max(1, width))) { _, range, _ in
      for row in range {
        for place in row * width..<(row + 1) * width {
          dX?[place] += dY[place] * gate[row]
          dGate?[row] += dY[place] * x[place]
        }
      }
    }
  }
}
