import Arrays
import Bytes
import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The rule by which an optimiser turns gradients into updates.
public enum UpdateRule: Sendable, Equatable {
  /// Adam (Kingma and Ba 2015, algorithm 1) with β₁ 0.9, β₂ 0.999, ε 10⁻⁸. The penalty λ θ is part of the gradient, or,
  /// decoupled (Loshchilov and Hutter 2019), taken off the weights times the learning rate.
  case adam(isDecoupled: Bool)
  /// Stochastic gradient descent, v ← momentum · v + g, θ ← θ − α v.
  case descent(momentum: Float)

  /// The number of sets of moments it keeps.
  var moments: Int {
    switch self {
    case .adam: 2
    case .descent(let momentum): momentum > 0 ? 1 : 0
    }
  }
}

/// The settings of an optimiser.
public struct OptimiserPlan: Sendable, Equatable {
  /// The rule of its updates.
  public var rule: UpdateRule
  /// The step size α at the start. It falls to α · decay^(step / every), as Keras' ExponentialDecay.
  public var learningRate: Float
  /// The factor of the step size after each `every` updates.
  public var decay: Float = 1
  /// The updates to each factor of `decay`.
  public var every = 1
  /// The penalty's factor λ, for every weight, biases and norms included; 0 is no penalty.
  public var weightDecay: Float
  /// The share of the last mean that a mean of the parameters over the updates keeps; 0: the parameters themselves are
  /// judged and kept.
  public var average: Float

  /// Adam with a step of 0.001, without penalty, unless said otherwise.
  public init(
    _ rule: UpdateRule = .adam(isDecoupled: false), learningRate: Float = 0.001, weightDecay: Float = 0,
    average: Float = 0
  ) {
    (self.rule, self.learningRate) = (rule, learningRate)
    (self.weightDecay, self.average) = (weightDecay, average)
  }

  /// The step size of an update, counted from 1.
  func rate(_ step: Int) -> Float { learningRate * pow(decay, Float(step - 1) / Float(every)) }
}

/// An optimiser with its moments.
public struct Optimiser: Sendable, Equatable {
  /// Its settings.
  public let plan: OptimiserPlan
  /// The moments, in the layout of the parameters, without bias correction: for Adam the running means of the gradient
  /// and of its square; for descent with momentum the velocity.
  public internal(set) var moments: [Parameters]
  /// The running mean of the parameters, running statistics included; nil where the plan wants none.
  public internal(set) var average: Parameters?
  /// The number of updates made.
  public internal(set) var step = 0

  /// An optimiser for parameters of this layout: moments of 0, no update made.
  public init(_ plan: OptimiserPlan, for parameters: Parameters) {
    self.plan = plan
    moments = [Parameters](repeating: parameters.zeros(), count: plan.rule.moments)
    average = plan.average > 0 ? parameters : nil
  }

  private static let beta1: Float = 0.9
  private static let beta2: Float = 0.999
  private static let epsilon: Float = 1e-8

  /// Updates every weight in place; buffers, such as running statistics, do not change.
  public mutating func update(_ parameters: inout Parameters, gradient: Parameters) {
    step += 1
    let weights = parameters.entries.filter { $0.kind == .weight }.map(\.range)
    gradient.storage.withUnsafeBufferPointer { gradient in
      parameters.storage.withUnsafeMutableBufferPointer { values in
        switch plan.rule {
        case .adam(let isDecoupled): adam(weights, gradient, values, isDecoupled)
        case .descent(let momentum): descend(weights, gradient, values, momentum)
        }
      }
    }
  }

  /// Moves the mean towards the parameters after an update: θ̄ ← d θ̄ + (1 − d) θ, with d = min(average, (1 + t) /
  /// (10 + t)) in step t, so that the first parameters fade soon (Polyak and Juditsky 1992; the ramp is TensorFlow's
  /// ExponentialMovingAverage's).
  mutating func follow(_ parameters: Parameters) {
    guard average != nil else { return }
    let kept = min(plan.average, Float(1 + step) / Float(10 + step))
    average?.storage.withUnsafeMutableBufferPointer { mean in
      parameters.storage.withUnsafeBufferPointer { values in
        for place in mean.indices { mean[place] = kept * mean[place] + (1 - kept) * values[place] }
      }
    }
  }

