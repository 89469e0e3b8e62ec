/// Scores of pairs of a row and a column, such as residues of two proteins, as a map: the darker, the fewer pairs score
/// higher; pairs that are known to be positive have an outline.
///
/// Colours go by rank, not by score, so that maps of models with other scales can be compared.
public struct PairMap: Figure {
  /// The shares of the pairs that have a shade of their own, darkest first: a pair has the first that is above the
  /// share of pairs with a higher score, equal ones counting half.
  public static let shares = [0.001, 0.005, 0.02, 0.1]

  /// The title above the map.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String?
  /// The names of the rows and of the columns; the part before the first colon is the group (the chain) of a name.
  public let rows, columns: [String]
  /// The names of the axes.
  public var rowLabel, columnLabel: String
  /// The shade of each pair, row by row: 0 is the darkest, `shares.count` no shade, `missing` no score.
  let shades: [UInt8]
  /// Whether each pair is known to be positive.
  let isPositive: [Bool]
  static let missing: UInt8 = 255

  /// A map of these scores, row by row; NaN where a pair has none.
  public init(
    title: String, subtitle: String? = nil, rows: [String], columns: [String], rowLabel: String, columnLabel: String,
    scores: [Float], isPositive: [Bool]
  ) {
    precondition(
      scores.count == rows.count * columns.count && isPositive.count == scores.count, "a score and a label per pair")
    (self.title, self.subtitle, self.rows, self.columns) = (title, subtitle, rows, columns)
    (self.rowLabel, self.columnLabel, self.isPositive) = (rowLabel, columnLabel, isPositive)
    shades = Self.shades(of: scores)
  }

  private static func shades(of scores: [Float]) -> [UInt8] {
    let order = scores.indices.filter { !scores[$0].isNaN }.sorted { scores[$0] > scores[$1] }
    var result = [UInt8](repeating: missing, count: scores.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      let share = (Double(start) + Double(end - start - 1) / 2) / Double(order.count)
      let shade = UInt8(shares.firstIndex { share < $0 } ?? shares.count)
      for place in order[start..<end] { result[place] = shade }
      start = end
    }
    return result
  }

  // MARK: Squares of pairs

  /// A map whose squares are `side.rows` × `side.columns` pairs: the darkest shade, and whether a pair is positive.
  struct Squares {
    let rows, columns: Int
    private(set) var shades: [UInt8]
    private(set) var isPositive: [Bool]

    init(_ map: PairMap, side: (rows: Int, columns: Int)) {
      rows = (map.rows.count + side.rows - 1) / side.rows
      columns = (map.columns.count + side.columns - 1) / side.columns
      shades = [UInt8](repeating: PairMap.missing, count: rows * columns)
      isPositive = [Bool](repeating: false, count: shades.count)
      for row in map.rows.indices {
        for column in map.columns.indices {
          let (pair, square) = (
            row * map.columns.count + column, row / side.rows * columns + column / side.columns
          )
          shades[square] = min(shades[square], map.shades[pair])
          if map.isPositive[pair] { isPositive[square] = true }
        }
      }
    }
  }

  /// The groups of names that follow one another: their names and the numbers of their first ones.
  static func groups(_ names: [String]) -> [(name: String, start: Int)] {
    var result: [(name: String, start: Int)] = []
    for (place, name) in names.enumerated() {
      let colon = name.firstIndex(of: ":")
      let group = colon.map { String(name[..<$0]) } ?? ""
      if result.last?.name != group { result.append((group, place)) }
    }
    return result
  }

  /// The middle part of a name, such as 27A of A:27A:GLY; the name itself where it has no parts.
  private static func number(_ name: String) -> String {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 3 ? String(parts[1]) : name
  }

  // MARK: The figure

  private static let (most, left, edge) = (720, 64.0, 16.0)

  /// Pixels of a square and pairs in it, on either side.
  private var scale: (pixels: Double, pairs: Int) {
    let longest = max(1, rows.count, columns.count)
    let pairs = (longest * 2 + Self.most - 1) / Self.most
    return (Double(max(2, min(12, Self.most * pairs / longest))), max(1, pairs))
  }

