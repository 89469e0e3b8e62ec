/// A named line of a chart.
public struct Series: Sendable {
  /// The way a line connects its points.
  public enum Shape: Sendable {
    /// Straight segments.
    case line
    /// Steps: the value of a point applies from the previous point on (precision over recall).
    case steps
  }

  /// The name in the legend.
  public var name: String
  /// The points in their order; those that are not finite are left out.
  public var points: [Point]
  /// The way the line connects its points.
  public var shape: Shape
  /// The index of its colour in the palette; nil is grey.
  public var color: Int?
  /// Whether the line is thin and dashed, as for a baseline.
  public var isDashed: Bool

  /// Makes a line through points.
  public init(_ name: String, _ points: [Point], shape: Shape = .line, color: Int?, isDashed: Bool = false) {
    self.name = name
    self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    self.shape = shape
    self.color = color
    self.isDashed = isDashed
  }

  var paint: Paint { color.map { .series($0) } ?? .muted }
  var dash: String? { isDashed ? "5 4" : nil }
}

/// Lines over two axes: training curves, ROC and precision-recall curves.
public struct LineChart: Figure {
  /// The title above the chart.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String?
  /// The label of the horizontal axis.
  public var xLabel: String
  /// The label of the vertical axis.
  public var yLabel: String
  /// The lines; the first is drawn on top.
  public var series: [Series]
  /// The range of the horizontal axis; nil is the range of the points.
  public var xRange: ClosedRange<Double>?
  /// The range of the vertical axis; nil is the range of the points.
  public var yRange: ClosedRange<Double>?
  /// Thin grey lines for comparison, as chance in a ROC plot.
  public var guides: [(from: Point, to: Point)]
  /// A vertical line at an x, with its name.
  public var mark: (x: Double, name: String)?
  /// The size in pixels.
  public var size: Size

  /// Makes a chart of lines.
  public init(
    title: String, subtitle: String? = nil, xLabel: String, yLabel: String, series: [Series],
    xRange: ClosedRange<Double>? = nil, yRange: ClosedRange<Double>? = nil,
    guides: [(from: Point, to: Point)] = [], mark: (x: Double, name: String)? = nil,
    size: Size = Size(width: 440, height: 400)
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.xRange = xRange
    self.yRange = yRange
    self.guides = guides
    self.mark = mark
    self.size = size
  }

  /// The title.
  public var summary: String { title }

  /// The chart as SVG elements.
  public func elements() -> String {
    var drawing = Drawing()
    let legend = Legend(series.map { Legend.Entry(name: $0.name, paint: $0.paint, dash: $0.dash, isLine: true) })
    let top = Heading(title: title, subtitle: subtitle).draw(on: &drawing)
    let plotTop = legend.draw(on: &drawing, top: top, width: size.width)
    let frame = Frame(
      size: size, top: plotTop,
      x: xRange ?? Scale.range(of: series.lazy.flatMap { $0.points.lazy.map(\.x) }, margin: 0),
      y: yRange ?? Scale.range(of: series.lazy.flatMap { $0.points.lazy.map(\.y) }),
      xLabel: xLabel, yLabel: yLabel,
      wholeX: xRange == nil && Scale.isWhole(series.lazy.flatMap(\.points)))
    frame.draw(on: &drawing)
    for guide in guides {
      drawing.line(frame.place(guide.from), frame.place(guide.to), stroke: .muted, dash: "2 3")
    }
    drawMark(in: frame, on: &drawing)
    for line in series.reversed() { draw(line, in: frame, on: &drawing) }
    return drawing.text
  }

  private func drawMark(in frame: Frame, on drawing: inout Drawing) {
    guard let mark, mark.x >= frame.x.lower, mark.x <= frame.x.upper else { return }
    let x = frame.x(mark.x)
    drawing.line(PixelPoint(x: x, y: frame.y.end), PixelPoint(x: x, y: frame.y.start), stroke: .muted, dash: "4 3")
    let isRight = x > (frame.x.start + frame.x.end) / 2
    drawing.label(
      mark.name, at: PixelPoint(x: x + (isRight ? -6 : 6), y: frame.y.end + 13), size: 11,
      anchor: isRight ? .end : .start, fill: .muted)
  }

  private func draw(_ line: Series, in frame: Frame, on drawing: inout Drawing) {
    if line.points.count == 1 {
      drawing.circle(frame.place(line.points[0]), radius: 3.5, fill: line.paint)
      return
    }
    var places: [PixelPoint] = []
    for (index, point) in line.points.enumerated() {
      let place = frame.place(point)
      if line.shape == .steps {
        places.append(PixelPoint(x: index == 0 ? frame.x.start : places[places.count - 1].x, y: place.y))
      }
      places.append(place)
    }
    drawing.polyline(places, stroke: line.paint, width: line.isDashed ? 1.5 : 2, dash: line.dash)
  }
}
