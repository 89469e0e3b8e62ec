import CKernels

/// Adam (Kingma and Ba 2015) for rows of which a batch touches few, with the moments of all rows decaying every step.
///
/// A row without a gradient still moves by its first moment. What the idle steps of a row come to is a factor of its
/// moments, so it is added when the row is touched again, in one step in place of many:
/// Σ_s a_{t+s} β1^s m / (√(β2^s v) + ε_{t+s}) = F m / (√v + ε'), with F = Σ_s a_{t+s} (β1/√β2)^s and ε' the mean of
/// ε_{t+s} β2^{−s/2} weighted by the terms of F: equal to Adam but for the spread of that mean, far below rounding.
public struct LazyAdam: Sendable {
  /// The number of the last step that can be taken.
  public let steps: Int
  private let beta1 = 0.9
  private let beta2 = 0.999
  private let rates: [Double]
  private let epsilons: [Double]
  /// The sums of all later terms of F, and of these times their ε, from each step on.
  private let later: [Double]
  private let laterEpsilon: [Double]

  /// Up to `steps` steps of this rate.
  public init(rate: Double, steps: Int, epsilon: Double = 1e-8) {
    self.steps = steps
    var (rates, epsilons) = ([Double](repeating: 0, count: steps + 1), [Double](repeating: 0, count: steps + 1))
    var (power1, power2) = (1.0, 1.0)
    for step in 0..<steps {
      power1 *= beta1
      power2 *= beta2
      rates[step + 1] = rate * (1 - power2).squareRoot() / (1 - power1)
      epsilons[step + 1] = epsilon * (1 - power2).squareRoot()
    }
    let (ratio, ratioEpsilon) = (beta1 / beta2.squareRoot(), beta1 / beta2)
    var (later, laterEpsilon) = ([Double](repeating: 0, count: steps + 1), [Double](repeating: 0, count: steps + 1))
    for step in stride(from: steps - 1, through: 0, by: -1) {
      later[step] = ratio * (rates[step + 1] + later[step + 1])
      laterEpsilon[step] = ratioEpsilon * (rates[step + 1] * epsilons[step + 1] + laterEpsilon[step + 1])
    }
    (self.rates, self.epsilons, self.later, self.laterEpsilon) = (rates, epsilons, later, laterEpsilon)
  }

  /// Takes step number `step` (from 1) on a row that was last touched at step `last`. Without a gradient the row only
  /// catches up with the idle steps up to `step`.
  public func take(
    _ step: Int, last: Int, gradient: UnsafePointer<Float>?, count: Int, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, weight: UnsafeMutablePointer<Float>
  ) {
    let idle = gradient == nil ? step - last : step - 1 - last
    var numbers = ck_adam(
      beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2), rest2: Float(1 - beta2),
      rate: Float(rates[step]), epsilon: Float(epsilons[step]), idle_rate: 0,
      idle_epsilon: 0, idle_first: 1, idle_second: 1)
    if idle > 0 {
      let decay = power(beta1 / beta2.squareRoot(), idle)
      let sum = later[last] - decay * later[last + idle]
      let weighted = laterEpsilon[last] - power(beta1 / beta2, idle) * laterEpsilon[last + idle]
      numbers.idle_rate = Float(sum)
      numbers.idle_epsilon = Float(weighted / sum)
      numbers.idle_first = Float(power(beta1, idle))
      numbers.idle_second = Float(power(beta2, idle))
    } else if gradient == nil {
      return
    }
    NetworkKernels.adam(gradient, count: count, numbers, first: first, second: second, weight: weight)
  }

  /// base^exponent by squares.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
