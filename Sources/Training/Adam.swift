import Arrays
import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The Adam optimiser (Kingma and Ba 2015, algorithm 1), with the L2 penalty as part of the gradient.
public struct Adam: Sendable, Equatable {
  /// The step size α.
  public var learningRate: Float
  /// The penalty's factor λ: λ θ is added to the gradient of every weight, biases and norms included; 0 is no penalty.
  public var weightDecay: Float
  /// The paper's defaults.
  private static let beta1: Float = 0.9
  private static let beta2: Float = 0.999
  private static let epsilon: Float = 1e-8

  /// First moments m: running means of the gradient, in the layout of the parameters, without bias correction.
  public internal(set) var first: Parameters
  /// Second moments v: running means of the squared gradient, in the same layout.
  public internal(set) var second: Parameters
  /// The number of updates made.
  public internal(set) var step = 0

  /// An optimiser for parameters of this layout: moments of 0, no update made.
  public init(for parameters: Parameters, learningRate: Float = 0.001, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    first = parameters.zeros()
    second = first
  }

  /// Updates every weight in place, θ ← θ − α m̂ / (√v̂ + ε); buffers, such as running statistics, do not change.
  public mutating func update(_ parameters: inout Parameters, gradient: Parameters) {
    step += 1
    let rate = learningRate / (1 - pow(Self.beta1, Float(step)))
    let inverseRoot = 1 / (1 - pow(Self.beta2, Float(step))).squareRoot()
    let decay = weightDecay
    let weights = parameters.entries.filter { $0.kind == .weight }.map(\.range)
    gradient.storage.withUnsafeBufferPointer { gradient in
      parameters.storage.withUnsafeMutableBufferPointer { values in
        first.storage.withUnsafeMutableBufferPointer { m in
          second.storage.withUnsafeMutableBufferPointer { v in
            for range in weights {
              for i in range {
                let g = gradient[i] + decay * values[i]
                m[i] = Self.beta1 * m[i] + (1 - Self.beta1) * g
                v[i] = Self.beta2 * v[i] + (1 - Self.beta2) * g * g
                values[i] -= rate * m[i] / (v[i].squareRoot() * inverseRoot + Self.epsilon)
              }
            }
          }
        }
      }
    }
  }
}
