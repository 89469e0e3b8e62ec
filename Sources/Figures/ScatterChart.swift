/// Points in a plane, coloured by group: a map of the rows of a table.
public struct ScatterChart: Figure {
  /// A point with its name, and the number of its group; nil: none, drawn pale below the others.
  public struct Dot: Sendable {
    /// The position.
    public var place: Point
    /// The name that a reader sees over the point.
    public var name: String
    /// The group.
    public var group: Int?

    /// Makes a point.
    public init(_ place: Point, name: String, group: Int? = nil) {
      (self.place, self.name, self.group) = (place, name, group)
    }
  }

  /// The title above the chart.
  public var title: String
  /// A smaller line below the title.
  public var subtitle: String?
  /// The labels of the axes.
  public var (xLabel, yLabel): (String, String)
  /// The names of the groups; those beyond the colours share them.
  public var groups: [String]
  /// The points.
  public var dots: [Dot]
  /// The size in pixels.
  public var size: Size

  /// Makes a chart of points.
  public init(
    title: String, subtitle: String? = nil, xLabel: String, yLabel: String, groups: [String] = [], dots: [Dot],
    size: Size = Size(width: 720, height: 640)
  ) {
    (self.title, self.subtitle, self.xLabel, self.yLabel) = (title, subtitle, xLabel, yLabel)
    (self.groups, self.dots, self.size) = (groups, dots, size)
  }

  /// The groups that a legend names: those with a colour of their own.
  private static let mostNamed = Palette.light.count

  /// The title.
  public var summary: String { title }

  /// The chart as SVG elements.
  public func elements() -> String {
    var drawing = Drawing()
    let legend = Legend(
      groups.prefix(Self.mostNamed).enumerated().map { Legend.Entry(name: $0.element, paint: .series($0.offset)) })
    let top = Heading(title: title, subtitle: subtitle).draw(on: &drawing)
    let frame = Frame(
      size: size, top: legend.draw(on: &drawing, top: top, width: size.width),
      x: Scale.range(of: dots.lazy.map(\.place.x)), y: Scale.range(of: dots.lazy.map(\.place.y)), xLabel: xLabel,
      yLabel: yLabel)
    frame.draw(on: &drawing)
    for dot in dots where dot.group == nil {
      drawing.circle(frame.place(dot.place), radius: 1.5, fill: .grid, tip: dot.name)
    }
    for dot in dots {
      if let group = dot.group {
        drawing.circle(frame.place(dot.place), radius: 3, fill: .series(group), tip: dot.name)
      }
    }
    return drawing.text
  }
}
