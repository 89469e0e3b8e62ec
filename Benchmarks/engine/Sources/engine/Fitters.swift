import Arrays
import Models
import Tensors
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Trees or a linear model, fitted to one table and asked about another.
enum Fitters {
  /// Rows, columns (Int32), then labels and values (Float), as Benchmarks/fitters.py writes them.
  struct Table {
    let x: Matrix
    let y: [Float]

    init?(path: String) {
      guard let file = fopen(path, "rb") else { return nil }
      defer { fclose(file) }
      var sides: [Int32] = [0, 0]
      guard fread(&sides, 4, 2, file) == 2 else { return nil }
      let (rows, columns) = (Int(sides[0]), Int(sides[1]))
      var y = [Float](repeating: 0, count: rows)
      var x = Matrix(uninitializedRows: rows, columns: columns)
      let got = fread(&y, 4, rows, file)
      let more = x.withUnsafeMutableBufferPointer { fread($0.baseAddress, 4, $0.count, file) }
      guard got == rows, more == rows * columns else { return nil }
      (self.x, self.y) = (x, y)
    }
  }

  /// Fits a forest per seed; one line of JSON with the scores of the tested rows as raw floats in `scores`.
  static func forest(_ train: Table, _ test: Table, seeds: Int, threads: Int, scores: String) throws -> String {
    let pool = ThreadPool(threads: threads)
    var (fit, predict, walls, nodes) = ([Double](), [Double](), [Double](), [Int]())
    var all: [Float] = []
    for seed in 1...max(1, seeds) {
      var options = ForestOptions()
      options.seed = UInt64(seed)
      let (start, wall) = (Clock.process, Clock.wall)
      let forest = try ForestFitter(options).fit(train.x, targets: train.y, pool)
      fit.append(Clock.process - start)
      walls.append(Clock.wall - wall)
      let middle = Clock.process
      all += forest.predict(test.x, pool).map { Float($0) }
      predict.append(Clock.process - middle)
      nodes.append(forest.nodes.count)
    }
    write(all, to: scores)
    return "{\"fit_cpu\":\(short(median(fit))),\"fit_wall\":\(short(median(walls))),"
      + "\"predict_cpu\":\(short(median(predict))),"
      + "\"nodes\":\(nodes[0]),\"peak_rss_mb\":\(Clock.peakMegabytes)}"
  }

  /// Fits boosted trees; one line of JSON, with the log odds of the tested rows in `scores`.
  static func boosted(_ train: Table, _ test: Table, threads: Int, scores: String) throws -> String {
    let pool = ThreadPool(threads: threads)
    let (start, wall) = (Clock.process, Clock.wall)
    let fit = try BoostedFitter().fit(train.x, targets: train.y, pool)
    let (cpu, walls) = (Clock.process - start, Clock.wall - wall)
    write(fit.forest.predict(test.x, pool, dividedBy: 1).map { Float($0 + fit.start) }, to: scores)
    return "{\"fit_cpu\":\(short(cpu)),\"fit_wall\":\(short(walls)),\"nodes\":\(fit.forest.nodes.count),"
      + "\"peak_rss_mb\":\(Clock.peakMegabytes)}"
  }

  /// Fits a logistic regression with C = 0.8, or a support vector machine with C = 1; one line of JSON, with the margins
  /// of the tested rows in `scores`.
  static func linear(
    _ train: Table, _ test: Table, _ loss: LinearLoss, isStandardized: Bool, threads: Int, scores: String
  ) throws -> String {
    let pool = ThreadPool(threads: threads)
    var fitter = NewtonLinear()
    (fitter.loss, fitter.c) = (loss, loss == .logistic ? 0.8 : 1)
    fitter.scaling = isStandardized ? .standard : .none
    let (start, wall) = (Clock.process, Clock.wall)
    let fit = try fitter.fit(train.x, labels: train.y, pool)
    let (cpu, walls) = (Clock.process - start, Clock.wall - wall)
    write(fit.margins(test.x, pool).map { Float($0) }, to: scores)
    return "{\"fit_cpu\":\(short(cpu)),\"fit_wall\":\(short(walls)),\"steps\":\(fit.steps),"
      + "\"objective\":\(fit.objective),\"slope\":\(fit.slope),\"peak_rss_mb\":\(Clock.peakMegabytes)}"
  }

  private static func write(_ values: [Float], to path: String) {
    guard let file = fopen(path, "wb") else { return }
    _ = fwrite(values, 4, values.count, file)
    fclose(file)
  }
}
