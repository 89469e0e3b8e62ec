#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A rule that turns scores into probabilities, fitted on labelled scores that training did not see.
public enum Calibration: Sendable, Equatable {
  /// 1 / (1 + exp(a f + b)) (Platt 1999, Advances in Large Margin Classifiers, 61).
  case platt(a: Double, b: Double)
  /// A rising line through knots, constant beyond the first and the last (Zadrozny and Elkan 2002, KDD, 694).
  case isotonic(scores: [Double], values: [Double])

  /// The ways of calibration.
  public enum Method: String, Sendable, CaseIterable {
    case platt, isotonic
  }

  /// The way in which the rule was made.
  public var method: Method {
    switch self {
    case .platt: .platt
    case .isotonic: .isotonic
    }
  }

  /// Whether a higher score never has a lower probability.
  public var isRising: Bool {
    switch self {
    case .platt(let a, _): a <= 0
    case .isotonic: true
    }
  }

  /// Fits a rule; nil where a class is absent.
  public init?(_ method: Method, scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count, "as many labels as scores")
    let positives = labels.count { $0 }
    guard positives > 0, positives < labels.count else { return nil }
    switch method {
    case .platt: self = Self.platt(scores, labels)
    case .isotonic: self = Self.isotonic(scores, labels)
    }
  }

  /// The probability of a score.
  public func probability(_ score: Double) -> Double {
    switch self {
    case .platt(let a, let b): return Self.sigmoid(-(a * score + b))
    case .isotonic(let scores, let values):
      let above = Self.firstIndex(in: scores, above: score)
      guard above > 0 else { return values[0] }
      guard above < scores.count else { return values[values.count - 1] }
      let share = (score - scores[above - 1]) / (scores[above] - scores[above - 1])
      return values[above - 1] + share * (values[above] - values[above - 1])
    }
  }

  /// The number of knots at or below a score.
  private static func firstIndex(in knots: [Double], above score: Double) -> Int {
    var (low, high) = (0, knots.count)
    while low < high {
      let middle = (low + high) / 2
      if knots[middle] <= score { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }

  // MARK: Platt

  /// The minimum of the cross entropy by Newton's method with halved steps; targets (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2)
  /// keep it finite where classes are separable (Lin, Lin and Weng 2007, Machine Learning 68:267).
  private static func platt(_ scores: [Double], _ labels: [Bool]) -> Calibration {
    let positives = Double(labels.count { $0 })
    let negatives = Double(labels.count) - positives
    let targets = labels.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
    // Scores around 0 with unit spread make the two directions comparable; the answer is turned back at the end.
    let mean = scores.reduce(0, +) / Double(scores.count)
    let spread = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scores.count)).squareRoot()
    let scale = spread > 0 ? spread : 1
    let points = scores.map { spread > 0 ? ($0 - mean) / scale : 0 }
    var line = (a: 0.0, b: log((negatives + 1) / (positives + 1)))
    var lowest = loss(line, points, targets)
    for _ in 0..<200 {
      let (gradient, curvature) = derivatives(line, points, targets)
      if max(abs(gradient.a), abs(gradient.b)) < 1e-13 * Double(scores.count) { break }
      let determinant = curvature.aa * curvature.bb - curvature.ab * curvature.ab
      // Without a spread of scores there is no slope to find.
      let step =
        spread > 0 && determinant > 0
        ? (
          a: (curvature.bb * gradient.a - curvature.ab * gradient.b) / determinant,
          b: (curvature.aa * gradient.b - curvature.ab * gradient.a) / determinant
        )
        : (a: 0, b: gradient.b / max(curvature.bb, 1e-300))
      var share = 1.0
      var next = line
      repeat {
        next = (line.a - share * step.a, line.b - share * step.b)
        share /= 2
      } while loss(next, points, targets) > lowest + 1e-15 * abs(lowest) && share > 1e-12
      if next == line { break }
      line = next
      lowest = loss(line, points, targets)
    }
    return .platt(a: line.a / scale, b: line.b - line.a * (spread > 0 ? mean / scale : 0))
  }

  private static func loss(_ line: (a: Double, b: Double), _ points: [Double], _ targets: [Double]) -> Double {
    zip(points, targets).reduce(0) { sum, row in
      let x = line.a * row.0 + line.b
      let softplus = max(x, 0) + log1p(exp(-abs(x)))
      return sum + softplus - (1 - row.1) * x
    }
  }

  private static func derivatives(
    _ line: (a: Double, b: Double), _ points: [Double], _ targets: [Double]
  ) -> (gradient: (a: Double, b: Double), curvature: (aa: Double, ab: Double, bb: Double)) {
    var gradient = (a: 0.0, b: 0.0)
    var curvature = (aa: 0.0, ab: 0.0, bb: 0.0)
    for (point, target) in zip(points, targets) {
      let p = sigmoid(-(line.a * point + line.b))
      let weight = p * (1 - p)
      gradient = (gradient.a + point * (target - p), gradient.b + (target - p))
      curvature = (
        curvature.aa + weight * point * point, curvature.ab + weight * point, curvature.bb + weight
      )
    }
    return (gradient, curvature)
  }

  // MARK: Isotonic

  /// The rising values of least squares: equal scores are pooled first, then neighbours that do not rise. A knot at
  /// both ends of each level says the same as one at every score.
  private static func isotonic(_ scores: [Double], _ labels: [Bool]) -> Calibration {
    var levels: [(sum: Double, count: Double, first: Double, last: Double)] = []
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var next = 0
    while next < order.count {
      let score = scores[order[next]]
      var level = (sum: 0.0, count: 0.0, first: score, last: score)
      while next < order.count, scores[order[next]] == score {
        level.sum += labels[order[next]] ? 1 : 0
        level.count += 1
        next += 1
      }
      // Whole numbers: levels are compared without rounding.
      while let below = levels.last, below.sum * level.count >= level.sum * below.count {
        level = (below.sum + level.sum, below.count + level.count, below.first, level.last)
        levels.removeLast()
      }
      levels.append(level)
    }
    var (knots, values): ([Double], [Double]) = ([], [])
    for level in levels {
      for knot in level.first == level.last ? [level.first] : [level.first, level.last] {
        knots.append(knot)
        values.append(level.sum / level.count)
      }
    }
    return .isotonic(scores: knots, values: values)
  }
}
