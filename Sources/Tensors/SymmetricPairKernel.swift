/// Hidden values of pairs of rows, the mean over both orders: y = ½ ReLU(u_i + v_j) + ½ ReLU(u_j + v_i).
public enum SymmetricPairKernel {
  private static let blockValues = 1 << 14
  private static let blockColumns = 64

  /// The pairs and their width.
  public struct Pairs {
    /// The number of pairs.
    public let count: Int
    /// The values per row of u, v and y.
    public let width: Int
    /// The row i of each pair.
    public let first: UnsafePointer<Int32>
    /// The row j of each pair.
    public let second: UnsafePointer<Int32>

    /// Pairs of these rows.
    public init(count: Int, width: Int, first: UnsafePointer<Int32>, second: UnsafePointer<Int32>) {
      (self.count, self.width, self.first, self.second) = (count, width, first, second)
    }
  }

  /// Writes `y`, pairs × width, from `u` and `v`, rows × width.
  public static func forward(
    _ pairs: Pairs, u: UnsafePointer<Float>, v: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    let width = pairs.width
    work.pool.forEachBlock(pairs.count, size: max(1, blockValues / max(1, width))) { _, range, _ in
      for pair in range {
        let (i, j) = (Int(pairs.first[pair]) * width, Int(pairs.second[pair]) * width)
        let (ui, vi, uj, vj, to) = (u + i, v + i, u + j, v + j, y + pair * width)
        for column in 0..<width {
          let (one, other) = (ui[column] + vj[column], uj[column] + vi[column])
          to[column] = 0.5 * ((one > 0 ? one : 0) + (other > 0 ? other : 0))
        }
      }
    }
  }

  /// Adds to `dU` and `dV`, in the order of the pairs for every column; with `guided` only where `dY` is above 0.
  public static func backward(
    _ pairs: Pairs, u: UnsafePointer<Float>, v: UnsafePointer<Float>, dY: UnsafePointer<Float>, guided: Bool,
    dU: UnsafeMutablePointer<Float>?, dV: UnsafeMutablePointer<Float>?, _ work: Workspace
  ) {
    let width = pairs.width
    work.pool.forEachBlock(width, size: blockColumns) { _, columns, worker in
      let passed = work.scratch(worker, 2 * blockColumns)
      let other = passed + blockColumns
      let start = columns.lowerBound
      for pair in 0..<pairs.count {
        let i = Int(pairs.first[pair]) * width + start
        let j = Int(pairs.second[pair]) * width + start
        let slope = dY + pair * width + start
        for column in 0..<columns.count {
          let half = guided && !(slope[column] > 0) ? 0 : 0.5 * slope[column]
          passed[column] = u[i + column] + v[j + column] > 0 ? half : 0
          other[column] = u[j + column] + v[i + column] > 0 ? half : 0
        }
        if let dU {
          for column in 0..<columns.count { dU[i + column] += passed[column] }
          for column in 0..<columns.count { dU[j + column] += other[column] }
        }
        if let dV {
          for column in 0..<columns.count { dV[j + column] += passed[column] }
          for column in 0..<columns.count { dV[i + column] += other[column] }
        }
      }
    }
  }
}
