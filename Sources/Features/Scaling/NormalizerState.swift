import Bytes
import Records

/// The state file: JSON with one line a column, for people and for `load`.
extension Normalizer {
  private static let kind = "normalizer"
  private static let version = 1

  /// The state as JSON text, ending in a line feed; the same normaliser gives the same bytes.
  public var json: String {
    var text: [UInt8] = []
    func line(_ key: String, _ value: JSON) {
      text += Array("  ".utf8)
      JSON.string(key).append(to: &text)
      text += Array(": ".utf8)
      value.append(to: &text)
      text += Array(",\n".utf8)
    }
    text += Array("{\n".utf8)
    line("millrace", .string(Self.kind))
    line("version", .integer(Self.version))
    line("method", .string(method.rawValue))
    line("rows", .integer(rows))
    line("source", .string(source))
    line("schema", isNamed ? .string(schemaDigest) : .null)
    line("digest", .string(digest))
    text += Array("  \"features\": [".utf8)
    for column in names.indices {
      text += Array((column == 0 ? "\n    " : ",\n    ").utf8)
      appendColumn(column, to: &text)
    }
    text += Array("\n  ]\n}\n".utf8)
    return String(decoding: text, as: UTF8.self)
  }

  private func appendColumn(_ column: Int, to text: inout [UInt8]) {
    let seen = statistics[column]
    text += Array("{\"name\": ".utf8)
    (isNamed ? JSON.string(names[column]) : .null).append(to: &text)
    text += Array(", \"count\": \(seen.count)".utf8)
    let numbers = [
      ("mean", seen.mean), ("sd", seen.deviation), ("min", seen.minimum), ("max", seen.maximum),
    ]
    for (key, value) in numbers {
      text += Array(", \"\(key)\": ".utf8)
      NumberText.append(value, to: &text)
    }
    text.append(UInt8(ascii: "}"))
  }

  /// A state file is at most this long.
  private static let longest = 1 << 28

  /// Reads a state file.
  /// - Throws: `ScalingError`, or what opening and reading throws.
  public static func read(_ path: String) throws -> Normalizer {
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
  public static func load(from text: String, name: String = "normalizer") throws -> Normalizer {
    var text = text
    let state = try text.withUTF8 { bytes -> JSON in
      do { return try JSON.parse(bytes) } catch let error as any Diagnosable {
        throw ScalingError.badState(name, error.diagnostic.message)
      }
    }
    guard state["millrace"]?.string == kind else { throw ScalingError.badState(name, "it is no normaliser state") }
    guard state["version"]?.int == version else {
      throw ScalingError.badState(name, "its version is not \(version)")
    }
    guard let method = state["method"]?.string.flatMap(ScalingMethod.init(rawValue:)) else {
      throw ScalingError.badState(
        name, "its method is none of \(ScalingMethod.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let rows = state["rows"]?.int, let source = state["source"]?.string,
      let digest = state["digest"]?.string, let features = state["features"]?.array
    else { throw ScalingError.badState(name, "rows, source, digest or features are missing") }
    let named = state["schema"] != .null
    let columns = try features.enumerated().map { try column($0.element, at: $0.offset, named: named, of: name) }
    let normalizer = Normalizer(
      method: method, names: named ? columns.map(\.name) : nil, statistics: columns.map(\.statistics), rows: rows,
      source: source)
    guard normalizer.digest == digest else {
      throw ScalingError.badState(name, "its digest does not fit its content: it was changed or damaged")
    }
    return normalizer
  }

  private static func column(
    _ json: JSON, at index: Int, named: Bool, of name: String
  ) throws -> (name: String, statistics: ColumnStatistics) {
    guard let count = json["count"]?.int, count >= 0, let mean = json["mean"]?.double,
      let deviation = json["sd"]?.double, let minimum = json["min"]?.double, let maximum = json["max"]?.double,
      deviation >= 0, minimum <= maximum, !named || json["name"]?.string != nil
    else { throw ScalingError.badState(name, "feature \(index + 1) is incomplete") }
    return (
      json["name"]?.string ?? "",
      ColumnStatistics(count: count, mean: mean, deviation: deviation, minimum: minimum, maximum: maximum)
    )
  }
}
