import Bytes
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A state file, read: the scaling of columns, or of samples.
public enum ScalingState: Sendable {
  case columns(Normalizer)
  case samples(SampleQuantiles)

  /// The largest size of a state file, in bytes.
  private static let longest = 1 << 28

  /// Reads a state file.
  /// - Throws: `ScalingError`, or what opening and reading throws.
  public static func read(_ path: String) throws -> ScalingState {
    let source = try Input.open(path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = try block.withUnsafeMutableBytes({ try source.read(into: $0) }), count > 0 {
      bytes += block[..<count]
      if bytes.count > longest { throw ScalingError.badState(path, "it is longer than 256 MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ScalingError.badState(path, "it is not UTF-8")
    }
    return try load(from: text, name: path)
  }

  /// Reads a state from its JSON text.
  /// - Parameter name: the file's name for messages.
  /// - Throws: `ScalingError` for another format, a missing member or a digest that does not fit the content.
  public static func load(from text: String, name: String = "normalizer") throws -> ScalingState {
    let state = StateReading(json: try parse(text, name), name: name)
    switch try state.version() {
    case 1: return .columns(try state.versionOne(text))
    default:
      if state.json["samples"] != nil { return .samples(try state.samples()) }
      return .columns(try state.columns())
    }
  }

  /// Whether a file with something else than a state stands at a path, where writing one would lose it.
  public static func isOther(_ path: String) -> Bool {
    var status = stat()
    // What stands behind a descriptor is written on, not over.
    guard path != "-", !path.hasPrefix("/dev/"), stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0, let source = try? DescriptorSource(path: path)
    else { return false }
    var head = [UInt8](repeating: 0, count: 64)
    let count = (try? head.withUnsafeMutableBytes { try source.read(into: $0) }) ?? 0
    return !String(decoding: head[..<count], as: UTF8.self).contains("\"millrace\"")
  }

  private static func parse(_ text: String, _ name: String) throws -> JSON {
    var text = text
    return try text.withUTF8 { bytes -> JSON in
      do { return try JSON.parse(bytes) } catch let error as any Diagnosable {
        throw ScalingError.badState(name, error.diagnostic.message)
      }
    }
  }
}

extension Normalizer {
  /// Reads the scaling of columns from the text of a state.
  /// - Throws: `ScalingError`, also for a state of samples, which has no columns of its own.
  public static func load(from text: String, name: String = "normalizer") throws -> Normalizer {
    try columns(try ScalingState.load(from: text, name: name), name)
  }

  /// The same from a file.
  public static func read(_ path: String) throws -> Normalizer { try columns(try ScalingState.read(path), path) }

  private static func columns(_ state: ScalingState, _ name: String) throws -> Normalizer {
    guard case .columns(let normalizer) = state else { throw ScalingError.stateOfSamples(name) }
    return normalizer
  }
}

/// The members of a state, each checked.
struct StateReading {
  let json: JSON
  let name: String

  func bad(_ reason: String) -> ScalingError { .badState(name, reason) }

  func version() throws -> Int {
    guard json["millrace"]?.string == StateText.kind else { throw bad("it is no normaliser state") }
    guard let version = json["version"]?.int, (1...StateText.version).contains(version) else {
      throw bad("its version is none of 1 to \(StateText.version)")
    }
    return version
  }

  /// A member that must be there; `read` gives nil for one of another type.
  func member<Value>(_ key: String, _ read: (JSON) -> Value?) throws -> Value {
    guard let value = json[key].flatMap(read) else { throw bad("'\(key)' is missing or not usable") }
    return value
  }

  /// The first version: one method for all columns, its digest of method, names, centers and scales only.
  func versionOne(_ text: String) throws -> Normalizer {
    let method = try member("method") { $0.string.flatMap(ScalingMethod.init(rawValue:)) }
    guard method == .zscore || method == .minmax else { throw bad("its method is neither zscore nor minmax") }
    let columns = try columnLines()
    let digest = try member("digest", \.string)
    let fit = Normalizer.Fit(rows: try member("rows", \.int), source: try member("source", \.string))
    let normalizer = try Normalizer(
      groups: [ScalingGroup(nil, ScalingChain(method))], names: columns.names, statistics: columns.statistics,
      fit: fit, old: (text, digest))
    var hash = SHA256()
    hash.update("millrace-normalizer 1\n\(method.rawValue)\n")
    for column in normalizer.names.indices {
      let numbers = [normalizer.centers[column], normalizer.scales[column]].map(NumberText.text)
      hash.update("\(normalizer.names[column])\t\(numbers[0])\t\(numbers[1])\n")
    }
    guard SHA256.hex(hash.finish()) == digest else { throw changed }
    return normalizer
  }

  func columns() throws -> Normalizer {
    let groups = try member("groups", \.array).map(group)
    var fit = Normalizer.Fit(rows: try member("rows", \.int), source: try member("source", \.string))
    fit.constant = try member("constant") { $0.string.flatMap(ConstantRule.init(rawValue:)) }
    fit.missing = try member("missing") { $0.string.flatMap(MissingRule.init(rawValue:)) }
    fit.rankError = json["rank_error"]?.double ?? 0
    if json["sides"] != .null {
      fit.sides = try member("sides") { $0.string.flatMap(Normalizer.Sides.init(rawValue:)) }
    }
    let columns = try columnLines()
    let normalizer: Normalizer
    do {
      normalizer = try Normalizer(groups: groups, names: columns.names, statistics: columns.statistics, fit: fit)
    } catch let error as ScalingError { throw bad(error.diagnostic.message) }
    guard try normalizer.digest == member("digest", \.string) else { throw changed }
    return normalizer
  }

  var changed: ScalingError { bad("its digest does not fit its content: it was changed or damaged") }

  private func group(_ json: JSON) throws -> ScalingGroup {
    guard let pattern = json["columns"]?.string, let method = json["method"]?.string else {
      throw bad("a group is incomplete")
    }
    do {
      let chain = try ScalingChain(parsing: method)
      return ScalingGroup(pattern == "*" ? nil : pattern, chain)
    } catch let error as ScalingError { throw bad(error.diagnostic.message) }
  }

  private func columnLines() throws -> (names: [String]?, statistics: [ColumnStatistics]) {
    let lines = try member("features", \.array)
    let isNamed = json["schema"] != .null
    let statistics = try lines.enumerated().map { index, line in
      guard let found = ColumnStatistics(line), !isNamed || line["name"]?.string != nil else {
        throw bad("feature \(index + 1) is incomplete")
      }
      return found
    }
    return (isNamed ? lines.compactMap { $0["name"]?.string } : nil, statistics)
  }
}

extension ColumnStatistics {
  /// A line of a state; nil where something is missing or can't be.
  fileprivate init?(_ json: JSON) {
    guard let count = json["count"]?.int, count >= 0, let mean = json["mean"]?.double,
      let deviation = json["sd"]?.double, let minimum = json["min"]?.double, let maximum = json["max"]?.double,
      deviation >= 0, minimum <= maximum
    else { return nil }
    self.init(count: count, mean: mean, deviation: deviation, minimum: minimum, maximum: maximum)
    guard json["median"] != nil else { return }
    guard let lower = json["q1"]?.double, let median = json["median"]?.double, let upper = json["q3"]?.double,
      lower <= median, median <= upper
    else { return nil }
    quartiles = Quartiles(lower: lower, median: median, upper: upper)
  }
}
