extension JSON {
  /// Parses one JSON text, strictly; throws a `JSONFailure` with the offset of the first fault.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int = 64) throws -> JSON {
    if let bad = UTF8Text.firstInvalid(in: bytes) { throw JSONFailure("not UTF-8", at: bad, in: bytes) }
    var parser = JSONParser(bytes, maxDepth: maxDepth)
    return try parser.document()
  }

  /// Parses one JSON text, strictly; throws a `JSONFailure`.
  public static func parse(_ bytes: [UInt8], maxDepth: Int = 64) throws -> JSON {
    try bytes.withUnsafeBufferPointer { try parse($0, maxDepth: maxDepth) }
  }

  /// Parses one JSON text, strictly; throws a `JSONFailure`.
  public static func parse(_ text: String, maxDepth: Int = 64) throws -> JSON {
    try parse(Array(text.utf8), maxDepth: maxDepth)
  }
}

/// A recursive-descent parser over valid UTF-8; the depth limit is checked before each descent.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let maxDepth: Int
  private var i = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
    self.bytes = bytes
    self.maxDepth = maxDepth
  }

  mutating func document() throws -> JSON {
    skipBlanks()
    let value = try value(depth: 0)
    skipBlanks()
    if i < bytes.count { throw failure("more text after the value") }
    return value
  }

  private func failure(_ message: String) -> JSONFailure { JSONFailure(message, at: i, in: bytes) }

  private var current: UInt8? { i < bytes.count ? bytes[i] : nil }

  private mutating func skipBlanks() {
    while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x0A || bytes[i] == 0x0D || bytes[i] == 0x09 { i += 1 }
  }

  private mutating func value(depth: Int) throws -> JSON {
    guard let first = current else { throw failure("ends too early") }
    switch first {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("no value starts like this")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
    let count = text.utf8CodeUnitCount
    guard i + count <= bytes.count else { throw failure("ends too early") }
    for k in 0..<count where bytes[i + k] != text.utf8Start[k] { throw failure("no value starts like this") }
    i += count
    return value
  }

  private mutating func number() throws -> JSON {
    let start = bytes.baseAddress! + i
    var value = 0.0
    guard let end = NumberText.scan(start, bytes.baseAddress! + bytes.count, into: &value) else {
      throw failure("not a finite number as JSON writes them")
    }
    let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    i += end - start
    return .number(value, text: text)
  }

  private mutating func array(depth: Int) throws -> JSON {
    if depth > maxDepth { throw failure("nested deeper than \(maxDepth)") }
    i += 1
    skipBlanks()
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      i += 1
      return .array(elements)
    }
    while true {
      skipBlanks()
      elements.append(try value(depth: depth))
      skipBlanks()
      guard let next = current else { throw failure("ends inside an array") }
      guard next == UInt8(ascii: ",") || next == UInt8(ascii: "]") else { throw failure("',' or ']' is missing") }
      i += 1
      if next == UInt8(ascii: "]") { return .array(elements) }
    }
  }

  private mutating func object(depth: Int) throws -> JSON {
    if depth > maxDepth { throw failure("nested deeper than \(maxDepth)") }
    i += 1
    skipBlanks()
    var members: [JSON.Member] = []
    var seen = Set<[UInt8]>()
    if current == UInt8(ascii: "}") {
      i += 1
      return .object(members)
    }
    while true {
      skipBlanks()
      guard current == UInt8(ascii: "\"") else { throw failure("a key in quotes is missing") }
      let start = i
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else {
        i = start
        throw failure("key \(Diagnostic.quoted(key)) twice in one object")
      }
      skipBlanks()
      guard current == UInt8(ascii: ":") else { throw failure("':' is missing") }
      i += 1
      skipBlanks()
      members.append(JSON.Member(key, try value(depth: depth)))
      skipBlanks()
      guard let next = current else { throw failure("ends inside an object") }
      guard next == UInt8(ascii: ",") || next == UInt8(ascii: "}") else { throw failure("',' or '}' is missing") }
      i += 1
      if next == UInt8(ascii: "}") { return .object(members) }
    }
  }

  private mutating func string() throws -> String {
    i += 1
    var start = i
    var text: [UInt8] = []
    while i < bytes.count {
      switch bytes[i] {
      case UInt8(ascii: "\""):
        text.append(contentsOf: bytes[start..<i])
        i += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[start..<i])
        try escape(into: &text)
        start = i
      case 0..<0x20: throw failure("a control byte inside a string")
      default: i += 1
      }
    }
    throw failure("ends inside a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard i + 1 < bytes.count else { throw failure("ends inside a string") }
    let kind = bytes[i + 1]
    let plain: UInt8? =
      switch kind {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): kind
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0C
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      default: nil
      }
    if let plain {
      text.append(plain)
      i += 2
      return
    }
    guard kind == UInt8(ascii: "u"), let high = hex4(at: i + 2) else { throw failure("an unknown escape") }
    var code = high
    var length = 6
    if high & 0xF800 == 0xD800 {
      guard high < 0xDC00, i + 7 < bytes.count, bytes[i + 6] == UInt8(ascii: "\\"), bytes[i + 7] == UInt8(ascii: "u"),
        let low = hex4(at: i + 8), low & 0xFC00 == 0xDC00
      else { throw failure("half a surrogate pair") }
      code = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
      length = 12
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("an unknown escape") }
    text.append(contentsOf: UTF8.encode(scalar)!)
    i += length
  }

  private func hex4(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for byte in bytes[start..<start + 4] {
      switch byte {
      case 48...57: code = code << 4 | UInt32(byte - 48)
      case 65...70: code = code << 4 | UInt32(byte - 55)
      case 97...102: code = code << 4 | UInt32(byte - 87)
      default: return nil
      }
    }
    return code
  }
}
