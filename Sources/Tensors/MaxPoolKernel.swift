/// The largest of `size` positions, stride `size`, for each channel; remaining positions at the end are dropped.
///
/// `x` is [instance][length][channels], `y` and `winner` are [instance][length / size][channels]; the winner is the
/// position in the window; ties go to the first.
public enum MaxPoolKernel {
  private static let kernels = FusedKernels.best
  private static let blockValues = 1 << 15

  /// Writes `y` and `winner`.
  public static func forward(
    instances: Int, length: Int, channels: Int, size: Int, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
    winner: UnsafeMutablePointer<UInt8>, _ work: Workspace
  ) {
    let positions = length / size
    let block = max(1, blockValues / max(1, length * channels))
    work.pool.forEachBlock(instances, size: block) { _, range, _ in
      for row in range.lowerBound * positions..<range.upperBound * positions {
        let window = x + (row / positions * length + row % positions * size) * channels
        kernels.table.pointee.greatest(window, size, channels, y + row * channels, winner + row * channels)
      }
    }
  }

  /// Adds the derivatives to `dX`.
  public static func backward(
    instances: Int, length: Int, channels: Int, size: Int, winner: UnsafePointer<UInt8>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let positions = length / size
    let block = max(1, blockValues / max(1, length * channels))
    work.pool.forEachBlock(instances, size: block) { _, range, _ in
      for row in range.lowerBound * positions..<range.upperBound * positions {
        let window = dX + (row / positions * length + row % positions * size) * channels
        kernels.table.pointee.greatest_back(winner + row * channels, dY + row * channels, size, channels, window)
      }
    }
  }
}
