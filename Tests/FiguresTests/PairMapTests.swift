import Figures
import Testing

@Suite struct PairMapTests {
  /// 40 × 30 pairs of two chains a side; the score of (i, j) falls with the distance from (10, 5).
  private func map(_ name: String = "map", scale: Float = 1) -> PairMap {
    let rows = (0..<40).map { "\($0 < 25 ? "A" : "B"):\($0 + 1):GLY" }
    let columns = (0..<30).map { "\($0 < 12 ? "H" : "L"):\($0 + 1)A:LYS" }
    var (scores, isPositive) = ([Float](), [Bool]())
    for row in 0..<40 {
      for column in 0..<30 {
        let distance = Float((row - 10) * (row - 10) + (column - 5) * (column - 5))
        scores.append(row == 39 ? .nan : scale / (1 + distance))
        isPositive.append(distance < 3 || (row, column) == (35, 25))
      }
    }
    return PairMap(
      title: name, subtitle: name, rows: rows, columns: columns, rowLabel: name, columnLabel: name, scores: scores,
      isPositive: isPositive)
  }

  @Test(arguments: ["plain", "<script>alert(1)</script>", "\"'&<>\u{7}\u{2066}", "]]>-->"])
  func textsStayText(name: String) {
    let image = Sheet([map(name)]).svg()
    #expect(xmlFault(image) == nil)
    #expect(!image.contains("<script") && !image.contains("\u{7}") && !image.contains("\u{2066}"))
  }

  /// A block of 3 × 3 positive pairs and a single one have 12 and 4 sides of squares around them, in the second colour;
  /// four chains; a row without scores in grey.
  @Test func contactsHaveOutlinesAndChainsNames() {
    let image = Sheet([map()]).svg()
    let outlines = image.split(separator: "\n").filter { $0.hasPrefix("<path") && $0.contains("s-c1") }
    #expect(outlines.count == 1 && outlines.first?.count { $0 == "M" } == 16)
    for chain in ["A", "B", "H", "L"] { #expect(image.contains(">\(chain)</text>"), "\(chain)") }
    #expect(image.split(separator: "\n").contains { $0.contains("f-grid") && $0.hasPrefix("<rect") })
  }

  /// Shades go by rank: another scale of the scores gives the same bytes.
  @Test func shadesGoByRank() {
    #expect(Sheet([map()]).svg() == Sheet([map(scale: 1e-4)]).svg())
    #expect(map().text() == map(scale: 7).text())
  }

  @Test func equalScoresHaveNoShade() {
    let map = PairMap(
      title: "t", rows: ["a", "b"], columns: ["c", "d"], rowLabel: "r", columnLabel: "c",
      scores: [0.5, 0.5, 0.5, 0.5], isPositive: [false, false, false, true])
    let lines = map.text(isASCII: true).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.contains { $0.hasSuffix("| o") }, "\(lines)")
    #expect(!lines.contains { $0.contains("|#") })
  }

  @Test func charactersFitTheWidth() {
    for width in [30, 50, 78] {
      let lines = map().text(width: width, isASCII: true).split(separator: "\n")
      let body = lines.filter { $0.contains("|") }
      #expect(body.allSatisfy { $0.count <= width })
      #expect(body.contains { $0.contains("O") } && body.contains { $0.contains("o") })
      #expect(lines.allSatisfy { $0.allSatisfy(\.isASCII) })
    }
    #expect(map().text().contains("●"))
  }

  /// A map of many pairs is drawn in squares of several: the picture does not grow with it.
  @Test func largeMapsAreDrawnInSquares() {
    let (rows, columns) = (900, 700)
    let scores = (0..<rows * columns).map { Float(($0 * 7919) % 10_007) }
    let map = PairMap(
      title: "t", rows: (0..<rows).map { "A:\($0):GLY" }, columns: (0..<columns).map { "B:\($0):GLY" }, rowLabel: "r",
      columnLabel: "c", scores: scores, isPositive: scores.map { $0 == 5 })
    let image = Sheet([map]).svg()
    #expect(xmlFault(image) == nil)
    #expect(image.utf8.count < 6_000_000 && map.size.width < 700)
  }

  @Test func anEmptyMapIsDrawn() {
    let map = PairMap(title: "t", rows: [], columns: [], rowLabel: "r", columnLabel: "c", scores: [], isPositive: [])
    #expect(xmlFault(Sheet([map]).svg()) == nil && map.text().hasPrefix("t\n"))
  }
}
