/// A size in pixels.
public struct Size: Sendable, Equatable {
  /// The width in pixels.
  public var width: Double
  /// The height in pixels.
  public var height: Double

  /// Makes a size in pixels.
  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }
}

/// A position in a picture, in pixels; y grows downwards.
struct PixelPoint {
  var x: Double
  var y: Double
}

/// The paint of a shape: its colour on a light background, and the class by which a page recolours it on a dark one.
enum Paint {
  case ink, muted, grid, panel, none
  case series(Int)

  var color: String {
    switch self {
    case .ink: "#1f2328"
    case .muted: "#57606a"
    case .grid: "#e3e6ea"
    case .panel: "#ffffff"
    case .none: "none"
    case .series(let index): Palette.light[index % Palette.light.count]
    }
  }

  var name: String? {
    switch self {
    case .ink: "ink"
    case .muted: "muted"
    case .grid: "grid"
    case .panel: "panel"
    case .none: nil
    case .series(let index): "c\(index % Palette.light.count)"
    }
  }
}

/// Colours that all common forms of colour blindness can distinguish (after Okabe and Ito 2008), darkened where a line
/// on white would be too pale.
enum Palette {
  static let light = ["#0072b2", "#d55e00", "#008a63", "#b3519b", "#b07d00", "#3a9bd9"]
  static let dark = ["#56b4e9", "#f28e4b", "#2bbf94", "#e09ac9", "#e6b422", "#9ad0f5"]
}

/// Collects SVG elements as text.
struct Drawing {
  private(set) var text = ""

  enum Anchor: String {
    case start, middle, end
  }

  /// A coordinate with at most two decimals.
  static func number(_ value: Double) -> String {
    let hundredths = Int((max(-1e9, min(1e9, value)) * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func attribute(_ name: String, _ paint: Paint) -> String {
    " \(name)=\"\(paint.color)\"" + (paint.name.map { " class=\"\(name.prefix(1))-\($0)\"" } ?? "")
  }

  mutating func open(at place: PixelPoint) {
    text += "<g transform=\"translate(\(Self.number(place.x)) \(Self.number(place.y)))\">\n"
  }

  mutating func close() {
    text += "</g>\n"
  }

  mutating func rectangle(
    _ place: PixelPoint, _ size: Size, fill: Paint, opacity: Double = 1, corner: Double = 0, tip: String? = nil
  ) {
    text += "<rect x=\"\(Self.number(place.x))\" y=\"\(Self.number(place.y))\""
    text += " width=\"\(Self.number(size.width))\" height=\"\(Self.number(size.height))\""
    if corner > 0 { text += " rx=\"\(Self.number(corner))\"" }
    text += Self.attribute("fill", fill)
    if opacity < 1 { text += " fill-opacity=\"\(Self.number(opacity))\"" }
    text += tip.map { "><title>\(Markup.escaped($0))</title></rect>\n" } ?? "/>\n"
  }

  mutating func outline(_ place: PixelPoint, _ size: Size, stroke: Paint, width: Double = 1) {
    text += "<rect x=\"\(Self.number(place.x))\" y=\"\(Self.number(place.y))\""
    text += " width=\"\(Self.number(size.width))\" height=\"\(Self.number(size.height))\" fill=\"none\""
    text += Self.attribute("stroke", stroke) + " stroke-width=\"\(Self.number(width))\"/>\n"
  }

  mutating func segments(_ parts: [(PixelPoint, PixelPoint)], stroke: Paint, width: Double = 1) {
    if parts.isEmpty { return }
    text += "<path d=\""
    for (start, end) in parts {
      text += "M\(Self.number(start.x)) \(Self.number(start.y))L\(Self.number(end.x)) \(Self.number(end.y))"
    }
    text += "\"" + Self.attribute("stroke", stroke) + " stroke-width=\"\(Self.number(width))\"/>\n"
  }

  mutating func line(_ start: PixelPoint, _ end: PixelPoint, stroke: Paint, width: Double = 1, dash: String? = nil) {
    text += "<line x1=\"\(Self.number(start.x))\" y1=\"\(Self.number(start.y))\""
    text += " x2=\"\(Self.number(end.x))\" y2=\"\(Self.number(end.y))\""
    text += Self.attribute("stroke", stroke) + " stroke-width=\"\(Self.number(width))\""
    text += dash.map { " stroke-dasharray=\"\($0)\"/>\n" } ?? "/>\n"
  }

  mutating func polyline(_ places: [PixelPoint], stroke: Paint, width: Double, dash: String? = nil) {
    guard !places.isEmpty else { return }
    text += "<polyline fill=\"none\" points=\""
    text += places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    text += "\"" + Self.attribute("stroke", stroke) + " stroke-width=\"\(Self.number(width))\""
    text += " stroke-linejoin=\"round\" stroke-linecap=\"round\""
    text += dash.map { " stroke-dasharray=\"\($0)\"/>\n" } ?? "/>\n"
  }

  mutating func area(_ places: [PixelPoint], fill: Paint, opacity: Double) {
    guard !places.isEmpty else { return }
    text += "<polygon points=\""
    text += places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    text += "\"" + Self.attribute("fill", fill) + " fill-opacity=\"\(Self.number(opacity))\"/>\n"
  }

  mutating func circle(_ place: PixelPoint, radius: Double, fill: Paint, tip: String? = nil) {
    text += "<circle cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\" r=\"\(Self.number(radius))\""
    text += Self.attribute("fill", fill)
    text += tip.map { "><title>\(Markup.escaped($0))</title></circle>\n" } ?? "/>\n"
  }

  mutating func label(
    _ string: String, at place: PixelPoint, size: Double = 12, anchor: Anchor = .start, fill: Paint = .ink,
    bold: Bool = false, upwards: Bool = false
  ) {
    text += "<text x=\"\(Self.number(place.x))\" y=\"\(Self.number(place.y))\" font-size=\"\(Self.number(size))\""
    if anchor != .start { text += " text-anchor=\"\(anchor.rawValue)\"" }
    if bold { text += " font-weight=\"600\"" }
    if upwards { text += " transform=\"rotate(-90 \(Self.number(place.x)) \(Self.number(place.y)))\"" }
    text += Self.attribute("fill", fill) + ">\(Markup.escaped(string))</text>\n"
  }
}

/// A rough estimate of the width of a text in a sans-serif font, in pixels: SVG cannot measure without a script.
enum TextWidth {
  static func estimate(_ text: String, size: Double) -> Double {
    var units = 0.0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]", "f", "t", "r": units += 0.36
      case "m", "w", "M", "W", "@", "%": units += 0.92
      case "A"..."Z": units += 0.7
      default: units += scalar.isASCII ? 0.58 : 0.95
      }
    }
    return units * size
  }
}
