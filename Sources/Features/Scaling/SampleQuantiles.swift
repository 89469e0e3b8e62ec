import Bytes
import Records

/// Quantile normalisation: every sample, a column of a table, gets the mean distribution of the samples it was fitted
/// on (Bolstad et al. 2003, Bioinformatics 19:185; ties get the value at their mean rank and missing values count for
/// nothing, as in R's limma::normalizeQuantiles).
public struct SampleQuantiles: Sendable, Equatable {
  /// One of the samples it was fitted on, and how many values it had.
  public struct Sample: Sendable, Equatable {
    /// The name of the sample.
    public var name: String
    /// Values that were not missing.
    public var count: Int
  }

  /// The methods before and after the quantiles: `log1p` or nothing.
  public let chain: ScalingChain
  /// The mean of the samples' values in order.
  public let reference: [Double]
  /// The samples of the fit.
  public let samples: [Sample]
  /// Rows, digest of the values, and the rule for missing ones.
  public let fit: Normalizer.Fit
  /// The state file, ending in a line feed.
  public let json: String
  /// SHA-256 of the state without this digest, in hexadecimal.
  public let digest: String

  init(chain: ScalingChain, reference: [Double], samples: [Sample], fit: Normalizer.Fit) {
    (self.chain, self.reference, self.samples, self.fit) = (chain, reference, samples, fit)
    let text = StateText(
      samples: [
        ("method", .string(chain.text)), ("missing", .string(fit.missing.rawValue)), ("rows", .integer(fit.rows)),
        ("source", .string(fit.source)), ("reference", .array(reference.map { .number($0) })),
      ], items: samples.map { [("name", .string($0.name)), ("count", .integer($0.count))] })
    digest = text.digest
    json = text.json(digest)
  }

  /// The ending of each sample's name after `apply`.
  public var suffix: String { "~" + digest.prefix(6) }

  /// The bytes of memory that a row takes besides its values and its name, with its share of the sorting of a sample.
  private static let bytesOfRow = 672

  /// Reads a whole table, one record per row.
  /// - Parameter memory: how many bytes it may take.
  /// - Throws: `ScalingError` for bags, for samples that are normalised already and for a table that is too large.
  public static func table(_ reader: any BagSource, memory: Int) throws -> [StreamRecord] {
    if reader.kind != .feature { throw ScalingError.bagsAsSamples }
    if let done = reader.schema?.names.first(where: Normalizer.isNormalized) {
      throw ScalingError.alreadyNormalized(done)
    }
    var rows: [StreamRecord] = []
    var bytes = 0
    while let record = try reader.next() {
      if record.hasBag { throw ScalingError.bagsAsSamples }
      if let first = rows.first, first.values.count != record.values.count {
        throw ScalingError.otherWidth(found: record.values.count, expected: first.values.count)
      }
      bytes += record.values.count * 8 + record.name.utf8.count + bytesOfRow
      if bytes > memory { throw ScalingError.tableTooLarge(limit: memory) }
      rows.append(record)
    }
    return rows
  }

  /// Fits the samples of a table.
  /// - Parameter names: of the samples; nil for a table without names.
  /// - Throws: `ScalingError` for a sample with fewer than two values and a value that `log1p` can't take.
  public static func fit(
    _ table: [StreamRecord], names: [String]?, _ chain: ScalingChain, missing: MissingRule = .error
  ) throws -> SampleQuantiles {
    let names = names ?? Normalizer.placeNames(table.first?.values.count ?? 0)
    var hash = SHA256()
    for record in table { record.values.withUnsafeBytes { hash.update($0) } }
    var sums = [Double](repeating: 0, count: table.count)
    var samples: [Sample] = []
    for column in names.indices {
      var values = try values(of: column, in: table, chain.before, names[column]).map(\.value)
      samples.append(Sample(name: names[column], count: values.count))
      values.sort()
      for rank in sums.indices {
        let position = Double(rank) * Double(values.count - 1) / Double(max(1, sums.count - 1))
        sums[rank] += Quantile.interpolated(rank: position, count: values.count) { values[$0] }
      }
    }
    let reference = sums.map { $0 / Double(max(1, names.count)) }
    if !reference.allSatisfy(\.isFinite) { throw ScalingError.tooWide(names.first ?? "") }
    var fit = Normalizer.Fit(rows: table.count, source: SHA256.hex(hash.finish()))
    fit.missing = missing
    return SampleQuantiles(chain: chain, reference: reference, samples: samples, fit: fit)
  }

