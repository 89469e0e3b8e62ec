/// A JSON value, read strictly (RFC 8259): no duplicate keys, no lone surrogates, finite numbers, well-formed UTF-8.
public indirect enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double, text: String)
  case string(String)
  case array([JSON])
  case object([Member])

  /// One key and its value.
  public struct Member: Sendable, Equatable {
    /// The key, unescaped.
    public var key: String
    /// Its value.
    public var value: JSON

    /// Makes a member.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// Makes a number with its shortest text; the value must be finite.
  public static func number(_ value: Double) -> JSON { .number(value, text: NumberText.text(value)) }

  /// Makes a whole number.
  public static func integer(_ value: Int) -> JSON { .number(Double(value), text: String(value)) }

  /// Makes an object of a literal.
  public static func object(_ members: KeyValuePairs<String, JSON>) -> JSON {
    .object(members.map { Member($0.key, $0.value) })
  }

  /// The value of a member, if this is an object that has it.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The text, if this is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The value, if this is a number.
  public var double: Double? {
    if case .number(let value, _) = self { value } else { nil }
  }

  /// The value, if this is a number written as an integer that fits.
  public var int: Int? {
    guard case .number(_, var text) = self else { return nil }
    return text.withUTF8 { NumberText.integer($0) }
  }

  /// The value, if this is true or false.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members in their order, if this is an object.
  public var members: [(String, JSON)]? {
    if case .object(let members) = self { members.map { ($0.key, $0.value) } } else { nil }
  }

  /// The value as compact JSON text.
  public var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the value as compact JSON text.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(_, let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): JSON.append(quoted: text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (i, element) in elements.enumerated() {
        if i > 0 { bytes.append(UInt8(ascii: ",")) }
        element.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (i, member) in members.enumerated() {
        if i > 0 { bytes.append(UInt8(ascii: ",")) }
        JSON.append(quoted: member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Appends a text as a quoted JSON string.
  public static func append(quoted text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      for byte in utf8 {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
          bytes.append(contentsOf: "\\u00".utf8)
          bytes.append(contentsOf: SHA256.hex([byte]).utf8)
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

/// The first fault of a JSON text, with its location.
public struct JSONFailure: Diagnosable {
  /// The fault, with the offending value.
  public let message: String
  /// Offset of the offending byte, from 0.
  public let offset: Int
  /// The line of that offset, from 1.
  public let line: Int
  /// The byte column, from 1; 0 where unknown.
  public let column: Int

  init(_ message: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    self.message = message
    self.offset = offset
    var line = 1
    var start = 0
    for i in 0..<min(offset, bytes.count) where bytes[i] == 0x0A {
      line += 1
      start = i + 1
    }
    self.line = line
    column = offset - start + 1
  }

  /// The text, place and exit status of this error.
  public var diagnostic: Diagnostic {
    Diagnostic(.data, "not valid JSON: \(message)", at: SourceLocation(source: "JSON", line: line, column: column))
  }
}
