/// The exit statuses of the tools, after sysexits.h; those above 128 mean that a signal ended the tool.
public enum ExitCode: Int32, Sendable {
  case success = 0
  case conditionFailed = 1
  case usage = 64
  case data = 65
  case noInput = 66
  case software = 70
  case cannotCreate = 73
  case io = 74
  case hangUp = 129
  case interrupted = 130
  case terminated = 143
}

/// A location in an input: its name, line and byte column, both from 1, where 0 means "unknown".
public struct SourceLocation: Sendable, Equatable {
  /// The name of the input.
  public var source: String
  /// The line, from 1; 0 where unknown.
  public var line: Int
  /// The byte column, from 1; 0 where unknown.
  public var column: Int

  /// Makes a location; leave out what is unknown.
  public init(source: String, line: Int = 0, column: Int = 0) {
    self.source = source
    self.line = line
    self.column = column
  }

  /// The location as `source:line:column`, without the unknown parts.
  public var text: String {
    var text = source
    if line > 0 {
      text += ":\(line)"
      if column > 0 { text += ":\(column)" }
    }
    return text
  }
}

/// A message to the user: one line with the location and the offending value, and a hint where one helps.
public struct Diagnostic: Sendable {
  /// The exit status of a tool that ends with this message.
  public var code: ExitCode
  /// The location of the fault, if it has one.
  public var place: SourceLocation?
  /// The fault, with the offending value.
  public var message: String
  /// The text to type against the fault, where one helps.
  public var hint: String?
  /// The group in which a frequent warning is counted; nil for a single one.
  public var topic: String?

  /// Makes a diagnostic; `message` is lower case and ends without a stop, `hint` says what to type.
  public init(_ code: ExitCode, _ message: String, at place: SourceLocation? = nil, hint: String? = nil) {
    self.code = code
    self.message = message
    self.place = place
    self.hint = hint
  }

  /// The diagnostic for a terminal or a log: `tool: place: message`, then `  hint: …`; control bytes are escaped.
  public func text(tool: String) -> String {
    var line = tool + ": "
    if let place { line += Diagnostic.escaped(place.text) + ": " }
    line += Diagnostic.escaped(message) + "\n"
    if let hint { line += "  hint: " + Diagnostic.escaped(hint) + "\n" }
    return line
  }

  /// The diagnostic as one JSON object on one line, without a line break at its end.
  public func json(tool: String) -> String {
    var members: [JSON.Member] = [.init("tool", .string(tool)), .init("status", .integer(Int(code.rawValue)))]
    if let place {
      members.append(.init("source", .string(place.source)))
      if place.line > 0 { members.append(.init("line", .integer(place.line))) }
      if place.column > 0 { members.append(.init("column", .integer(place.column))) }
    }
    members.append(.init("message", .string(message)))
    if let hint { members.append(.init("hint", .string(hint))) }
    return JSON.object(members).text
  }

  /// The text with control characters and marks of writing direction escaped, so that it cannot steer a terminal.
  public static func escaped(_ text: String) -> String {
    var clean = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: clean += "\\t"
      case 0x0A: clean += "\\n"
      case 0x0D: clean += "\\r"
      case 0..<0x20, 0x7F..<0xA0: clean += "\\x" + hex(scalar.value, width: 2)
      case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
        clean += "\\u{" + hex(scalar.value, width: 4) + "}"
      default: clean.unicodeScalars.append(scalar)
      }
    }
    return clean
  }

  /// A value in quotes for a message: escaped, and cut after 40 characters.
  public static func quoted(_ text: some StringProtocol) -> String {
    let short = text.unicodeScalars.prefix(41)
    var value = String(String.UnicodeScalarView(short.prefix(40)))
    if short.count > 40 { value += "…" }
    return "'" + escaped(value) + "'"
  }

  /// Bytes in quotes for a message; bytes that are not UTF-8 are written `\xNN`.
  public static func quoted(bytes: UnsafeBufferPointer<UInt8>) -> String {
    let head = UnsafeBufferPointer(rebasing: bytes.prefix(160))
    if UTF8Text.firstInvalid(in: head) == nil || bytes.count > 160 {
      return quoted(String(decoding: head, as: UTF8.self))
    }
    var text = ""
    for byte in head.prefix(40) {
      if byte >= 0x20 && byte < 0x7F {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + hex(UInt32(byte), width: 2)
      }
    }
    return "'" + text + "'"
  }

  private static func hex(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// An error with a message for the user.
public protocol Diagnosable: Error {
  /// The text, place and exit status of this error.
  var diagnostic: Diagnostic { get }
}
