/// A named, signed value of a bar chart.
public struct Bar: Sendable {
  /// The name beside the bar.
  public var name: String
  /// The signed length of the bar.
  public var value: Double
  /// Whether the bar is drawn pale, for comparison (a feature that the rule did not select).
  public var isPale: Bool

  /// Makes a bar.
  public init(_ name: String, _ value: Double, isPale: Bool = false) {
    self.name = name
    self.value = value
    self.isPale = isPale
  }
}

/// Horizontal bars on both sides of zero: the attribution of features.
public struct BarChart: Figure {
  /// The title above the chart.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String?
  /// The bars from top to bottom; those that are not finite are left out.
  public var bars: [Bar]
  /// The legend of bars to the right, bars to the left and pale bars.
  public var names: (positive: String, negative: String, pale: String)
  /// The width in pixels; the height follows from the bars.
  public var width: Double

  /// Makes a chart of bars.
  public init(
    title: String, subtitle: String? = nil, bars: [Bar],
    names: (positive: String, negative: String, pale: String), width: Double = 896
  ) {
    self.title = title
    self.subtitle = subtitle
    self.bars = bars.filter(\.value.isFinite)
    self.names = names
    self.width = width
  }

  private static let rowHeight = 21.0
  private static let nameLimit = 44

  /// The title.
  public var summary: String { title }

  /// The size in pixels.
  public var size: Size {
    var ignored = Drawing()
    return Size(width: width, height: drawTop(on: &ignored) + Double(bars.count) * Self.rowHeight + 26)
  }

  private func drawTop(on drawing: inout Drawing) -> Double {
    let top = Heading(title: title, subtitle: subtitle).draw(on: &drawing)
    var entries: [Legend.Entry] = []
    if bars.contains(where: { $0.value > 0 }) { entries.append(.init(name: names.positive, paint: .series(0))) }
    if bars.contains(where: { $0.value < 0 }) { entries.append(.init(name: names.negative, paint: .series(1))) }
    if bars.contains(where: \.isPale), bars.contains(where: { !$0.isPale }) {
      entries.append(.init(name: names.pale, paint: .muted, opacity: 0.35))
    }
    return Legend(entries).draw(on: &drawing, top: top, width: width)
  }

  /// The chart as SVG elements.
  public func elements() -> String {
    var drawing = Drawing()
    let top = drawTop(on: &drawing)
    let shown = bars.map { Markup.shortened(Markup.visible($0.name), to: Self.nameLimit) }
    let left = 12 + (shown.map { TextWidth.estimate($0, size: 12) }.max() ?? 0)
    let scale = scale(from: left + 66, to: width - 62)
    let bottom = top + Double(bars.count) * Self.rowHeight
    let ticks = Ticks(from: scale.lower, to: scale.upper, about: 5)
    for (value, label) in zip(ticks.values, ticks.labels) {
      drawing.line(PixelPoint(x: scale(value), y: top), PixelPoint(x: scale(value), y: bottom), stroke: .grid)
      drawing.label(label, at: PixelPoint(x: scale(value), y: bottom + 17), size: 11, anchor: .middle, fill: .muted)
    }
    for (index, bar) in bars.enumerated() {
      draw(bar, named: shown[index], row: top + Double(index) * Self.rowHeight, left: left, scale, on: &drawing)
    }
    drawing.line(PixelPoint(x: scale(0), y: top), PixelPoint(x: scale(0), y: bottom), stroke: .muted)
    return drawing.text
  }

  private func scale(from start: Double, to end: Double) -> Scale {
    let lowest = min(0, bars.map(\.value).min() ?? 0)
    let highest = max(0, bars.map(\.value).max() ?? 0)
    let isFlat = highest - lowest == 0 || !(highest - lowest).isFinite
    return Scale(lower: isFlat ? -1 : lowest, upper: isFlat ? 1 : highest, start: start, end: end)
  }

  private func draw(
    _ bar: Bar, named name: String, row: Double, left: Double, _ scale: Scale, on drawing: inout Drawing
  ) {
    let (zero, end) = (scale(0), scale(bar.value))
    drawing.label(name, at: PixelPoint(x: left, y: row + 14.5), anchor: .end, fill: bar.isPale ? .muted : .ink)
    drawing.rectangle(
      PixelPoint(x: min(zero, end), y: row + 3), Size(width: max(0.75, abs(end - zero)), height: Self.rowHeight - 6),
      fill: .series(bar.value < 0 ? 1 : 0), opacity: bar.isPale ? 0.35 : 1, corner: 1.5,
      tip: "\(bar.name): \(Ticks.compact(bar.value))")
    let number = (bar.value < 0 ? "−" : "") + Ticks.compact(abs(bar.value))
    drawing.label(
      number, at: PixelPoint(x: bar.value < 0 ? end - 5 : end + 5, y: row + 14.5), size: 11,
      anchor: bar.value < 0 ? .end : .start, fill: .muted)
  }
}
