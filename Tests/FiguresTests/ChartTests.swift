import Figures
import Testing

private let hostile = [
  "<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "a&b&amp;c", "]]><!--",
  "tab\tnew\nline\u{1B}[31m\u{0}",
  "\u{202E}txet desrever", "very" + String(repeating: "long", count: 4000), "μ→∞ 蛋白质", "",
]

private func charts(named name: String) -> [any Figure] {
  let line = (0...40).map { Point(Double($0), Double(($0 * 7) % 11) / 10) }
  return [
    LineChart(
      title: name, subtitle: name, xLabel: name, yLabel: name,
      series: [Series(name, line, color: 0), Series(name, line, shape: .steps, color: nil, isDashed: true)],
      guides: [(Point(0, 0), Point(40, 1))], mark: (20, name)),
    BarChart(
      title: name, subtitle: name, bars: [Bar(name, 0.3), Bar(name, -1e-9), Bar(name, 4, isPale: true)],
      names: (name, name, name)),
    HistogramChart(
      title: name, xLabel: name, limits: [0, 0.5, 1],
      groups: [.init(name, counts: [1, 4], color: 0), .init(name, counts: [0, 0], color: 1)], mark: (0.5, name)),
  ]
}

@Suite struct ChartTests {
  @Test(arguments: hostile) func hostileNamesStayText(name: String) {
    let image = Sheet(charts(named: name)).svg()
    #expect(xmlFault(image) == nil)
    #expect(!image.contains("<script") && !image.contains("<img"))
    #expect(!image.contains("\u{1B}") && !image.contains("\u{202E}"))
  }

  @Test func nothingIsLoaded() {
    let image = Sheet(charts(named: "a")).svg()
    #expect(image.split(separator: "http").count == 2, "only the name of the SVG namespace")
    for word in ["href", "url(", "@import", "@font-face", "<image", "<foreignObject", " on"] {
      #expect(!image.contains(word), "\(word)")
    }
  }

  @Test func theSameChartsGiveTheSameBytes() {
    #expect(Sheet(charts(named: "a")).svg() == Sheet(charts(named: "a")).svg())
  }

  @Test(arguments: [
    [], [Point(1, 1)], [Point(1, 5), Point(1, 5)], [Point(0, 0), Point(1, 0)],
    [Point(-1e300, 1e300), Point(1e300, -1e300)], [Point(.nan, 1), Point(2, .infinity)],
    [Point(0, 1e-300), Point(1e-300, 0)], [Point(1e15, 1e15), Point(1e15 + 1, 1e15 + 1)],
  ])
  func oddRangesAreDrawn(points: [Point]) {
    let chart = LineChart(
      title: "t", xLabel: "x", yLabel: "y", series: [Series("s", points, color: 0)])
    let image = Sheet([chart]).svg()
    #expect(xmlFault(image) == nil)
    #expect(!image.contains("nan") && !image.contains("inf"))
  }

  @Test func barsWithoutHeight() {
    let bars = BarChart(title: "t", bars: [Bar("a", 0), Bar("b", .nan)], names: ("up", "down", "pale"))
    #expect(bars.bars.count == 1)
    #expect(xmlFault(Sheet([bars]).svg()) == nil)
    #expect(xmlFault(Sheet([BarChart(title: "t", bars: [], names: ("", "", ""))]).svg()) == nil)
    #expect(xmlFault(Sheet([]).svg()) == nil)
  }
}

@Suite struct TicksTests {
  @Test func roundNumbers() {
    #expect(Ticks(from: 0, to: 1, about: 5).labels == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks(from: 0, to: 1, about: 10).labels.first == "0")
    #expect(Ticks(from: 0.3, to: 97, about: 5).values == [20, 40, 60, 80])
    #expect(Ticks(from: -3, to: 3, about: 3).labels == ["-2", "0", "2"])
    #expect(Ticks(from: 1, to: 3, about: 10, whole: true).labels == ["1", "2", "3"])
    #expect(Ticks(from: 0, to: 2_500_000, about: 3).values == [0, 1_000_000, 2_000_000])
  }

  @Test(arguments: [(0.0, 1e-9), (-5.0, 1e9), (0.123, 0.124), (1e-300, 2e-300), (-1e300, 1e300)])
  func fewInsideTheRange(limits: (Double, Double)) {
    let ticks = Ticks(from: limits.0, to: limits.1, about: 5)
    #expect(ticks.values.count >= 2 && ticks.values.count <= 11)
    let slack = 1e-6 * (limits.1 / 2 - limits.0 / 2)
    #expect(ticks.values.allSatisfy { $0 >= limits.0 - slack && $0 <= limits.1 + slack })
    #expect(Set(ticks.labels).count == ticks.labels.count)
  }
}
