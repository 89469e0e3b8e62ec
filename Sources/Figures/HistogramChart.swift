/// Overlaid histograms of several groups in the same bins: the scores of positive and negative rows.
public struct HistogramChart: Figure {
  /// A group of rows with one histogram.
  public struct Group: Sendable {
    /// The name in the legend.
    public var name: String
    /// The number of rows in each bin.
    public var counts: [Int]
    /// The index of its colour in the palette.
    public var color: Int

    /// Makes a group of its counts.
    public init(_ name: String, counts: [Int], color: Int) {
      self.name = name
      self.counts = counts
      self.color = color
    }
  }

  /// The title above the chart.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String?
  /// The label of the horizontal axis.
  public var xLabel: String
  /// The bin edges, bins + 1 of them, ascending.
  public var limits: [Double]
  /// The groups, the last on top.
  public var groups: [Group]
  /// A vertical line at an x, with its name.
  public var mark: (x: Double, name: String)?
  /// The size in pixels.
  public var size: Size

  /// Makes a histogram; precondition: each group has one count per bin.
  public init(
    title: String, subtitle: String? = nil, xLabel: String, limits: [Double], groups: [Group],
    mark: (x: Double, name: String)? = nil, size: Size = Size(width: 440, height: 400)
  ) {
    precondition(groups.allSatisfy { $0.counts.count + 1 == limits.count }, "one count a bin")
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.limits = limits
    self.groups = groups
    self.mark = mark
    self.size = size
  }

  /// The title.
  public var summary: String { title }

  /// The chart as SVG elements.
  public func elements() -> String {
    var drawing = Drawing()
    let legend = Legend(groups.map { Legend.Entry(name: $0.name, paint: .series($0.color), opacity: 0.6) })
    let top = Heading(title: title, subtitle: subtitle).draw(on: &drawing)
    let plotTop = legend.draw(on: &drawing, top: top, width: size.width)
    let shares = groups.map { group -> [Double] in
      let total = max(1, group.counts.reduce(0, +))
      return group.counts.map { Double($0) / Double(total) }
    }
    let highest = max(1e-9, shares.joined().max() ?? 0)
    guard let first = limits.first, let last = limits.last, first < last else { return drawing.text }
    let frame = Frame(
      size: size, top: plotTop, x: first...last, y: 0...(highest * 1.06), xLabel: xLabel,
      yLabel: "share of the rows of a class")
    frame.draw(on: &drawing)
    for (group, heights) in zip(groups, shares) {
      let outline = outline(heights, in: frame)
      drawing.area(outline, fill: .series(group.color), opacity: 0.22)
      drawing.polyline(outline, stroke: .series(group.color), width: 1.75)
    }
    if let mark, mark.x > first, mark.x < last {
      let x = frame.x(mark.x)
      drawing.line(PixelPoint(x: x, y: frame.y.end), PixelPoint(x: x, y: frame.y.start), stroke: .muted, dash: "4 3")
      drawing.label(mark.name, at: PixelPoint(x: x + 6, y: frame.y.end + 13), size: 11, fill: .muted)
    }
    return drawing.text
  }

  private func outline(_ heights: [Double], in frame: Frame) -> [PixelPoint] {
    var places = [frame.place(Point(limits[0], 0))]
    for (bin, height) in heights.enumerated() {
      places.append(frame.place(Point(limits[bin], height)))
      places.append(frame.place(Point(limits[bin + 1], height)))
    }
    places.append(frame.place(Point(limits[limits.count - 1], 0)))
    return places
  }
}
