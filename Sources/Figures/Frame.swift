/// The title lines of a chart.
struct Heading {
  let title: String
  let subtitle: String?

  /// Draws from the top and returns the y below the heading.
  func draw(on drawing: inout Drawing) -> Double {
    drawing.label(title, at: PixelPoint(x: 4, y: 17), size: 15, bold: true)
    guard let subtitle else { return 28 }
    drawing.label(subtitle, at: PixelPoint(x: 4, y: 35), fill: .muted)
    return 46
  }
}

/// The legend of a chart: names with their colours, in rows.
struct Legend {
  struct Entry {
    let name: String
    let paint: Paint
    var dash: String?
    var isLine = false
    var opacity = 1.0
  }
  let entries: [Entry]

  init(_ entries: [Entry]) {
    self.entries = entries
  }

  /// Draws rows below `top`, as wide as the chart, and returns the y below them.
  func draw(on drawing: inout Drawing, top: Double, width: Double) -> Double {
    guard !entries.isEmpty else { return top }
    var place = PixelPoint(x: 4, y: top + 6)
    for entry in entries {
      let name = Markup.shortened(Markup.visible(entry.name), to: 48)
      let length = 28 + TextWidth.estimate(name, size: 12) + 16
      if place.x > 4, place.x + length > width { place = PixelPoint(x: 4, y: place.y + 18) }
      if entry.isLine {
        drawing.line(
          place, PixelPoint(x: place.x + 20, y: place.y), stroke: entry.paint, width: entry.dash == nil ? 2.5 : 2,
          dash: entry.dash)
      } else {
        drawing.rectangle(
          PixelPoint(x: place.x + 4, y: place.y - 6), Size(width: 12, height: 12), fill: entry.paint,
          opacity: entry.opacity, corner: 2)
      }
      drawing.label(name, at: PixelPoint(x: place.x + 26, y: place.y + 4))
      place.x += length
    }
    return place.y + 18
  }
}

/// The plotting area with its axes, ticks and grid.
struct Frame {
  let x: Scale
  let y: Scale
  private let xTicks: Ticks
  private let yTicks: Ticks
  private let size: Size
  private let xLabel: String
  private let yLabel: String

  init(
    size: Size, top: Double, x xRange: ClosedRange<Double>, y yRange: ClosedRange<Double>, xLabel: String,
    yLabel: String, wholeX: Bool = false
  ) {
    let bottom = size.height - 46
    yTicks = Ticks(from: yRange.lowerBound, to: yRange.upperBound, about: max(2, Int((bottom - top) / 48)))
    let widest = yTicks.labels.map { TextWidth.estimate($0, size: 11) }.max() ?? 0
    let left = 22 + max(20, widest) + 8
    xTicks = Ticks(
      from: xRange.lowerBound, to: xRange.upperBound, about: max(2, Int((size.width - left) / 70)),
      whole: wholeX)
    x = Scale(lower: xRange.lowerBound, upper: xRange.upperBound, start: left, end: size.width - 14)
    y = Scale(lower: yRange.lowerBound, upper: yRange.upperBound, start: bottom, end: top + 4)
    self.size = size
    self.xLabel = xLabel
    self.yLabel = yLabel
  }

  func place(_ point: Point) -> PixelPoint {
    PixelPoint(x: x(point.x), y: y(point.y))
  }

  func draw(on drawing: inout Drawing) {
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      drawing.line(PixelPoint(x: x.start, y: y(value)), PixelPoint(x: x.end, y: y(value)), stroke: .grid)
      drawing.label(label, at: PixelPoint(x: x.start - 7, y: y(value) + 4), size: 11, anchor: .end, fill: .muted)
    }
    for (value, label) in zip(xTicks.values, xTicks.labels) {
      drawing.line(PixelPoint(x: x(value), y: y.start), PixelPoint(x: x(value), y: y.start + 4), stroke: .muted)
      drawing.label(label, at: PixelPoint(x: x(value), y: y.start + 17), size: 11, anchor: .middle, fill: .muted)
    }
    drawing.line(PixelPoint(x: x.start, y: y.start), PixelPoint(x: x.end, y: y.start), stroke: .muted)
    drawing.label(
      xLabel, at: PixelPoint(x: (x.start + x.end) / 2, y: y.start + 36), anchor: .middle)
    drawing.label(
      yLabel, at: PixelPoint(x: 14, y: (y.start + y.end) / 2), anchor: .middle, upwards: true)
  }
}
