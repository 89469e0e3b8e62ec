import Bytes

/// The text of a state file: JSON with one line per column, for people and for `Normalizer.load`.
struct StateText {
  /// The value of `"millrace"` in a state file.
  static let kind = "normalizer"
  /// The format version of written state files.
  static let version = 2

  private var head: [(String, JSON)] = []
  private var items: [[(String, JSON)]] = []
  private let list: String

  /// The state of a `Normalizer`.
  init(
    groups: [ScalingGroup], groupOf: [Int], names: [String], isNamed: Bool, statistics: [ColumnStatistics],
    fit: Normalizer.Fit
  ) {
    list = "features"
    head = [
      (
        "groups",
        .array(
          groups.map { group in
            .object(["columns": .string(group.pattern ?? "*"), "method": .string(group.chain.text)])
          })
      ), ("constant", .string(fit.constant.rawValue)), ("missing", .string(fit.missing.rawValue)),
      ("sides", fit.sides.map { .string($0.rawValue) } ?? .null), ("rows", .integer(fit.rows)),
    ]
    if statistics.contains(where: { $0.quartiles != nil }) { head.append(("rank_error", .number(fit.rankError))) }
    head.append(("source", .string(fit.source)))
    head.append(("schema", isNamed ? .string(SHA256.digest12(of: names)) : .null))
    items = names.indices.map { column in
      let seen = statistics[column]
      var members: [(String, JSON)] = [("name", isNamed ? .string(names[column]) : .null)]
      if groups.count > 1 { members.append(("group", .integer(groupOf[column] + 1))) }
      members += [
        ("count", .integer(seen.count)), ("mean", .number(seen.mean)), ("sd", .number(seen.deviation)),
        ("min", .number(seen.minimum)), ("max", .number(seen.maximum)),
      ]
      if let quartiles = seen.quartiles {
        members += [
          ("q1", .number(quartiles.lower)), ("median", .number(quartiles.median)), ("q3", .number(quartiles.upper)),
        ]
      }
      return members
    }
  }

  /// The state of `SampleQuantiles`: `items` has a line a sample.
  init(samples head: [(String, JSON)], items: [[(String, JSON)]]) {
    (self.head, self.items, list) = (head, items, "samples")
  }

  /// SHA-256 of the text with an empty digest, in hexadecimal.
  var digest: String {
    var hash = SHA256()
    hash.update(json(""))
    return SHA256.hex(hash.finish())
  }

  /// The whole text, ending in a line feed.
  func json(_ digest: String) -> String {
    var text: [UInt8] = []
    func member(_ key: String, _ value: JSON) {
      JSON.string(key).append(to: &text)
      text += Array(": ".utf8)
      value.append(to: &text)
    }
    text += Array("{\n".utf8)
    let first: [(String, JSON)] = [("millrace", .string(Self.kind)), ("version", .integer(Self.version))]
    for (key, value) in first + head + [("digest", .string(digest))] {
      text += Array("  ".utf8)
      member(key, value)
      text += Array(",\n".utf8)
    }
    text += Array("  \"\(list)\": [".utf8)
    for (number, item) in items.enumerated() {
      text += Array((number == 0 ? "\n    {" : ",\n    {").utf8)
      for (place, (key, value)) in item.enumerated() {
        if place > 0 { text += Array(", ".utf8) }
        member(key, value)
      }
      text += Array("}".utf8)
    }
    text += Array("\n  ]\n}\n".utf8)
    return String(decoding: text, as: UTF8.self)
  }
}
