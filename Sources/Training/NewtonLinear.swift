import Arrays
import Models
import Tensors

/// Fits a linear model of two classes with a penalty: a logistic regression, min ‖w‖² / 2 + C Σ_i a_i log(1 +
/// exp(−m_i)), or a support vector machine, min (‖w‖² + b²) / 2 + C Σ_i a_i max(0, 1 − m_i)², with the margins m_i =
/// t_i (w · z_i + b).
///
/// z_i are the scaled values of row i, a_i is its weight, t_i is 1 for label 1 and −1 for label 0. The intercept b of a
/// logistic regression is not penalised, that of the machine is, as in liblinear; and the sum is not divided by the
/// number of rows: C means what it means in scikit-learn.
///
/// Newton's method with a line search. The objective and its gradient are computed in double precision. A factored
/// Hessian, from single-precision products, serves for several steps, and is corrected meanwhile by the changes of the
/// gradient (L-BFGS: Liu and Nocedal 1989, with the Hessian as its first matrix); it is computed anew once steps no
/// longer gain enough. The Hessian of a squared hinge is the generalised one, 2 a_i C for rows of a margin below 1
/// (Keerthi and DeCoste 2005). The minimum does not depend on any of that: the objective is strictly convex in w, and
/// with both labels it has one minimum.
public struct NewtonLinear: Sendable {
  /// The loss of a row.
  public var loss = LinearLoss.logistic
  /// C, above 0: the larger, the weaker the penalty.
  public var c = 1.0
  /// The scaling of the columns before they are fitted.
  public var scaling = ColumnScaling.none
  /// Steps end once half the Newton decrement gᵀ H⁻¹ g, which is about the distance to the minimum, falls below this
  /// share of the objective (or of 1, if that is smaller).
  public var tolerance = 1e-14
  /// The most steps.
  public var maximumSteps = 500

  /// A logistic regression, C = 1, and columns as they are.
  public init() {}

  /// The minimum for the rows of `x` with labels 0 and 1.
  ///
  /// `weights` has one number per row, or is empty where all are 1; rows of weight 0 are left out.
  /// The same table gives the same bits at any number of threads.
  /// Throws `TrainingError.table`, and `.oneClass` where there is one label only: b would have no minimum.
  public func fit(_ x: Matrix, labels: [Float], weights: [Float] = [], _ pool: ThreadPool) throws -> LinearFit {
    precondition(c > 0 && c.isFinite, "a positive C")
    let table = try FittingTable(x, targets: labels, weights: weights, areClasses: true)
    let (mean, deviation) = table.columnStatistics(pool)
    let ones = [Double](repeating: 1, count: x.columns)
    let (shift, scale) =
      switch scaling {
      case .none: ([Double](repeating: 0, count: x.columns), ones)
      case .standard: (mean, deviation)
      case .given(let shift, let scale): (shift, scale)
      }
    precondition(
      shift.count == x.columns && scale.count == x.columns && scale.allSatisfy { $0 > 0 }, "a scale per column")
    let problem = LinearProblem(
      loss: loss, x: x, rows: table.rows, weights: table.rows.map { c * table.weight(Int($0)) },
      isPositive: table.rows.map { labels[Int($0)] > 0 }, mean: mean, deviation: deviation,
      penalties: zip(scale, deviation).map { ($0 / $1) * ($0 / $1) },
      intercept: (0..<x.columns).map { (shift[$0] - mean[$0]) / deviation[$0] } + [1], pool: pool)
    let (place, steps) = try minimum(problem)
    // b is the margin at the means; the intercept is that where the scaled values are 0, at x = shift.
    var (coefficients, intercept, slope) = ([Double](), place.unknowns[x.columns], abs(place.gradient[x.columns]))
    for j in 0..<x.columns {
      let ratio = scale[j] / deviation[j]
      coefficients.append(place.unknowns[j] * ratio)
      intercept += place.unknowns[j] * problem.intercept[j]
      slope = max(slope, abs(place.gradient[j]) / ratio)
    }
    return LinearFit(
      coefficients: coefficients, intercept: intercept, shift: shift, scale: scale, objective: place.objective,
      slope: slope, steps: steps)
  }