  private var body: Size {
    let (pixels, pairs) = scale
    return Size(
      width: pixels * Double((columns.count + pairs - 1) / pairs),
      height: pixels * Double((rows.count + pairs - 1) / pairs))
  }

  /// The size of the map, its axes and its legend.
  public var size: Size {
    Size(width: max(420, Self.left + body.width + Self.edge), height: top + body.height + 52)
  }

  private var top: Double { subtitle == nil ? 74 : 92 }

  /// The title.
  public var summary: String { title }

  /// The map as SVG elements.
  public func elements() -> String {
    var drawing = Drawing()
    let heading = Heading(title: title, subtitle: subtitle).draw(on: &drawing)
    _ = Legend(legend).draw(on: &drawing, top: heading, width: size.width)
    let squares = Squares(self, side: (scale.pairs, scale.pairs))
    draw(squares, on: &drawing)
    drawAxes(on: &drawing)
    return drawing.text
  }

  private static let opacities = [1, 0.7, 0.42, 0.2]

  private var legend: [Legend.Entry] {
    zip(Self.shares, Self.opacities).map { share, opacity in
      Legend.Entry(name: "first \(Drawing.number(100 * share)) %", paint: .series(0), opacity: opacity)
    } + (isPositive.contains(true) ? [Legend.Entry(name: "positive", paint: .series(1))] : [])
  }

  private func draw(_ squares: Squares, on drawing: inout Drawing) {
    let pixels = scale.pixels
    func place(_ row: Int, _ column: Int) -> PixelPoint {
      PixelPoint(x: Self.left + Double(column) * pixels, y: top + Double(row) * pixels)
    }
    drawing.outline(place(0, 0), body, stroke: .muted)
    for row in 0..<squares.rows {
      var column = 0
      while column < squares.columns {
        let shade = squares.shades[row * squares.columns + column]
        var end = column + 1
        while end < squares.columns, squares.shades[row * squares.columns + end] == shade { end += 1 }
        if shade == Self.missing {
          drawing.rectangle(
            place(row, column), Size(width: Double(end - column) * pixels, height: pixels), fill: .grid)
        } else if Int(shade) < Self.opacities.count {
          drawing.rectangle(
            place(row, column), Size(width: Double(end - column) * pixels, height: pixels), fill: .series(0),
            opacity: Self.opacities[Int(shade)])
        }
        column = end
      }
    }
    drawing.segments(
      borders(squares).map { (place($0.0.row, $0.0.column), place($0.1.row, $0.1.column)) }, stroke: .series(1))
  }

  /// The sides of squares of positive pairs that others don't share, as corners of the map.
  private func borders(_ squares: Squares) -> [((row: Int, column: Int), (row: Int, column: Int))] {
    func isPositive(_ row: Int, _ column: Int) -> Bool {
      row >= 0 && row < squares.rows && column >= 0 && column < squares.columns
        && squares.isPositive[row * squares.columns + column]
    }
    var result: [((row: Int, column: Int), (row: Int, column: Int))] = []
    for row in 0..<squares.rows {
      for column in 0..<squares.columns where isPositive(row, column) {
        if !isPositive(row - 1, column) { result.append(((row, column), (row, column + 1))) }
        if !isPositive(row + 1, column) { result.append(((row + 1, column), (row + 1, column + 1))) }
        if !isPositive(row, column - 1) { result.append(((row, column), (row + 1, column))) }
        if !isPositive(row, column + 1) { result.append(((row, column + 1), (row + 1, column + 1))) }
      }
    }
    return result
  }

