import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The gate of every instance: x → dense 32 → ReLU → dropout → dense 1 → sigmoid.
///
/// Holds the memory of one run. Not thread-safe.
public final class FusedAttention {
  /// Width of the hidden layer.
  public static let hidden = 32

  /// The tensors: first [32][features] and [32], second [32] and [1].
  public struct Tensors<Pointer> {
    public var weight1, bias1, weight2, bias2: Pointer
    /// Pointers to the first values of the tensors.
    public init(weight1: Pointer, bias1: Pointer, weight2: Pointer, bias2: Pointer) {
      (self.weight1, self.bias1, self.weight2, self.bias2) = (weight1, bias1, weight2, bias2)
    }
  }

  let features: Int
  let kernels: FusedKernels
  /// The number of columns in a chunk: each chunk is summed separately and the sums are added in order, so that the
  /// sums of columns shared by many pairs can be kept.
  let chunks: [Range<Int>]
  private let active = Buffer<Float>()
  private let gates = Buffer<Float>()
  private let panels = Buffer<Float>()
  private let dHidden = Buffer<Float>()
  private var keep: Float = 1

  /// The gates of the last run, one per instance.
  public var values: UnsafePointer<Float> { UnsafePointer(gates.start) }

  /// Makes an engine that has not run yet.
  public init(features: Int, kernels: FusedKernels) {
    (self.features, self.kernels) = (features, kernels)
    chunks = stride(from: 0, to: features, by: 32).map { $0..<min($0 + 32, features) }
  }

  /// Gates of all instances; with a mask in training.
  public func forward(
    _ tensors: Tensors<UnsafePointer<Float>>, x: UnsafePointer<Float>, instances: Int, mask: DropoutMask?,
    _ pool: ThreadPool
  ) {
    let width = Self.hidden
    load(tensors)
    active.reserve(instances * width)
    gates.reserve(instances)
    keep = mask?.scale ?? 1
    pool.forEachBlock(instances, size: 8 * FusedKernels.group) { _, range, _ in
      let hidden = active.start + range.lowerBound * width
      begin(tensors, rows: range.count, hidden)
      for chunk in chunks { add(chunk, x + range.lowerBound * features, rows: range.count, to: hidden) }
      for (place, instance) in range.enumerated() {
        gates.start[instance] = gate(tensors, hidden + place * width, mask, first: instance * width)
      }
    }
  }

  /// Packs the weights of the first layer in panels, chunk by chunk.
  func load(_ tensors: Tensors<UnsafePointer<Float>>) {
    let weights = panels.reserve(features * Self.hidden)
    for chunk in chunks {
      let to = weights + chunk.lowerBound * Self.hidden
      for unit in 0..<Self.hidden {
        for feature in chunk {
          to[FusedWeights.place(row: feature - chunk.lowerBound, column: unit, depth: chunk.count)] =
            tensors.weight1[unit * features + feature]
        }
      }
    }
  }

  /// Sets the hidden sums of rows to the bias.
  func begin(_ tensors: Tensors<UnsafePointer<Float>>, rows: Int, _ hidden: UnsafeMutablePointer<Float>) {
    for row in 0..<rows { (hidden + row * Self.hidden).update(from: tensors.bias1, count: Self.hidden) }
  }

  /// The products of a chunk of columns with its weights, for rows of all features.
  func multiply(_ chunk: Range<Int>, _ x: UnsafePointer<Float>, rows: Int, to sums: UnsafeMutablePointer<Float>) {
    kernels.table.pointee.rows(
      x + chunk.lowerBound, features, 0, 1, rows, chunk.count, panels.start + chunk.lowerBound * Self.hidden,
      Self.hidden / Int(CK_PANEL), nil, sums, Self.hidden, 0)
  }

  /// Adds the products of a chunk of columns to the hidden sums of at most 32 rows.
  func add(_ chunk: Range<Int>, _ x: UnsafePointer<Float>, rows: Int, to hidden: UnsafeMutablePointer<Float>) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * Self.hidden) { room in
      guard let sums = room.baseAddress else { return }
      multiply(chunk, x, rows: rows, to: sums)
      kernels.table.pointee.add_scaled(sums, rows * Self.hidden, 1, hidden)
    }
  }

  /// The gate of a row from its hidden sums, which are replaced by the values that the backward pass needs.
  func gate(
    _ tensors: Tensors<UnsafePointer<Float>>, _ hidden: UnsafeMutablePointer<Float>, _ mask: DropoutMask? = nil,
    first: Int = 0
  ) -> Float {
    var sum = tensors.bias2[0]
    for unit in 0..<Self.hidden {
      var value = max(hidden[unit], 0)
      if let mask { value *= mask.factor(first + unit) }
      hidden[unit] = value
      sum += value * tensors.weight2[unit]
    }
    return Float(sigmoid(Double(sum)))
  }

  /// Adds to `dX` (instances × features) the derivatives in x, from those in the gates; follows `forward` without a
  /// mask. `guided` lets only derivatives above 0 pass the ReLU.
  public func inputGradient(
    _ tensors: Tensors<UnsafePointer<Float>>, dGates: UnsafePointer<Float>, instances: Int, guided: Bool,
    to dX: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    pool.forEachBlock(instances, size: FusedKernels.group) { _, range, _ in
      for instance in range {
        let gate = gates.start[instance]
        let d = dGates[instance] * gate * (1 - gate)
        for unit in 0..<Self.hidden where active.start[instance * Self.hidden + unit] > 0 {
          let own = d * tensors.weight2[unit]
          guard own != 0, !(guided && own < 0) else { continue }
          kernels.table.pointee.add_scaled(
            tensors.weight1 + unit * features, features, own, dX + instance * features)
        }
      }
    }
  }

  /// Adds the derivatives in the tensors to `gradient`. `dGates` names instances and the derivatives in their gates;
  /// all others are 0. Follows `forward` on the same x.
  public func backward(
    _ tensors: Tensors<UnsafePointer<Float>>, x: UnsafePointer<Float>, dGates: [(instance: Int, value: Float)],
    into gradient: Tensors<UnsafeMutablePointer<Float>>, _ pool: ThreadPool
  ) {
    let width = Self.hidden
    let dHidden = dHidden.reserve(dGates.count * width)
    for (place, (instance, value)) in dGates.enumerated() {
      let gate = gates.start[instance]
      let d = value * gate * (1 - gate)
      gradient.bias2[0] += d
      for unit in 0..<width {
        let hidden = active.start[instance * width + unit]
        gradient.weight2[unit] += d * hidden
        dHidden[place * width + unit] = hidden > 0 ? d * tensors.weight2[unit] * keep : 0
      }
    }
    pool.forEachBlock(width, size: 4) { _, units, _ in
      for (place, (instance, _)) in dGates.enumerated() {
        for unit in units {
          let d = dHidden[place * width + unit]
          guard d != 0 else { continue }
          gradient.bias1[unit] += d
          kernels.table.pointee.add_scaled(x + instance * features, features, d, gradient.weight1 + unit * features)
        }
      }
    }
  }
}
