/// Text made safe for XML and HTML.
public enum Markup {
  /// The text with markup characters as entities, fit for content and for quoted attributes.
  ///
  /// Control characters become their visible pictures (U+2400…), characters XML 1.0 forbids and those that turn the
  /// direction of writing become U+FFFD: an id is data and must not reorder or break the text around it.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in visible(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text without control characters and without marks of direction, for a terminal or a page.
  public static func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x00...0x1F: result.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      case 0x7F: result += "\u{2421}"
      case 0x80...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE, 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Shortens a text to at most `limit` characters by cutting out its middle.
  public static func shortened(_ text: String, to limit: Int) -> String {
    guard text.count > limit, limit > 3 else { return text }
    let tail = (limit - 1) / 2
    return text.prefix(limit - 1 - tail) + "…" + text.suffix(tail)
  }
}
