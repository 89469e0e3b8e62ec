/// The first fault of an XML document, or nil: elements closed in order, attributes quoted and named once, no stray
/// markup character, only the five predefined entities and numeric ones.
func xmlFault(_ document: String) -> String? {
  var checker = XMLChecker(text: Array(document.unicodeScalars))
  return checker.fault()
}

private struct XMLChecker {
  let text: [Unicode.Scalar]
  var place = 0
  var open: [String] = []
  var roots = 0

  init(text: [Unicode.Scalar]) {
    self.text = text
  }

  mutating func fault() -> String? {
    while place < text.count {
      let found = text[place] == "<" ? markup() : content()
      if let found { return "\(found) at \(place)" }
    }
    if !open.isEmpty { return "unclosed \(open)" }
    return roots == 1 ? nil : "\(roots) roots"
  }

  private mutating func content() -> String? {
    let scalar = text[place]
    if scalar.value < 0x20, scalar != "\n" { return "control character" }
    if scalar.value == 0xFFFE || scalar.value == 0xFFFF { return "forbidden character" }
    if scalar == ">" { return "stray >" }
    if scalar == "&" { return entity() }
    place += 1
    return nil
  }

  private mutating func entity() -> String? {
    var name = ""
    place += 1
    while place < text.count, text[place] != ";", name.count < 8 {
      name.unicodeScalars.append(text[place])
      place += 1
    }
    place += 1
    return ["amp", "lt", "gt", "quot", "#39"].contains(name) ? nil : "entity \(name)"
  }

  private mutating func markup() -> String? {
    place += 1
    if text[place] == "!" || text[place] == "?" {
      while place < text.count, text[place] != ">" { place += 1 }
      place += 1
      return nil
    }
    let isEnd = text[place] == "/"
    if isEnd { place += 1 }
    let name = word()
    if name.isEmpty { return "no name" }
    if isEnd {
      guard text[place] == ">" else { return "end tag \(name)" }
      place += 1
      return open.popLast() == name ? nil : "\(name) closes another"
    }
    if open.isEmpty { roots += 1 }
    open.append(name)
    return attributes()
  }

  private mutating func attributes() -> String? {
    var seen: Set<String> = []
    while place < text.count {
      while text[place] == " " || text[place] == "\n" { place += 1 }
      if text[place] == ">" {
        place += 1
        return nil
      }
      if text[place] == "/", text[place + 1] == ">" {
        place += 2
        open.removeLast()
        return nil
      }
      let name = word()
      guard !name.isEmpty, seen.insert(name).inserted else { return "attribute \(name)" }
      guard text[place] == "=", text[place + 1] == "\"" else { return "value of \(name)" }
      place += 2
      while place < text.count, text[place] != "\"" {
        if text[place] == "<" { return "< in \(name)" }
        if let found = content() { return found }
      }
      place += 1
    }
    return "tag not closed"
  }

  private mutating func word() -> String {
    var name = ""
    while place < text.count,
      text[place].properties.isAlphabetic || "0123456789-:_".unicodeScalars.contains(text[place])
    {
      name.unicodeScalars.append(text[place])
      place += 1
    }
    return name
  }
}
