import Features

/// Fits and applies a scaling to rows that stand one behind the other.
enum Scaling {
  static func fitted(_ plan: ScalingPlan, _ values: [Double], names: [String]?, width: Int) throws -> Normalizer {
    var fit = try NormalizerFit(plan, names: names, width: width)
    try values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: width) {
        try fit.add(UnsafeBufferPointer(rebasing: values[start..<start + width]))
      }
    }
    return try fit.normalizer(source: "none")
  }
}
