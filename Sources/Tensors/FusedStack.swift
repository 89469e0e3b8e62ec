import CKernels

/// Three modules [convolution 3 → norm → ReLU → pool 3 → dropout] with 1 → 64 → 64 → 1 channels on packed instances, as
/// one engine: no value is written that the kernels can make again for less. The second convolution, 96 % of the work,
/// takes five products in place of nine (Toom–Cook F(3, 3)), on the way forward, on the way back and for its weights.
///
/// The first module's batch statistics follow in closed form from window sums of x. Kept for the way back are the
/// second convolution's rows, the pooled extremes, and one byte a pooled value. The third module has no dropout. It
/// holds the memory of one run; one caller at a time.
public final class FusedStack {
  /// The lengths inside the modules.
  public let shape: FusedShape
  let kernels: FusedKernels
  /// Whether the last module has a ReLU.
  let lastReLU: Bool

  /// Values of the last run, instances × `shape.outputs`.
  public var outputs: UnsafePointer<Float> { UnsafePointer(h.start) }

  // Of the whole batch, instance by instance.
  let codes1 = Buffer<UInt8>()
  let codes2 = Buffer<UInt8>()
  let codes3 = Buffer<UInt8>()
  let rows2 = Buffer<Float>()
  let extremes2 = Buffer<Float>()
  let rows3 = Buffer<Float>()
  let dRows3 = Buffer<Float>()
  let h = Buffer<Float>()
  // Of a chunk.
  let sums = Buffer<Double>()
  let dWeights = Buffer<Float>()
  let products = Buffer<Double>()
  // Of a worker.
  private var workers: [Buffer<Float>] = []
  private var workerCodes: [Buffer<UInt8>] = []

  /// The most floats of second convolution's rows that are kept (16 MB); of larger batches they are made again.
  static let mostRows = 1 << 22

  // What the way forward leaves for the way back.
  var keepsRows = true
  var instances = 0
  var masks: (first: ck_dropout?, second: ck_dropout?) = (nil, nil)
  var windowSums: [Double] = []
  var windowGradient: [Double] = []
  var norms: [FusedNorm] = []
  let taps = Buffer<Float>()
  let offsets = Buffer<Float>()
  let weights = FusedWeights()

  /// An engine without values yet.
  public init(shape: FusedShape, lastReLU: Bool, kernels: FusedKernels) {
    (self.shape, self.lastReLU, self.kernels) = (shape, lastReLU, kernels)
  }

  /// Elements of an instance after the first and the second module.
  var width1: Int { shape.pooled.0 * FusedShape.channels }
  var width2: Int { shape.pooled.1 * FusedShape.channels }
  /// Elements of an instance in the second convolution's rows, which fill whole windows.
  var rowWidth2: Int { 3 * shape.covers.output * FusedShape.channels }

  /// Scratch space for every worker of the pool.
  func prepareWorkers(_ count: Int) {
    while workers.count < count {
      workers.append(Buffer<Float>())
      workerCodes.append(Buffer<UInt8>())
    }
  }

  func scratch(_ worker: Int, _ count: Int) -> UnsafeMutablePointer<Float> { workers[worker].reserve(count) }
  func codeScratch(_ worker: Int, _ count: Int) -> UnsafeMutablePointer<UInt8> { workerCodes[worker].reserve(count) }

  /// c = the products at all five points, for `rows` windows.
  func multiply(
    _ a: UnsafePointer<Float>, rows: Int, _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ c: UnsafeMutablePointer<Float>
  ) {
    let channels = FusedShape.channels
    for point in 0..<FusedWeights.points {
      // A constant is its value at the point 1.
      kernels.table.pointee.rows(
        a + point * rows * channels, channels, 0, 1, rows, channels, weights + point * FusedWeights.square, 4,
        point == 1 ? bias : nil, c + point * rows * channels, channels, 0)
    }
  }

  /// Calls `body` for the groups of a chunk.
  func forEachGroup(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    for first in stride(from: range.lowerBound, to: range.upperBound, by: FusedKernels.group) {
      body(first..<min(first + FusedKernels.group, range.upperBound))
    }
  }

  /// The sums of all chunks, added in their order.
  func total(_ chunks: Int, _ width: Int) -> [Double] {
    var result = [Double](repeating: 0, count: width)
    for chunk in 0..<chunks {
      for place in 0..<width { result[place] += sums.start[chunk * width + place] }
    }
    return result
  }

  /// Folds the first norm into the first convolution: taps [k][channel] and offsets.
  func fold(_ module: FusedModule<UnsafePointer<Float>>, _ norm: FusedNorm) {
    let channels = FusedShape.channels
    let (taps, offsets) = (taps.reserve(3 * channels), offsets.reserve(channels))
    for channel in 0..<channels {
      let scale = norm.deviation[channel] * Double(module.normWeight[channel])
      for k in 0..<3 { taps[k * channels + channel] = Float(Double(module.weight[channel * 3 + k]) * scale) }
      offsets[channel] = Float(
        (Double(module.bias[channel]) - norm.mean[channel]) * scale + Double(module.normBias[channel]))
    }
  }

  /// The largest of each three positions after the last norm, and of the ReLU if there is one.
  func lastPool(
    _ y: UnsafePointer<Float>, places: Int, to h: UnsafeMutablePointer<Float>, _ codes: UnsafeMutablePointer<UInt8>?
  ) {
    let norm = norms[2]
    for place in 0..<places {
      var (best, winner) = (y[3 * place] * norm.scale[0] + norm.shift[0], UInt8(0))
      for j in 1..<3 {
        let value = y[3 * place + j] * norm.scale[0] + norm.shift[0]
        if value > best { (best, winner) = (value, UInt8(j)) }
      }
      if lastReLU && best <= 0 { (best, winner) = (0, UInt8(CK_INACTIVE)) }
      h[place] = best
      codes?[place] = winner
    }
  }
}
