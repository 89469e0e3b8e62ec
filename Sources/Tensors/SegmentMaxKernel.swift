/// The maximum of every segment and the row that has it; ties go to the first row.
public enum SegmentMaxKernel {
  /// Writes the maxima and their rows. `offsets` has segments + 1 values; no segment is empty.
  public static func forward(
    offsets: [Int32], x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, witness: UnsafeMutablePointer<Int32>
  ) {
    for segment in 0..<max(0, offsets.count - 1) {
      precondition(offsets[segment] < offsets[segment + 1], "a bag has an instance")
      var best = offsets[segment]
      for row in offsets[segment]..<offsets[segment + 1] where x[Int(row)] > x[Int(best)] { best = row }
      y[segment] = x[Int(best)]
      witness[segment] = best
    }
  }

  /// Adds the derivative of each segment to its witness's row in `dX`.
  public static func backward(
    segments: Int, witness: UnsafePointer<Int32>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>
  ) {
    for segment in 0..<segments { dX[Int(witness[segment])] += dY[segment] }
  }
}
