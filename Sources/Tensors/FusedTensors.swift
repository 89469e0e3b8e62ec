import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The lengths inside three modules of [convolution 3 → norm → ReLU → pool 3] for `features` features.
public struct FusedShape: Sendable, Equatable {
  /// Channels between the modules.
  public static let channels = Int(CK_CHANNELS)

  /// The number of features of an instance.
  public let features: Int
  /// Positions after each convolution, and after each pool.
  let windows: (Int, Int, Int)
  let pooled: (Int, Int, Int)
  /// Windows of three rows that cover the second convolution's output, and its input.
  var covers: (output: Int, input: Int) { ((windows.1 + 2) / 3, (pooled.0 + 2) / 3) }
  /// The number of values per instance after the last module.
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

  /// Whether both have the same number of features, and so the same lengths.
  public static func == (left: FusedShape, right: FusedShape) -> Bool { left.features == right.features }
}

/// The tensors of one module, as PyTorch lays them out: weight [outputs][inputs][3], all others [outputs].
public struct FusedModule<Pointer> {
  public var weight, bias, normWeight, normBias, runningMean, runningVariance: Pointer

  /// Pointers to the first values of the tensors.
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

/// A batch norm as y = scale · x + shift, with the statistics that its derivative needs.
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

  /// Takes in `count` rows with these sums of differences from a center, and of their squares.
  mutating func add(
    count other: Double, center: UnsafePointer<Float>, sums: UnsafePointer<Double>,
    squares others: UnsafePointer<Double>
  ) {
    let all = count + other
    for channel in mean.indices {
      let average = sums[channel] / other
      let difference = Double(center[channel]) + average - mean[channel]
      mean[channel] += difference * (other / all)
      squares[channel] += max(0, others[channel] - average * sums[channel])
      squares[channel] += difference * difference * (count * other / all)
    }
    count = all
  }
}

/// Convolution weights in the kernels' orders, in aligned memory.
final class FusedWeights {
  /// Toom–Cook values of the second convolution: for each of five points [input][output] in panels, and for the
  /// backward pass [output][input].
  let forward = Buffer<Float>()
  let back = Buffer<Float>()
  /// Last convolution, [k][input].
  let last = Buffer<Float>()
  /// The second convolution's weights that `forward`, and `back` unless it is empty, were made from.
  private let loaded = Buffer<Float>()

  /// Points of Toom–Cook F(3, 3): 0, 1, −1, 1/2, ∞.
  static let points = 5
  /// Elements of a matrix of all channels.
  static let square = FusedShape.channels * FusedShape.channels

  /// Packs the weights, those of the backward pass only on request; those of the second convolution again only where
  /// they are others than before.
  func load(_ modules: FusedModules<UnsafePointer<Float>>, back wanted: Bool) {
    if !isLoaded(modules.1.weight) {
      loaded.reserve(3 * Self.square).update(from: modules.1.weight, count: 3 * Self.square)
      Self.transform(modules.1.weight, isReversed: false, to: forward.reserve(Self.points * Self.square))
      back.reserve(0)
    }
    if wanted && back.count == 0 {
      Self.transform(modules.1.weight, isReversed: true, to: back.reserve(Self.points * Self.square))
    }
    let last = last.reserve(3 * FusedShape.channels)
    for input in 0..<FusedShape.channels {
      for k in 0..<3 { last[k * FusedShape.channels + input] = modules.2.weight[input * 3 + k] }
    }
  }

  /// Whether these are the weights in `loaded`, byte by byte.
  private func isLoaded(_ weight: UnsafePointer<Float>) -> Bool {
    loaded.count > 0 && memcmp(loaded.start, weight, loaded.count * MemoryLayout<Float>.stride) == 0
  }

  /// Values of w_0 + w_1 z + w_2 z² at the points, over what their products share; `isReversed` exchanges w_0 and w_2,
  /// and inputs and outputs.
  private static func transform(
    _ weight: UnsafePointer<Float>, isReversed: Bool, to result: UnsafeMutablePointer<Float>
  ) {
    let channels = FusedShape.channels
    for output in 0..<channels {
      for input in 0..<channels {
        let w = weight + (output * channels + input) * 3
        let (first, second, third) = isReversed ? (w[2], w[1], w[0]) : (w[0], w[1], w[2])
        let to =
          result
          + (isReversed
            ? place(row: output, column: input, depth: channels) : place(row: input, column: output, depth: channels))
        to[0] = 2 * first
        to[square] = first + second + third
        to[2 * square] = (second - first - third) / 3
        to[3 * square] = (8 * first + 4 * second + 2 * third) / -3
        to[4 * square] = third
      }
    }
  }

  /// The derivative in the weight (output, input), from those of the products at the five points.
  static func gradient(_ products: UnsafePointer<Double>, _ output: Int, _ input: Int) -> (Float, Float, Float) {
    let at = products + input * FusedShape.channels + output
    let (one, minus, half) = (at[square], at[2 * square] / 3, at[3 * square] * (-8.0 / 3))
    return (
      Float(2 * at[0] + one - minus + half), Float(one + minus + half / 2),
      Float(one - minus + half / 4 + at[4 * square])
    )
  }

  /// The offset in panels of an element of a matrix with `depth` rows.
  static func place(row: Int, column: Int, depth: Int) -> Int {
    let width = Int(CK_PANEL)
    return (column / width * depth + row) * width + column % width
  }
}
