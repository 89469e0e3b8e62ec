import Arrays
import CKernels

/// Products of the columns of a table with each other, over weighted rows: Gram matrices.
public enum WeightedGram {
  /// Rows that are scaled and multiplied together: they stay in the second cache.
  private static let block = 256
  /// Columns of a panel of the result.
  private static let panel = Int(CK_CHANNELS)

  /// The sums Σ_r d_r z_r z_rᵀ, where z_rj = (x_rj − shift_j) · scale_j for the columns and z_r,columns = 1.
  ///
  /// `d` has a number from 0 for each row; a row with 0 may hold anything. Returns the lower triangle with the
  /// diagonal, (columns + 1)² numbers in row order, and zeros above. Products are summed in single precision, in an
  /// order that depends neither on the number of threads nor on the processor.
  public static func lower(
    _ x: Matrix, shift: [Double], scale: [Double], weights d: [Double], _ pool: ThreadPool
  ) -> [Double] {
    let (columns, size) = (x.columns, x.columns + 1)
    precondition(shift.count == columns && scale.count == columns && d.count == x.rows, "a number per column and row")
    let (shift, scale) = (shift.map { Float($0) }, scale.map { Float($0) })
    let panels = ThreadPool.blocks(size, size: panel)
    // A row is not a power of two long: neighbours would meet in the same few places of the caches.
    let stride = panels * panel + 16
    let (scaled, sums) = (Buffer<Float>(), Buffer<Float>())
    scaled.fill(min(block, x.rows) * stride, with: 0)
    sums.fill(panels * size * panel, with: 0)
    nonisolated(unsafe) let (rows, out) = (scaled.start, sums.start)
    x.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      for first in Swift.stride(from: 0, to: x.rows, by: block) {
        let count = min(block, x.rows - first)
        pool.forEachBlock(count, size: 64) { _, range, _ in
          for row in range {
            let factor = Float(d[first + row].squareRoot())
            scaleRow(values + (first + row) * columns, shift, scale, factor, to: rows + row * stride)
          }
        }
        // Panel p has columns 64 p … of the result, from row 64 p down.
        pool.forEachBlock(panels, size: 1) { number, _, _ in
          let left = number * panel
          FusedKernels.best.table.pointee.rows_gradient(
            rows + left, stride, count, size - left, rows + left, stride, out + number * size * panel)
        }
      }
    }
    return triangle(sums, size)
  }

  /// Puts the panels together.
  private static func triangle(_ sums: Buffer<Float>, _ size: Int) -> [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        let (number, place) = (column / panel, column % panel)
        result[row * size + column] = Double(
          sums.start[number * size * panel + (row - number * panel) * panel + place])
      }
    }
    return result
  }

  private static func scaleRow(
    _ x: UnsafePointer<Float>, _ shift: [Float], _ scale: [Float], _ factor: Float, to z: UnsafeMutablePointer<Float>
  ) {
    if factor == 0 {
      // A row that does not count may hold anything.
      z.update(repeating: 0, count: shift.count + 1)
      return
    }
    shift.withUnsafeBufferPointer { shift in
      scale.withUnsafeBufferPointer { scale in
        for column in 0..<shift.count { z[column] = (x[column] - shift[column]) * (scale[column] * factor) }
        z[shift.count] = factor
      }
    }
  }

  /// The same sums in double precision and row by row: the plain twin, and what is used where rounding matters.
  public static func exactLower(_ x: Matrix, shift: [Double], scale: [Double], weights d: [Double], _ pool: ThreadPool)
    -> [Double]
  {
    let (columns, size) = (x.columns, x.columns + 1)
    precondition(shift.count == columns && scale.count == columns && d.count == x.rows, "a number per column and row")
    var result = [Double](repeating: 0, count: size * size)
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let sums = result
      x.withUnsafeBufferPointer { values in
        // A worker has some rows of the result, which grow longer: 8 at a time share the work well enough.
        pool.forEachBlock(size, size: 8) { _, range, _ in
          var z = [Double](repeating: 1, count: range.upperBound)
          for row in 0..<x.rows where d[row] > 0 {
            for column in 0..<min(range.upperBound, columns) {
              z[column] = (Double(values[row * columns + column]) - shift[column]) * scale[column]
            }
            for i in range {
              let factor = d[row] * z[i]
              for j in 0...i { sums[i * size + j] += factor * z[j] }
            }
          }
        }
      }
    }
    return result
  }
}
