import Arrays
import Bytes
import Models
import Tensors
import Testing
import Training
import Workbench

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct NewtonLinearTests {
  private let pool = ThreadPool(threads: 2)

  /// Sets with the minima that two other implementations agree on, C = 0.8 for `logistic` and 1 for `svm`; the values
  /// are in thousandths.
  static func sets() throws -> [(name: String, set: JSON)] {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/TrainingTests/Fixtures/linear.json"))
    let json = try bytes.withUnsafeBufferPointer { try JSON.parse($0) }
    return (json.members ?? []).map { ($0.0, $0.1) }
  }

  private func fitter(_ scaling: ColumnScaling = .none) -> NewtonLinear {
    var fitter = NewtonLinear()
    fitter.c = 0.8
    fitter.scaling = scaling
    return fitter
  }

  @Test(arguments: [LinearLoss.logistic, .squaredHinge]) func minimaAreThoseOfTheFixture(loss: LinearLoss) throws {
    var met = 0
    for (name, set) in try Self.sets() {
      let rows = (set["x"]?.array ?? []).map { ($0.array ?? []).compactMap(\.double) }
      let y = (set["y"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
      let columns = rows[0].count
      let x = Matrix(rows: rows.count, columns: columns, values: rows.flatMap { $0.map { Float($0) } })
      // Thousandths are exact in single precision; the division is done in double.
      let scaling = ColumnScaling.given(
        shift: [Double](repeating: 0, count: columns), scale: [Double](repeating: 1000, count: columns))
      var fitter = self.fitter(scaling)
      if loss == .squaredHinge { (fitter.loss, fitter.c) = (loss, 1) }
      guard let expected = set[loss == .logistic ? "logistic" : "svm"], let intercept = expected["intercept"]?.double,
        let objective = expected["objective"]?.double
      else {
        #expect(throws: TrainingError.self, "\(name)") { try fitter.fit(x, labels: y, pool) }
        continue
      }
      let fit = try fitter.fit(x, labels: y, pool)
      #expect(abs(fit.objective - objective) < 1e-8, "\(name)")
      #expect(abs(fit.intercept - intercept) < 1e-6, "\(name)")
      let coefficients = (expected["coef"]?.array ?? []).compactMap(\.double)
      #expect(coefficients.count == columns)
      for (a, b) in zip(fit.coefficients, coefficients) { #expect(abs(a - b) < 1e-6, "\(name)") }
      met += 1
    }
    #expect(met == 7)
  }

  @Test func oneClassHasNoMinimum() {
    let x = Matrix(rows: 3, columns: 1, values: [0, 1, 2])
    #expect(throws: TrainingError.oneClass(.init(positives: 0, weighted: 3, all: 3), validation: 0)) {
      try fitter().fit(x, labels: [0, 0, 0], pool)
    }
    #expect(throws: TrainingError.oneClass(.init(positives: 2, weighted: 2, all: 3), validation: 0)) {
      try fitter().fit(x, labels: [0, 1, 1], weights: [0, 1, 1], pool)
    }
  }

  @Test(arguments: [LinearLoss.logistic, .squaredHinge]) func bitsAreTheSameAtAnyNumberOfThreads(
    loss: LinearLoss
  ) throws {
    let (x, y) = FittingTables.ties(3000, 70, seed: 1)
    var fitter = self.fitter(.standard)
    fitter.loss = loss
    let one = try fitter.fit(x, labels: y, ThreadPool(threads: 1))
    for threads in [2, 3, 7] {
      #expect(try fitter.fit(x, labels: y, ThreadPool(threads: threads)) == one)
    }
  }

  @Test func weightsAreRepetitions() throws {
    let (x, y) = FittingTables.ties(60, 4, seed: 2)
    let times = (0..<60).map { $0 % 4 }
    let repeated = (0..<60).flatMap { [Int](repeating: $0, count: times[$0]) }
    let all = Matrix(rows: repeated.count, columns: 4, values: repeated.flatMap { x.row($0) })
    var noisy = x
    noisy[0, 1] = .nan  // of weight 0
    let weighted = try fitter().fit(noisy, labels: y, weights: times.map { Float($0) }, pool)
    let plain = try fitter().fit(all, labels: repeated.map { y[$0] }, pool)
    #expect(abs(weighted.objective - plain.objective) < 1e-9)
    for (a, b) in zip(weighted.coefficients, plain.coefficients) { #expect(abs(a - b) < 1e-7) }
  }

  @Test func scaledColumnsAreThoseOfATableScaledBefore() throws {
    let (x, y) = FittingTables.ties(200, 5, seed: 3)
    let (shift, scale) = ([1.0, -2, 0, 0.5, 3], [0.5, 2, 4, 0.25, 1])
    let values = (0..<200).flatMap { row in
      (0..<5).map { Float((Double(x[row, $0]) - shift[$0]) / scale[$0]) }
    }
    let scaled = try fitter(.given(shift: shift, scale: scale)).fit(x, labels: y, pool)
    let before = Matrix(rows: 200, columns: 5, values: values)
    let plain = try fitter().fit(before, labels: y, pool)
    #expect(abs(scaled.objective - plain.objective) < 1e-5)
    for (a, b) in zip(scaled.coefficients, plain.coefficients) { #expect(abs(a - b) < 1e-5) }
    for (a, b) in zip(scaled.margins(x, pool), plain.margins(before, pool)) { #expect(abs(a - b) < 1e-5) }
  }

  /// The slope by the definition is 0 at the machine's minimum, on columns as they are and far from 0.
  @Test(arguments: [1e-3, 1, 100]) func squaredHingesReachTheirMinimum(c: Double) throws {
    let (ties, y) = FittingTables.ties(400, 5, seed: 6)
    var x = ties
    for row in 0..<400 { x[row, 2] += 30 }
    var fitter = NewtonLinear()
    (fitter.loss, fitter.c) = (.squaredHinge, c)
    let fit = try fitter.fit(x, labels: y, pool)
    var slopes = fit.coefficients + [fit.intercept]
    var objective = slopes.reduce(0) { $0 + $1 * $1 / 2 }
    for (row, margin) in fit.margins(x, pool).enumerated() {
      let sign = Double(2 * y[row] - 1)
      let gap = max(0, 1 - sign * margin)
      objective += c * gap * gap
      for column in 0...5 { slopes[column] -= 2 * c * sign * gap * (column < 5 ? Double(x[row, column]) : 1) }
    }
    #expect(abs(fit.objective - objective) < 1e-9 * objective)
    for slope in slopes { #expect(abs(slope) < 1e-5 * max(1, c * 400), "\(slope)") }
  }

  /// Large means, sizes from 1e-4 to 1e6, a column twice, a constant one, and classes that a column separates:
  /// the slope by the definition is 0 all the same.
  @Test(arguments: [1e-3, 1, 1e4]) func hardTablesReachTheirMinimum(c: Double) throws {
    let (ties, y) = FittingTables.ties(500, 6, seed: 4)
    let values = (0..<500).flatMap { row -> [Float] in
      let x = ties.row(row)
      return [1e6 * x[0] + 3e6, 1e-4 * x[1], x[2] + 1000, x[2] + 1000, 7, y[row] * 2 + x[3] * 0.1]
    }
    var fitter = NewtonLinear()
    fitter.c = c
    let x = Matrix(rows: 500, columns: 6, values: values)
    let fit = try fitter.fit(x, labels: y, pool)
    #expect(abs(fit.coefficients[2] - fit.coefficients[3]) < 1e-6)
    #expect(abs(fit.coefficients[4]) < 1e-12)
    let margins = fit.margins(x, pool)
    var (slopes, sizes) = ([Double](repeating: 0, count: 7), [Double](repeating: 1, count: 7))
    for row in 0..<500 {
      let residual = c * (1 / (1 + exp(-margins[row])) - Double(y[row]))
      for column in 0..<7 {
        let product = residual * (column < 6 ? Double(x[row, column]) : 1)
        slopes[column] += product
        sizes[column] += abs(product)
      }
    }
    for column in 0..<7 {
      let slope = slopes[column] + (column < 6 ? fit.coefficients[column] : 0)
      #expect(abs(slope) < 1e-5 * sizes[column], "column \(column): \(slope)")
    }
  }

  @Test func numbersThatAreNotFiniteAreRefused() {
    let x = Matrix(rows: 2, columns: 2, values: [0, 1, 2, .infinity])
    #expect(throws: TrainingError.table(.value(row: 1, column: 1, value: .infinity))) {
      try fitter().fit(x, labels: [0, 1], pool)
    }
  }

  /// 38,961 pairs of human proteins with 686 columns; the minima are scikit-learn's.
  @Test(.enabled(if: Shared.root != nil, "skipped: the shared data are absent")) func humanPairsReachTheMinimum() throws
  {
    let pairs = try #require(FittingTables.pairs("panhprd"))
    let x = pairs.train
    #expect(x.rows == 38_961 && x.columns == 686)
    let raw = try fitter().fit(x, labels: pairs.y.train, pool)
    #expect(abs(raw.objective - 19625.498804185) < 1e-8 * 19625, "\(raw.objective)")
    let scaled = try fitter(.standard).fit(x, labels: pairs.y.train, pool)
    #expect(abs(scaled.objective - 11870.111159622) < 1e-8 * 11870, "\(scaled.objective)")
  }
}
