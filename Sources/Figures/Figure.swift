/// A chart of a fixed size.
public protocol Figure: Sendable {
  /// The size in pixels.
  var size: Size { get }

  /// A description for readers who cannot see the figure.
  var summary: String { get }

  /// The SVG elements of the figure, from (0, 0) to its size.
  func elements() -> String
}

/// A point of a series, in the units of the data.
public struct Point: Sendable, Equatable {
  /// The horizontal coordinate.
  public var x: Double
  /// The vertical coordinate.
  public var y: Double

  /// Makes a point.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Figures in a grid, as one SVG image without scripts, fonts or addresses to load.
public struct Sheet: Sendable {
  /// The figures, row by row.
  public var figures: [any Figure]
  /// The number of figures in a row.
  public var columns: Int

  /// Makes a sheet of figures with `columns` figures in a row.
  public init(_ figures: [any Figure], columns: Int = 2) {
    self.figures = figures
    self.columns = max(1, columns)
  }

  /// Returns the image as an XML document with an opaque background; the same figures give the same bytes.
  public func svg() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Self.image(of: figures, columns: columns, gap: 16)
  }

  /// Returns an image for each figure, for a page, which places them side by side or, on narrow screens, in a column.
  func elements() -> String { figures.map { Self.image(of: [$0], columns: 1, gap: 8) }.joined() }

  private static func image(of figures: [any Figure], columns: Int, gap: Double) -> String {
    var (body, places) = (Drawing(), [PixelPoint]())
    var (y, width) = (gap, 0.0)
    for start in stride(from: 0, to: figures.count, by: columns) {
      let row = figures[start..<min(start + columns, figures.count)]
      var x = gap
      for figure in row {
        places.append(PixelPoint(x: x, y: y))
        x += figure.size.width + gap
      }
      width = max(width, x)
      y += (row.map(\.size.height).max() ?? 0) + gap
    }
    body.rectangle(PixelPoint(x: 0, y: 0), Size(width: width, height: y), fill: .panel)
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
