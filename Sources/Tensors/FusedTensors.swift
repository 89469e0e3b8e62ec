import CKernels

/// Lengths inside three modules of [convolution 3 → norm → ReLU → pool 3] on `features` numbers.
public struct FusedShape: Sendable, Equatable {
  /// Channels between the modules.
  public static let channels = Int(CK_CHANNELS)

  public let features: Int
  /// Positions after each convolution, and after each pool.
  let windows: (Int, Int, Int)
  let pooled: (Int, Int, Int)
  /// Values an instance leaves the last module with.
  public var outputs: Int { pooled.2 }

  /// Nil for fewer than 53 features.
  public init?(features: Int) {
    guard features >= 53 else { return nil }
    self.features = features
    let first = features - 2
    let second = first / 3 - 2
    let third = second / 3 - 2
    windows = (first, second, third)
    pooled = (first / 3, second / 3, third / 3)
  }

  public static func == (left: FusedShape, right: FusedShape) -> Bool { left.features == right.features }
}

/// The tensors of one module, as PyTorch lays them out: weight [outputs][inputs][3], all others [outputs].
public struct FusedModule<Pointer> {
  public var weight, bias, normWeight, normBias, runningMean, runningVariance: Pointer

  public init(
    weight: Pointer, bias: Pointer, normWeight: Pointer, normBias: Pointer, runningMean: Pointer,
    runningVariance: Pointer
  ) {
    (self.weight, self.bias, self.normWeight, self.normBias) = (weight, bias, normWeight, normBias)
    (self.runningMean, self.runningVariance) = (runningMean, runningVariance)
  }
}

/// The tensors of the three modules: parameters, or places for their derivatives.
public typealias FusedModules<Pointer> = (FusedModule<Pointer>, FusedModule<Pointer>, FusedModule<Pointer>)

/// A batch norm that is ready to be applied: y = scale · x + shift, and what its derivative needs.
struct FusedNorm {
  var mean: [Double]
  /// 1 / √(variance + ε).
  var deviation: [Double]
  /// Biased variance.
  var variance: [Double]
  let scale: [Float]
  let shift: [Float]
  let center: [Float]

  init(mean: [Double], variance: [Double], _ module: FusedModule<UnsafePointer<Float>>) {
    let deviation = variance.map { 1 / ($0 + Double(BatchNormKernel.epsilon)).squareRoot() }
    let scale = deviation.indices.map { deviation[$0] * Double(module.normWeight[$0]) }
    (self.mean, self.variance, self.deviation) = (mean, variance, deviation)
    self.scale = scale.map { Float($0) }
    shift = scale.indices.map { Float(Double(module.normBias[$0]) - mean[$0] * scale[$0]) }
    center = mean.map { Float($0) }
  }

  /// With the running statistics.
  init(_ module: FusedModule<UnsafePointer<Float>>, channels: Int) {
    self.init(
      mean: (0..<channels).map { Double(module.runningMean[$0]) },
      variance: (0..<channels).map { Double(module.runningVariance[$0]) }, module)
  }
}

/// Means and sums of squared differences from them, put together in a fixed order (Chan, Golub and LeVeque 1983).
struct FusedMoments {
  private(set) var count = 0.0
  private(set) var mean = [Double](repeating: 0, count: FusedShape.channels)
  private(set) var squares = [Double](repeating: 0, count: FusedShape.channels)

  /// Takes in `count` rows with these sums, and these sums of squared differences from their mean.
  mutating func add(count other: Double, sums: UnsafePointer<Double>, squares others: UnsafePointer<Double>) {
    let all = count + other
    for channel in mean.indices {
      let difference = sums[channel] / other - mean[channel]
      mean[channel] += difference * (other / all)
      squares[channel] += others[channel] + difference * difference * (count * other / all)
    }
    count = all
  }
}

/// Convolution weights in the orders that the kernels want.
struct FusedWeights {
  /// Second convolution, [64 · k + input][output] in panels, and its way back, [64 · (2 − k) + output][input].
  private(set) var forward = [Float](repeating: 0, count: 3 * FusedShape.channels * FusedShape.channels)
  private(set) var back: [Float] = []
  /// Last convolution, [k][input].
  private(set) var last = [Float](repeating: 0, count: 3 * FusedShape.channels)

  init(_ modules: FusedModules<UnsafePointer<Float>>, back wanted: Bool) {
    let channels = FusedShape.channels
    if wanted { back = forward }
    for output in 0..<channels {
      for input in 0..<channels {
        for k in 0..<3 {
          let value = modules.1.weight[(output * channels + input) * 3 + k]
          forward[Self.place(row: k * channels + input, column: output, depth: 3 * channels)] = value
          if wanted { back[Self.place(row: (2 - k) * channels + output, column: input, depth: 3 * channels)] = value }
        }
      }
    }
    for input in 0..<channels {
      for k in 0..<3 { last[k * channels + input] = modules.2.weight[input * 3 + k] }
    }
  }

  /// Where an element of a matrix with `depth` rows stands in panels.
  static func place(row: Int, column: Int, depth: Int) -> Int {
    let width = Int(CK_PANEL)
    return (column / width * depth + row) * width + column % width
  }
}
