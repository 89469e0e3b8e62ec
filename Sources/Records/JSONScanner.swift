import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A fault at an offset of a line, which the reader turns into a `RecordError`.
struct ScanFault: Error {
  let message: String
  let offset: Int
}

/// A cursor over one line of strict JSON that never builds values: keys, strings and numbers are read in place.
struct JSONScanner {
  let base: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var p: UnsafePointer<UInt8>

  init(_ line: UnsafeBufferPointer<UInt8>) {
    base = line.baseAddress!
    p = base
    end = base + line.count
  }

  var offset: Int { p - base }

  func fault(_ message: String) -> ScanFault { ScanFault(message: message, offset: offset) }

  @inline(__always)
  mutating func skipBlanks() {
    while p < end, p.pointee <= 0x20, p.pointee == 0x20 || p.pointee == 0x09 || p.pointee == 0x0D || p.pointee == 0x0A {
      p += 1
    }
  }

  /// The byte at the cursor after blanks, or 0 at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    skipBlanks()
    return p < end ? p.pointee : 0
  }

  mutating func expect(_ byte: UInt8) throws {
    guard peek() == byte, p < end else {
      throw fault(p == end ? "the line ends too early" : "'\(Character(Unicode.Scalar(byte)))' is missing")
    }
    p += 1
  }

  /// After a value in an object or array: true for a comma, false for the closing byte.
  @inline(__always)
  mutating func another(until close: UInt8) throws -> Bool {
    let byte = peek()
    guard byte == 0x2C || byte == close, p < end else {
      throw fault(p == end ? "the line ends too early" : "',' or '\(Character(Unicode.Scalar(close)))' is missing")
    }
    p += 1
    return byte == 0x2C
  }

  /// Checks that nothing follows the value.
  mutating func finish() throws {
    skipBlanks()
    if p < end { throw fault("more text after the record: one object a line") }
  }

  /// Moves past `null` if it is at the cursor; returns whether it was.
  @inline(__always)
  mutating func takeNull() -> Bool {
    guard end - p >= 4, p[0] == 0x6E, p[1] == 0x75, p[2] == 0x6C, p[3] == 0x6C else { return false }
    p += 4
    return true
  }

  /// Reads the number at the cursor.
  mutating func number() throws -> Double {
    skipBlanks()
    var value = 0.0
    guard let next = NumberText.scan(p, end, into: &value) else { throw fault("\(shown()) is not a finite number") }
    p = next
    return value
  }

  /// Reads the count at the cursor; `name` is that of its member, for messages.
  mutating func count(_ name: String) throws -> Int {
    let (start, text) = (offset, shown())
    let first = p
    guard (try? number()) != nil,
      let value = NumberText.integer(UnsafeBufferPointer(start: first, count: p - first)), value >= 0
    else { throw ScanFault(message: "\(name) \(text) is not a count", offset: start) }
    return value
  }

  /// Reads the string at the cursor: the raw bytes between its quotes, and whether they have escapes.
  mutating func rawString() throws -> (bytes: UnsafeBufferPointer<UInt8>, escaped: Bool) {
    guard peek() == 0x22, p < end else { throw fault("\(shown()) is not a string") }
    let start = p + 1
    var q = start
    var escaped = false
    while q < end {
      let byte = q.pointee
      if byte == 0x22 {
        p = q + 1
        return (UnsafeBufferPointer(start: start, count: q - start), escaped)
      }
      if byte == 0x5C {
        escaped = true
        q += 1
      } else if byte < 0x20 {
        p = q
        throw fault("a control byte inside a string")
      }
      q += 1
    }
    throw fault("the line ends inside a string")
  }

  /// Reads the string at the cursor, unescaped and checked.
  mutating func string() throws -> String {
    skipBlanks()
    let start = p
    let (bytes, escaped) = try rawString()
    return try JSONScanner.decode(bytes, escaped, start: start, base: base)
  }

  /// Decodes the bytes of a string whose opening quote is at `start`.
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ escaped: Bool, start: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>
  ) throws -> String {
    if escaped {
      do {
        let whole = UnsafeBufferPointer(start: start, count: bytes.count + 2)
        return try JSON.parse(whole).string ?? ""
      } catch let failure as JSONFailure {
        throw ScanFault(message: failure.message, offset: start - base + failure.offset)
      }
    }
    if let bad = UTF8Text.firstInvalid(in: bytes) {
      throw ScanFault(message: "not UTF-8", offset: start + 1 + bad - base)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads the key at the cursor and its colon.
  mutating func key() throws -> JSONKey {
    skipBlanks()
    let start = p
    guard p < end, p.pointee == 0x22 else {
      throw fault(p == end ? "the line ends too early" : "a key in quotes is missing")
    }
    let (bytes, escaped) = try rawString()
    let text = escaped ? try JSONScanner.decode(bytes, true, start: start, base: base) : nil
    if !escaped, let bad = UTF8Text.firstInvalid(in: bytes) {
      throw ScanFault(message: "not UTF-8", offset: start + 1 + bad - base)
    }
    try expect(0x3A)
    skipBlanks()
    return JSONKey(bytes: bytes, text: text, offset: start - base)
  }

  /// A short quotation of the text at the cursor, for messages.
  func shown() -> String {
    var q = p
    while q < end, q - p < 41, ![0x2C, 0x5D, 0x7D, 0x20, 0x09].contains(q.pointee) { q += 1 }
    return Diagnostic.quoted(bytes: UnsafeBufferPointer(start: p, count: q - p))
  }
}

/// A key of an object in a line.
struct JSONKey {
  let bytes: UnsafeBufferPointer<UInt8>
  let text: String?
  let offset: Int

  /// The key as text.
  var string: String { text ?? String(decoding: bytes, as: UTF8.self) }

  /// The member that the key names.
  var field: RecordField? {
    guard var text else { return RecordField.named(bytes) }
    return text.withUTF8 { RecordField.named($0) }
  }
}
