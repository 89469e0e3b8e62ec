/// Something that can be drawn: a chart of a fixed size.
public protocol Figure: Sendable {
  /// The size in pixels.
  var size: Size { get }

  /// What the figure shows, for readers who can't see it.
  var summary: String { get }

  /// The SVG elements of the figure, from (0, 0) to its size.
  func elements() -> String
}

/// A point of a series, in the units of the data.
public struct Point: Sendable, Equatable {
  /// The place on the level axis.
  public var x: Double
  /// The place on the upright axis.
  public var y: Double

  /// A point.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Figures side by side in one SVG image: no script, no font and no address to load.
public struct Sheet: Sendable {
  /// The figures, row by row.
  public var figures: [any Figure]
  /// How many figures stand in a row.
  public var columns: Int

  /// Figures in rows of so many columns.
  public init(_ figures: [any Figure], columns: Int = 2) {
    self.figures = figures
    self.columns = max(1, columns)
  }

  /// The image as an XML document with an opaque ground; the same figures give the same bytes.
  public func svg() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + element()
  }

  /// The image as an element, for a page.
  func element() -> String {
    let gap = 16.0
    var (body, places) = (Drawing(), [Place]())
    var (y, width) = (gap, 0.0)
    for start in stride(from: 0, to: figures.count, by: columns) {
      let row = figures[start..<min(start + columns, figures.count)]
      var x = gap
      for figure in row {
        places.append(Place(x: x, y: y))
        x += figure.size.width + gap
      }
      width = max(width, x)
      y += (row.map(\.size.height).max() ?? 0) + gap
    }
    body.rectangle(Place(x: 0, y: 0), Size(width: width, height: y), fill: .panel)
    var content = body.text
    for (figure, place) in zip(figures, places) {
      var group = Drawing()
      group.open(at: place)
      content += group.text + figure.elements() + "</g>\n"
    }
    let (wide, high) = (Drawing.number(width), Drawing.number(y))
    let title = Markup.escaped(figures.map(\.summary).joined(separator: "; "))
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(wide)\" height=\"\(high)\""
      + " viewBox=\"0 0 \(wide) \(high)\" role=\"img\""
      + " font-family=\"system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif\">\n"
      + "<title>\(title)</title>\n\(content)</svg>\n"
  }
}
