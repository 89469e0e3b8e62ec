/// Lines drawn with characters, for a terminal or a plain file, without colours or control sequences.
public struct TerminalPlot: Sendable {
  /// A named line.
  public struct Line: Sendable {
    /// The name in the legend.
    public var name: String
    /// The character the line is drawn with.
    public var glyph: Character
    /// The points; those that are not finite are left out.
    public var points: [Point]

    /// Makes a line drawn with a character.
    public init(_ name: String, glyph: Character, _ points: [Point]) {
      self.name = name
      self.glyph = glyph
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  /// The title line above the picture; left out where it is empty.
  public var title: String
  /// The label of the horizontal axis.
  public var xLabel: String
  /// The lines; the first is drawn on top.
  public var lines: [Line]
  /// A vertical line at an x, with its name.
  public var mark: (x: Double, name: String)?
  /// The number of character columns of the whole picture.
  public var width: Int
  /// The number of lines of the whole picture, with title, axis and legend.
  public var height: Int
  /// Whether only ASCII characters are used.
  public var isASCII: Bool

  /// Makes a picture of lines.
  public init(
    title: String, xLabel: String, lines: [Line], mark: (x: Double, name: String)? = nil, width: Int = 78,
    height: Int = 16, isASCII: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.lines = lines
    self.mark = mark
    self.width = max(30, width)
    self.height = max(6, height)
    self.isASCII = isASCII
  }

  /// Returns the picture, its lines ended by LF; a series without points is only named in the legend.
  public func text() -> String {
    let rows = height - 4
    let yRange = Scale.range(of: lines.lazy.flatMap { $0.points.lazy.map(\.y) })
    let xRange = Scale.range(of: lines.lazy.flatMap { $0.points.lazy.map(\.x) }, margin: 0)
    let ticks = Ticks(from: yRange.lowerBound, to: yRange.upperBound, about: max(2, rows / 3))
    let margin = (ticks.labels.map(\.count).max() ?? 1) + 1
    let columns = width - margin - 2
    let y = Scale(lower: yRange.lowerBound, upper: yRange.upperBound, start: Double(rows - 1), end: 0)
    let x = Scale(lower: xRange.lowerBound, upper: xRange.upperBound, start: 0, end: Double(columns - 1))
    var cells = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
    drawMark(x, xRange, on: &cells)
    for line in lines.reversed() { draw(line, x, y, on: &cells) }
    var labels: [Int: String] = [:]
    for (value, label) in zip(ticks.values, ticks.labels) { labels[Int(y(value).rounded())] = label }
    var result = title.isEmpty ? "" : Markup.visible(title) + "\n"
    for (row, cell) in cells.enumerated() {
      let label = labels[row] ?? ""
      let wall = isASCII ? "|" : label.isEmpty ? "│" : "┤"
      result += trimmed(padded(label, to: margin) + " " + wall + String(cell)) + "\n"
    }
    return result + axis(xRange, x, margin: margin, columns: columns) + legend(margin: margin)
  }

  private func drawMark(_ x: Scale, _ range: ClosedRange<Double>, on cells: inout [[Character]]) {
    guard let mark, range.contains(mark.x) else { return }
    let column = Int(x(mark.x).rounded())
    for row in cells.indices { cells[row][column] = isASCII ? ":" : "┊" }
  }

  /// The value in each column: the mean of the points in it, or the interpolation between its neighbours.
  private func draw(_ line: Line, _ x: Scale, _ y: Scale, on cells: inout [[Character]]) {
    var columns: [Int: (sum: Double, count: Double)] = [:]
    for point in line.points {
      let column = Int(x(point.x).rounded())
      let old = columns[column] ?? (0, 0)
      columns[column] = (old.sum + y(point.y), old.count + 1)
    }
    let known = columns.map { (column: $0.key, row: $0.value.sum / $0.value.count) }.sorted { $0.column < $1.column }
    for (index, place) in known.enumerated() {
      cells[Int(place.row.rounded())][place.column] = line.glyph
      guard index + 1 < known.count else { continue }
      let next = known[index + 1]
      for column in (place.column + 1)..<max(place.column + 1, next.column) {
        let share = Double(column - place.column) / Double(next.column - place.column)
        cells[Int((place.row + share * (next.row - place.row)).rounded())][column] = line.glyph
      }
    }
  }

  private func axis(_ range: ClosedRange<Double>, _ x: Scale, margin: Int, columns: Int) -> String {
    let ticks = Ticks(
      from: range.lowerBound, to: range.upperBound, about: max(2, columns / 14),
      whole: Scale.isWhole(lines.lazy.flatMap(\.points)))
    var bar = [Character](repeating: isASCII ? "-" : "─", count: columns)
    var names = [Character](repeating: " ", count: columns + margin + 12)
    for (value, label) in zip(ticks.values, ticks.labels) {
      let column = Int(x(value).rounded())
      bar[column] = isASCII ? "+" : "┬"
      let start = max(0, margin + 2 + column - label.count / 2)
      for (offset, character) in label.enumerated() where start + offset < names.count {
        names[start + offset] = character
      }
    }
    return padded("", to: margin) + " " + (isASCII ? "+" : "└") + String(bar) + "\n"
      + trimmed(String(names)) + "  " + Markup.visible(xLabel) + "\n"
  }

  private func legend(margin: Int) -> String {
    var parts = lines.map { "\($0.glyph) \(Markup.visible($0.name))" }
    if let mark { parts.append("\(isASCII ? ":" : "┊") \(Markup.visible(mark.name))") }
    return padded("", to: margin + 2) + parts.joined(separator: "   ") + "\n"
  }

  private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func trimmed(_ text: String) -> String {
    var kept = text[...]
    while kept.last == " " { kept.removeLast() }
    return String(kept)
  }
}
