import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The gate of every instance: x → dense 32 → ReLU → dropout → dense 1 → sigmoid.
///
/// It holds the memory of one run; one caller at a time.
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
  private let active = Buffer<Float>()
  private let gates = Buffer<Float>()
  private let panels = Buffer<Float>()
  private let dHidden = Buffer<Float>()
  private var keep: Float = 1

  /// The gates of the last run, one an instance.
  public var values: UnsafePointer<Float> { UnsafePointer(gates.start) }

  /// An engine without values yet.
  public init(features: Int, kernels: FusedKernels) { (self.features, self.kernels) = (features, kernels) }

  /// Gates of all instances; with a mask in training.
  public func forward(
    _ tensors: Tensors<UnsafePointer<Float>>, x: UnsafePointer<Float>, instances: Int, mask: DropoutMask?,
    _ pool: ThreadPool
  ) {
    let (width, features) = (Self.hidden, features)
    let weights = panels.reserve(features * width)
    for unit in 0..<width {
      for feature in 0..<features {
        weights[FusedWeights.place(row: feature, column: unit, depth: features)] =
          tensors.weight1[unit * features + feature]
      }
    }
    active.reserve(instances * width)
    gates.reserve(instances)
    keep = mask?.scale ?? 1
    pool.forEachBlock(instances, size: 8 * FusedKernels.group) { _, range, _ in
      let hidden = active.start + range.lowerBound * width
      kernels.table.pointee.rows(
        x + range.lowerBound * features, features, 0, 1, range.count, features, weights, width / Int(CK_PANEL),
        tensors.bias1, hidden, width, 0)
      for (place, instance) in range.enumerated() {
        var sum = tensors.bias2[0]
        for unit in 0..<width {
          var value = max(hidden[place * width + unit], 0)
          if let mask { value *= mask.factor(instance * width + unit) }
          hidden[place * width + unit] = value
          sum += value * tensors.weight2[unit]
        }
        gates.start[instance] = Float(sigmoid(Double(sum)))
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
