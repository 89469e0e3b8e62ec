/// The largest value of every segment and the row it stands in, the first of equals.
public enum SegmentMaxKernel {
  /// `offsets` holds one more than there are segments; none is empty.
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

  /// Adds to `dX`.
  public static func backward(
    segments: Int, witness: UnsafePointer<Int32>, dY: UnsafePointer<Float>, dX: UnsafeMutablePointer<Float>
  ) {
    for segment in 0..<segments { dX[Int(witness[segment])] += dY[segment] }
  }
}