  /// Steps from 0 until they gain no more.
  private func minimum(_ problem: LinearProblem) throws(TrainingError) -> (LinearProblem.Place, Int) {
    var here = problem.place([Double](repeating: 0, count: problem.x.columns + 1))
    var (metric, refreshes): (LinearMetric?, Int) = (nil, 0)
    var last = Double.infinity
    for step in 0..<maximumSteps {
      if metric == nil {
        refreshes += 1
        metric = problem.hessian(here, isExact: refreshes > 8).map { LinearMetric($0) }
      }
      guard let direction = metric?.solve(here.gradient) else { break }
      let decrement = zip(direction, here.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let isLast = decrement / 2 <= tolerance * max(1, here.objective)
      if let next = search(problem, here, direction, decrement, isLast: isLast) {
        metric?.remember(from: here, to: next)
        here = next
      } else if !isLast, metric?.isFresh == false {
        // A correction has gone wrong: the Hessian itself knows better.
        metric = nil
        continue
      } else if !isLast, decrement > 1e-9 * max(1, here.objective) {
        break
      }
      if isLast || decrement <= 0 { return (here, step + 1) }
      if decrement > 0.2 * last, metric?.isFresh == false { metric = nil }
      last = decrement
    }
    throw .table(.notConverged(steps: maximumSteps, slope: here.gradient.reduce(0) { max($0, abs($1)) }))
  }

  /// The position after the longest of the steps 1, ½, ¼ … that decreases the objective sufficiently (Armijo 1966);
  /// nil if there is none.
  private func search(
    _ problem: LinearProblem, _ here: LinearProblem.Place, _ direction: [Double], _ decrement: Double, isLast: Bool
  ) -> LinearProblem.Place? {
    var length = 1.0
    // The objective is a sum of many: differences below this are its rounding.
    let rounding = 1e-13 * max(1, here.objective)
    for _ in 0..<(isLast ? 1 : 40) {
      let next = problem.place(zip(here.unknowns, direction).map { $0 - length * $1 })
      if next.objective.isFinite, next.objective <= here.objective - 1e-4 * length * decrement + rounding {
        return next
      }
      length /= 2
    }
    return nil
  }
}

/// An inverse Hessian that learns: a factored Hessian of an earlier place, corrected by the steps since (L-BFGS).
struct LinearMetric {
  private let factor: Cholesky
  /// Steps, changes of the gradient, and 1 / (step · change); the oldest first.
  private var pairs: [(step: [Double], change: [Double], rate: Double)] = []

  init(_ factor: Cholesky) { self.factor = factor }

  /// Whether no step was remembered yet.
  var isFresh: Bool { pairs.isEmpty }

  /// H⁻¹ g, by the recursion of two loops (Nocedal 1980).
  func solve(_ gradient: [Double]) -> [Double] {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    var (result, shares) = (gradient, [Double]())
    for pair in pairs.reversed() {
      let share = pair.rate * dot(pair.step, result)
      shares.append(share)
      for j in result.indices { result[j] -= share * pair.change[j] }
    }
    result = factor.solve(result)
    for (pair, share) in zip(pairs, shares.reversed()) {
      let excess = share - pair.rate * dot(pair.change, result)
      for j in result.indices { result[j] += excess * pair.step[j] }
    }
    return result
  }

  /// Takes in a step; at most 20 are kept.
  mutating func remember(from: LinearProblem.Place, to: LinearProblem.Place) {
    let step = zip(to.unknowns, from.unknowns).map { $0 - $1 }
    let change = zip(to.gradient, from.gradient).map { $0 - $1 }
    let product = zip(step, change).reduce(0) { $0 + $1.0 * $1.1 }
    guard product > 0, (1 / product).isFinite else { return }
    if pairs.count == 20 { pairs.removeFirst() }
    pairs.append((step, change, 1 / product))
  }
}