  /// θ ← θ − α m̂ / (√v̂ + ε).
  private mutating func adam(
    _ weights: [Range<Int>], _ gradient: UnsafeBufferPointer<Float>, _ values: UnsafeMutableBufferPointer<Float>,
    _ isDecoupled: Bool
  ) {
    let size = plan.rate(step)
    let rate = size / (1 - pow(Self.beta1, Float(step)))
    let inverseRoot = 1 / (1 - pow(Self.beta2, Float(step))).squareRoot()
    let decay = isDecoupled ? 0 : plan.weightDecay
    let kept = isDecoupled ? 1 - size * plan.weightDecay : 1
    var second = moments.removeLast()
    defer { moments.append(second) }
    moments[0].storage.withUnsafeMutableBufferPointer { m in
      second.storage.withUnsafeMutableBufferPointer { v in
        // Tensors begin at multiples of 16, with zeros between them, which stay zeros.
        func lanes(_ values: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<SIMD16<Float>>? {
          UnsafeMutableRawPointer(values.baseAddress)?.assumingMemoryBound(to: SIMD16<Float>.self)
        }
        let slopes = UnsafeRawPointer(gradient.baseAddress)?.assumingMemoryBound(to: SIMD16<Float>.self)
        guard let slopes, let values = lanes(values), let m = lanes(m), let v = lanes(v) else { return }
        for range in weights {
          for i in range.lowerBound / 16..<(range.upperBound + 15) / 16 {
            let g = slopes[i] + decay * values[i]
            m[i] = Self.beta1 * m[i] + (1 - Self.beta1) * g
            v[i] = Self.beta2 * v[i] + (1 - Self.beta2) * g * g
            values[i] = kept * values[i] - rate * m[i] / (v[i].squareRoot() * inverseRoot + Self.epsilon)
          }
        }
      }
    }
  }

  private mutating func descend(
    _ weights: [Range<Int>], _ gradient: UnsafeBufferPointer<Float>, _ values: UnsafeMutableBufferPointer<Float>,
    _ momentum: Float
  ) {
    let rate = plan.rate(step)
    guard !moments.isEmpty else {
      for range in weights {
        for i in range { values[i] -= rate * (gradient[i] + plan.weightDecay * values[i]) }
      }
      return
    }
    let decay = plan.weightDecay
    moments[0].storage.withUnsafeMutableBufferPointer { velocity in
      for range in weights {
        for i in range {
          velocity[i] = momentum * velocity[i] + gradient[i] + decay * values[i]
          values[i] -= rate * velocity[i]
        }
      }
    }
  }
}

/// The optimisers, by name.
public enum Optimisers {
  private static let weightDecay = Setting(
    "weight-decay", .real(0...1000, default: 0), "factor of the L2 penalty on all weights")
  private static let average = Setting(
    "average", .real(0...0.999999, default: 0),
    "judge and keep a running mean of the weights over the updates, which keeps this share of itself, such as 0.999")

  private static let decay = [
    Setting("decay", .real(1e-6...1, default: 1), "factor of the step size after each decay-steps updates"),
    Setting("decay-steps", .integer(1...1_000_000_000, default: 2500), "updates to each factor of decay"),
  ]

  private static func plan(_ rule: UpdateRule, _ values: SettingValues) -> OptimiserPlan {
    var plan = OptimiserPlan(
      rule, learningRate: Float(values.real("learning-rate")), weightDecay: Float(values.real("weight-decay")),
      average: Float(values.real("average")))
    (plan.decay, plan.every) = (Float(values.real("decay")), values.integer("decay-steps"))
    return plan
  }

  /// In the order of `mil-train --list`.
  public static let all: [TrainingEntry<OptimiserPlan>] = [
    TrainingEntry(
      "adam", "Adam (Kingma and Ba 2015)",
      [
        Setting("learning-rate", short: "lr", .real(1e-12...1000, default: 0.001), "step size"), weightDecay,
        .flag("decoupled", default: false, "take the penalty off the weights, not into the gradient (AdamW)"),
      ] + decay + [average]
    ) { plan(.adam(isDecoupled: $0.flag("decoupled")), $0) },
    TrainingEntry(
      "sgd", "stochastic gradient descent",
      [
        Setting("learning-rate", short: "lr", .real(1e-12...1000, default: 0.01), "step size at the start"),
        weightDecay,
        Setting("momentum", .real(0...0.9999, default: 0), "share of the last step that is repeated"),
      ] + decay + [average]
    ) { plan(.descent(momentum: Float($0.real("momentum"))), $0) },
  ]
}