  /// Gives every sample of a table, of whatever name, the reference distribution; a missing value stays missing, or
  /// takes the mean of the reference.
  /// - Throws: `ScalingError` for a sample with fewer than two values and a value that `log1p` can't take.
  public func apply(_ table: inout [StreamRecord], names: [String]?, fillsMeans: Bool = false) throws {
    let names = names ?? Normalizer.placeNames(table.first?.values.count ?? 0)
    let mean = reference.reduce(0) { $0 + $1 / Double(reference.count) }
    for column in names.indices {
      let sorted = try Self.values(of: column, in: table, chain.before, names[column]).sorted { $0.value < $1.value }
      var first = 0
      while first < sorted.count {
        var end = first + 1
        while end < sorted.count && sorted[end].value == sorted[first].value { end += 1 }
        let rank = Double(first + end - 1) / 2 * Double(reference.count - 1) / Double(sorted.count - 1)
        let value = Quantile.interpolated(rank: rank, count: reference.count) { reference[$0] }
        for item in sorted[first..<end] { table[item.row].values[column] = try finished(value, names[column]) }
        first = end
      }
      guard fillsMeans, sorted.count < table.count else { continue }
      for row in table.indices where table[row].values[column].isNaN {
        table[row].values[column] = try finished(mean, names[column])
      }
    }
  }

  private func finished(_ value: Double, _ name: String) throws -> Double {
    try Self.logarithms(chain.after, of: value) { .belowLogarithm(name, $0, row: 0, of: nil, at: nil) }
  }

  /// The value after the methods beside quantile, each of which is `log1p`.
  private static func logarithms(
    _ methods: [ScalingMethod], of value: Double, _ fault: (Double) -> ScalingError
  ) throws -> Double {
    try methods.reduce(value) { value, _ in
      guard let logarithm = Logarithm.ofOneMore(than: value) else { throw fault(value) }
      return logarithm
    }
  }

  /// The values of a sample that are not missing, and their rows, after the methods that come before.
  private static func values(
    of column: Int, in table: [StreamRecord], _ before: [ScalingMethod], _ name: String
  ) throws -> [(row: Int, value: Double)] {
    var found: [(row: Int, value: Double)] = []
    found.reserveCapacity(table.count)
    for row in table.indices {
      let value = table[row].values[column]
      if value.isNaN { continue }
      let changed = try logarithms(before, of: value) {
        .belowLogarithm(name, $0, row: 0, of: table[row].name, at: table[row].place)
      }
      found.append((row, changed))
    }
    if found.count < 2 { throw ScalingError.tooFewValues(name, found.count) }
    return found
  }
}

extension StateReading {
  /// The state of `SampleQuantiles`.
  func samples() throws -> SampleQuantiles {
    let chain: ScalingChain
    do { chain = try ScalingChain(parsing: try member("method", \.string)) } catch let error as ScalingError {
      throw bad(error.diagnostic.message)
    }
    guard chain.fitted == .quantile else { throw bad("its method is not quantile") }
    var fit = Normalizer.Fit(rows: try member("rows", \.int), source: try member("source", \.string))
    fit.missing = try member("missing") { $0.string.flatMap(MissingRule.init(rawValue:)) }
    let reference = try member("reference", \.array).map { json -> Double in
      guard let value = json.double else { throw bad("its reference has something else than numbers") }
      return value
    }
    guard reference.count >= 2 else { throw bad("its reference is too short") }
    let samples = try member("samples", \.array).map { json -> SampleQuantiles.Sample in
      guard let name = json["name"]?.string, let count = json["count"]?.int else { throw bad("a sample is incomplete") }
      return SampleQuantiles.Sample(name: name, count: count)
    }
    let quantiles = SampleQuantiles(chain: chain, reference: reference, samples: samples, fit: fit)
    guard try quantiles.digest == member("digest", \.string) else { throw changed }
    return quantiles
  }
}
