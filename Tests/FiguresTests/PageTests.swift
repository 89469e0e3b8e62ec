import Figures
import Testing

private func page(_ text: String) -> Page {
  let chart = LineChart(
    title: text, xLabel: "x", yLabel: "y", series: [Series(text, [Point(0, 0), Point(1, 1)], color: 0)])
  return Page(
    title: text, lead: text,
    blocks: [
      .heading(text), .paragraph(text), .note(text), .figures(Sheet([chart, chart])),
      .table(Table(caption: text, columns: [text, "b"], rows: [[.init(text, minor: [text, text]), .init("1")]])),
      .facts([(text, text)]),
    ])
}

@Suite struct PageTests {
  @Test(arguments: ["plain", "<script>alert(1)</script>", "\"'&<>\u{7}\u{2066}", "]]>-->"])
  func wellFormedAndEscaped(text: String) {
    let html = page(text).html()
    #expect(xmlFault(html) == nil)
    #expect(!html.contains("<script"))
    #expect(!html.contains("\u{7}") && !html.contains("\u{2066}"))
  }

  @Test func selfContained() {
    let html = page("plain").html()
    let others = html.split(separator: "xmlns=\"http://www.w3.org/2000/svg\"").joined()
    #expect(!others.contains("http"), "only the name of the SVG namespace")
    for word in ["src=", "href", "url(", "@import", "<link", "<iframe", "<object"] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  /// At phone width pictures scale, each by itself, and a row of a table becomes a block whose cells name their
  /// columns.
  @Test func fitsNarrowScreens() {
    let html = page("plain").html()
    #expect(html.contains("figure svg{display:block;max-width:100%;height:auto}"))
    #expect(html.split(separator: "<svg ").count == 3, "one image for each figure")
    #expect(html.contains("<td class=\"number\" data-column=\"b\">1</td>"))
    #expect(html.contains("td[data-column]::before{content:attr(data-column)"))
  }

  @Test func deterministic() {
    #expect(page("a").html() == page("a").html())
  }
}

@Suite struct TerminalPlotTests {
  private let falling = (1...50).map { Point(Double($0), 1 / Double($0)) }

  @Test func fitsTheWidth() {
    for isASCII in [true, false] {
      let plot = TerminalPlot(
        title: "loss", xLabel: "epoch",
        lines: [.init("validation", glyph: "x", falling), .init("training", glyph: "o", falling)], mark: (20, "kept"),
        width: 60, height: 14, isASCII: isASCII)
      let lines = plot.text().split(separator: "\n")
      #expect(lines.count == 14)
      #expect(lines.dropLast(2).allSatisfy { $0.count <= 60 })
      #expect(!isASCII || plot.text().allSatisfy(\.isASCII))
      #expect(plot.text() == plot.text())
    }
  }

  @Test func everyColumnHasAGlyph() {
    let plot = TerminalPlot(title: "", xLabel: "x", lines: [.init("a", glyph: "o", [Point(0, 0), Point(9, 1)])])
    let glyphs = plot.text().split(separator: "\n").dropLast(3).joined().filter { $0 == "o" }.count
    #expect(glyphs > 60)
  }

  @Test(arguments: [[], [Point(1, 1)], [Point(.nan, 0)], [Point(0, 1e300), Point(1, -1e300)]])
  func oddPoints(points: [Point]) {
    let text = TerminalPlot(title: "\u{1B}[2J", xLabel: "x", lines: [.init("a", glyph: "o", points)]).text()
    #expect(!text.contains("\u{1B}") && text.contains("o a"))
  }
}