  private func drawAxes(on drawing: inout Drawing) {
    let (pixels, pairs) = scale
    let each = pixels / Double(pairs)
    let (right, bottom) = (Self.left + body.width, top + body.height)
    for (name, start) in Self.groups(rows) where !rows.isEmpty {
      let y = top + Double(start) * each
      if start > 0 { drawing.line(PixelPoint(x: Self.left - 30, y: y), PixelPoint(x: right, y: y), stroke: .muted) }
      drawing.label(
        Markup.shortened(name, to: 5), at: PixelPoint(x: Self.left - 34, y: y + 12), anchor: .end, bold: true)
    }
    for (name, start) in Self.groups(columns) where !columns.isEmpty {
      let x = Self.left + Double(start) * each
      if start > 0 { drawing.line(PixelPoint(x: x, y: top), PixelPoint(x: x, y: bottom + 18), stroke: .muted) }
      drawing.label(Markup.shortened(name, to: 12), at: PixelPoint(x: x + 2, y: bottom + 28), bold: true)
    }
    for place in Self.ticks(rows.count, each) {
      let y = top + (Double(place) + 0.5) * each
      drawing.line(PixelPoint(x: Self.left - 4, y: y), PixelPoint(x: Self.left, y: y), stroke: .muted)
      drawing.label(
        Self.number(rows[place]), at: PixelPoint(x: Self.left - 6, y: y + 3), size: 9, anchor: .end, fill: .muted)
    }
    for place in Self.ticks(columns.count, each) {
      let x = Self.left + (Double(place) + 0.5) * each
      drawing.line(PixelPoint(x: x, y: bottom), PixelPoint(x: x, y: bottom + 4), stroke: .muted)
      drawing.label(
        Self.number(columns[place]), at: PixelPoint(x: x, y: bottom + 14), size: 9, anchor: .middle, fill: .muted)
    }
    drawing.label(
      columnLabel, at: PixelPoint(x: (Self.left + right) / 2, y: bottom + 44), anchor: .middle)
    drawing.label(rowLabel, at: PixelPoint(x: 12, y: (top + bottom) / 2), anchor: .middle, upwards: true)
  }

  /// Names that are written: some 40 pixels apart.
  private static func ticks(_ count: Int, _ each: Double) -> [Int] {
    let steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    let step = steps.first { Double($0) * each >= 40 } ?? max(1, count)
    return Array(stride(from: step - 1, to: count, by: step))
  }
}

// MARK: In characters

extension PairMap {
  /// The map in characters, `width` of them in a line at most.
  public func text(width: Int = 78, isASCII: Bool = false) -> String {
    let (rowGroups, columnGroups) = (Self.groups(rows), Self.groups(columns))
    let margin = min(8, max(2, rowGroups.map(\.name.count).max() ?? 0)) + 1
    let across = max(1, (columns.count + max(10, width - margin - 2) - 1) / max(10, width - margin - 2))
    // A character is about twice as high as it is wide.
    let down = max(2 * across, 1)
    let squares = Squares(self, side: (down, across))
    let glyphs: [Character] = isASCII ? ["#", "+", "-", "."] : ["█", "▓", "▒", "░"]
    let (hit, miss): (Character, Character) = isASCII ? ("O", "o") : ("●", "○")
    var lines = [Markup.visible(title)]
    if let subtitle { lines.append(Markup.visible(subtitle)) }
    lines.append(String(repeating: " ", count: margin + 1) + ruler(columnGroups, across, squares.columns))
    for row in 0..<squares.rows {
      let name = Markup.visible(rowGroups.last { $0.start / down == row }?.name ?? "")
      var line = String(repeating: " ", count: max(0, margin - min(margin, name.count))) + name.prefix(margin)
      line += isASCII ? "|" : "│"
      for column in 0..<squares.columns {
        let square = row * squares.columns + column
        let shade = squares.shades[square]
        let isHigh = shade <= 2
        if squares.isPositive[square] {
          line.append(isHigh ? hit : miss)
        } else {
          line.append(Int(shade) < glyphs.count ? glyphs[Int(shade)] : " ")
        }
      }
      while line.last == " " { line.removeLast() }
      lines.append(line)
    }
    var legend = zip(glyphs, Self.shares).map { "\($0) first \(Drawing.number(100 * $1)) %" }
    if isPositive.contains(true) { legend += ["\(hit) positive, among the first 2 %", "\(miss) positive"] }
    lines.append(legend.joined(separator: "   "))
    lines.append("down: \(Markup.visible(rowLabel)); across: \(Markup.visible(columnLabel))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The names of the columns' groups over their first columns.
  private func ruler(_ groups: [(name: String, start: Int)], _ across: Int, _ width: Int) -> String {
    var line = [Character](repeating: " ", count: width)
    for (name, start) in groups {
      for (offset, character) in Markup.visible(name).enumerated() where start / across + offset < width {
        line[start / across + offset] = character
      }
    }
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
