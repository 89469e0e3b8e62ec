/// The batch normalisation of `BatchNormKernel` written as its definition, in Double; tests hold both equal.
public enum PlainBatchNorm {
  /// Mean and biased variance of every channel.
  public static func statistics(
    rows: Int, channels: Int, x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    for channel in 0..<channels {
      let column = (0..<rows).map { Double(x[$0 * channels + channel]) }
      let average = column.reduce(0, +) / Double(max(rows, 1))
      mean[channel] = Float(average)
      variance[channel] = Float(column.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(max(rows, 1)))
    }
  }

  /// Writes `y`.
  public static func forward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    mean: UnsafePointer<Float>, deviation: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    for place in 0..<rows * channels {
      let channel = place % channels
      let normal = (Double(x[place]) - Double(mean[channel])) * Double(deviation[channel])
      y[place] = Float(normal * Double(weight[channel]) + Double(bias[channel]))
    }
  }

  /// Adds the derivatives to `dX`, `dWeight` and `dBias` where these are not nil.
  public static func backward(
    rows: Int, channels: Int, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    deviation: UnsafePointer<Float>, throughStatistics: Bool, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?, dBias: UnsafeMutablePointer<Float>?,
    _ work: Workspace
  ) {
    for channel in 0..<channels {
      let places = (0..<rows).map { $0 * channels + channel }
      let normal = places.map { (Double(x[$0]) - Double(mean[channel])) * Double(deviation[channel]) }
      let sum = places.reduce(0) { $0 + Double(dY[$1]) }
      let products = zip(places, normal).reduce(0) { $0 + Double(dY[$1.0]) * $1.1 }
      dBias?[channel] += Float(sum)
      dWeight?[channel] += Float(products)
      let share = throughStatistics ? 1 / Double(max(rows, 1)) : 0
      for (place, value) in zip(places, normal) {
        let centred = Double(dY[place]) - (sum + value * products) * share
        dX?[place] += Float(Double(weight[channel]) * Double(deviation[channel]) * centred)
      }
    }
  }
}
