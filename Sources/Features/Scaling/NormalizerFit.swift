import Bytes
import Records

/// The plan of a fit: the groups of columns, and the rules.
public struct ScalingPlan: Sendable {
  /// Columns and methods; one of them may take what is left.
  public var groups: [ScalingGroup]
  /// For each column the one that stands there when the two sides of a pair are exchanged.
  public var exchange: [Int]?
  /// Whether both sides get one scale, of the values of both; else each column its own.
  public var sides = Normalizer.Sides.alike
  /// The rule for columns without a spread.
  public var constant = ConstantRule.zero
  /// The rule for missing values, which the state records.
  public var missing = MissingRule.error
  /// The memory for exact quartiles, in bytes; beyond it they are estimated by sketches.
  public var memory = 1 << 30

  /// One chain for all columns.
  public init(_ chain: ScalingChain) { groups = [ScalingGroup(nil, chain)] }

  /// Groups of columns.
  public init(_ groups: [ScalingGroup]) { self.groups = groups }
}

/// Sees rows one by one and finds the scaling of their columns.
public struct NormalizerFit {
  private let plan: ScalingPlan
  private let names: [String]?
  private let known: [String]
  private let before: [Normalizer.Work]
  private var moments: Moments
  private var quartiles: QuartileFit
  private var scratch: [Double]

  /// - Parameter names: of the columns; nil for a stream without names.
  /// - Throws: `ScalingError` if the names are normalised already, or don't fit the groups, or the groups the sides.
  public init(_ plan: ScalingPlan, names: [String]?, width: Int) throws {
    if let done = names?.first(where: Normalizer.isNormalized) { throw ScalingError.alreadyNormalized(done) }
    let known = names ?? Normalizer.placeNames(width)
    let groupOf = try ScalingGroup.assign(known, to: plan.groups)
    let shared = plan.sides == .alike ? plan.exchange : nil
    if let shared, let column = Normalizer.unlike(shared, plan.groups, groupOf) {
      throw ScalingError.sidesInOtherGroups(known[column], known[shared[column]])
    }
    (self.plan, self.names, self.known) = (plan, names, known)
    before = Normalizer.work(plan.groups, groupOf, \.before)
    moments = Moments(columns: width, exchange: shared)
    let robust = groupOf.indices.filter { plan.groups[groupOf[$0]].chain.fitted == .robust }
    quartiles = QuartileFit(columns: robust, exchange: shared, memory: plan.memory)
    scratch = [Double](repeating: 0, count: width)
  }

  /// Adds a row; NaN is a missing value. Throws `ScalingError.belowLogarithm`.
  public mutating func add(_ row: UnsafeBufferPointer<Double>) throws {
    try scratch.withUnsafeMutableBufferPointer { scratch in
      _ = scratch.update(from: row)
      for work in before { try work.apply(scratch, 0, known) }
      moments.add(UnsafeBufferPointer(scratch))
      quartiles.add(UnsafeBufferPointer(scratch))
    }
  }

  /// The result so far.
  /// - Parameter source: the digest of what was seen.
  /// - Throws: `ScalingError` for a column whose spread is beyond a Double, or without one where that is an error.
  public func normalizer(source: String) throws -> Normalizer {
    var fit = Normalizer.Fit(rows: moments.rows, source: source)
    (fit.constant, fit.missing, fit.rankError) = (plan.constant, plan.missing, quartiles.rankError)
    let found = quartiles.quartiles()
    let statistics = (0..<moments.columns).map { column in
      var seen = moments.statistics(column)
      seen.quartiles = found[column]
      return seen
    }
    let normalizer = try Normalizer(
      groups: plan.groups, names: names, statistics: statistics, fit: fit, exchange: plan.exchange)
    let bare = normalizer.spreadless
    if plan.constant == .error, let name = bare.constant.first ?? bare.flat.first {
      throw ScalingError.constant(name, count: bare.constant.count + bare.flat.count)
    }
    return normalizer
  }

  /// Fits all records of a stream. The source digest is the same for TSV and NDJSON.
  /// - Returns: the normaliser; nil if no record came.
  /// - Throws: `ScalingError`, and whatever the reader throws.
  public static func fit(_ reader: any BagSource, _ plan: ScalingPlan) throws -> Normalizer? {
    var fit: NormalizerFit?
    if let names = reader.schema?.names { fit = try NormalizerFit(plan, names: names, width: names.count) }
    var source = SHA256()
    while let record = try reader.next() {
      guard !record.instances.isEmpty else { continue }
      let width = record.values.count / record.instances.count
      if fit == nil { fit = try NormalizerFit(plan, names: nil, width: width) }
      guard fit?.scratch.count == width else {
        throw ScalingError.otherWidth(found: width, expected: fit?.scratch.count ?? 0)
      }
      try record.values.withUnsafeBufferPointer { values in
        for row in record.instances.indices {
          do {
            try fit?.add(UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]))
          } catch let error as ScalingError { throw error.at(record, row: row) }
        }
      }
      record.values.withUnsafeBytes { source.update($0) }
    }
    guard let fit, fit.moments.rows > 0 else { return nil }
    return try fit.normalizer(source: SHA256.hex(source.finish()))
  }
}
