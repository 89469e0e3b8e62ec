/// The first long option of a command line that its tool does not have, and the tool's option that is most like it.
///
/// The parser checks the options that it knows before it names one that it doesn't: `--member FILE` for `--members
/// FILE` would be reported as a second input.
struct UnknownOption: Equatable {
  let name: String
  let nearest: String?

  /// Options of the parser that no help lists.
  private static let hidden = ["--generate-completion-script", "--experimental-dump-help", "--help-hidden"]

  /// Nil where every long option begins a line of the tool's help.
  init?(in arguments: [String], help: String) {
    let known =
      Self.hidden
      + help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
        line.split { " ,/".contains($0) }.filter { $0.hasPrefix("--") }.map(String.init)
      }
    let given = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) }
    guard let name = given.first(where: { !known.contains($0) }) else { return nil }
    self.name = name
    let near = known.map { (name: $0, distance: Self.distance($0, name)) }.min { $0.distance < $1.distance }
    nearest =
      near.flatMap { $0.distance <= max(2, name.count / 4) ? $0.name : nil }
      ?? known.filter { name.hasPrefix($0 + "-") }.max { $0.count < $1.count }
  }

  /// The least number of letters to insert, leave out or replace (Levenshtein).
  private static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other.utf8)
    var row = Array(0...other.count)
    for (place, letter) in one.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (column, other) in other.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[other.count]
  }
}
