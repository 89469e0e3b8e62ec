import Bytes

/// A list of wanted ids, one on each line, without repetitions.
public struct IdList: Sendable {
  /// The name of the list, for messages.
  public let name: String
  /// The ids, in order.
  public private(set) var ids: [String] = []
  private var lines: [Int] = []
  private var numbers: [String: Int] = [:]
  private static let longestLine = 1 << 17

  /// Reads a list, skipping blank lines.
  /// - Throws: an `IOFailure`, or a `RecordError` for a text that is not an id and for a repeated id.
  public init(reading source: BlockSource) throws {
    name = source.name
    let lines = LineReader(source, maxLine: Self.longestLine)
    while let line = try lines.next(skipping: .whitespace) {
      if let why = idFault(line) {
        throw RecordError(
          .text, "the id \(Diagnostic.quoted(bytes: line)) \(why)", at: lines.place(), hint: "one id on each line")
      }
      let id = String(decoding: line, as: UTF8.self)
      if let first = numbers.updateValue(ids.count, forKey: id) {
        throw RecordError(
          .text, "the id \(Diagnostic.quoted(id)) is in line \(self.lines[first]) already", at: lines.place(),
          hint: "each id gives one row: name it once")
      }
      ids.append(id)
      self.lines.append(lines.line)
    }
  }

  /// The number of an id in the list, nil if it is not there.
  func number(of id: String) -> Int? { numbers[id] }

  /// The location of an id, by its number.
  func place(_ number: Int) -> SourceLocation { SourceLocation(source: name, line: lines[number]) }
}
