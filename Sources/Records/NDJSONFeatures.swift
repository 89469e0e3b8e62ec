import Bytes

extension NDJSONRows {
  /// `"x"`: an array of numbers and nulls, or, when names are known, an object that leaves out zeros.
  mutating func features(_ scanner: inout JSONScanner, into values: inout [Double]) throws {
    if !references.isEmpty { return try compact(&scanner, into: &values) }
    switch scanner.peek() {
    case 0x5B: try array(&scanner, into: &values)
    case 0x7B: try sparse(&scanner, into: &values)
    default: throw scanner.fault("\(scanner.shown()) is not a list of features")
    }
  }

  private mutating func array(_ scanner: inout JSONScanner, into values: inout [Double]) throws {
    let begin = scanner.p
    let first = values.count
    scanner.p += 1
    if scanner.peek() == 0x5D { throw scanner.fault("x is empty") }
    if width > 0 {
      // Fast path: numbers and commas only. Everything else is read below.
      if run == nil { run = NumberRun(capacity: width) }
      let count = run!.fill(&scanner.p, scanner.end, separator: 0x2C, from: 0, upTo: width)
      values.append(contentsOf: UnsafeBufferPointer(start: run!.values, count: count))
    }
    if width < 0 || values.count - first < width {
      repeat {
        scanner.skipBlanks()
        var value = 0.0
        if let next = NumberText.scan(scanner.p, scanner.end, into: &value) {
          scanner.p = next
        } else if scanner.takeNull() {
          value = .nan
          missing += 1
        } else {
          throw faultyValue(&scanner, values.count - first)
        }
        values.append(value)
      } while try scanner.another(until: 0x5D)
    } else {
      while try scanner.another(until: 0x5D) { values.append(try scanner.number()) }
    }
    let count = values.count - first
    if width < 0 { width = count }
    if count != width {
      throw ScanFault(
        message: "x has \(count == 1 ? "1 value" : "\(count) values"), expected \(width)", offset: begin - scanner.base)
    }
  }

  private func faultyValue(_ scanner: inout JSONScanner, _ position: Int) -> Error {
    let shown = scanner.shown()
    let name = schema.flatMap { position < $0.names.count ? $0.names[position] : nil } ?? "x[\(position)]"
    if shown == "''" {
      return scanner.fault(scanner.p == scanner.end ? "the line ends too early" : "a number is missing")
    }
    return scanner.fault("feature \(Diagnostic.quoted(name)): \(shown) is not a finite number; missing is null")
  }

  private mutating func sparse(_ scanner: inout JSONScanner, into values: inout [Double]) throws {
    guard let schema else { throw scanner.fault("x has names, but the stream has no schema line to order them") }
    if index.isEmpty {
      for (i, name) in schema.names.enumerated() { index[name] = i }
      stamps = [Int](repeating: 0, count: schema.names.count)
    }
    stamp += 1
    let first = values.count
    values.append(contentsOf: repeatElement(0, count: width))
    scanner.p += 1
    if scanner.peek() == 0x7D {
      scanner.p += 1
      return
    }
    repeat {
      let key = try scanner.key()
      guard let i = index[key.string] else {
        throw ScanFault(
          message: "there is no feature \(Diagnostic.quoted(key.string)) in the schema", offset: key.offset)
      }
      if stamps[i] == stamp {
        throw ScanFault(message: "key \(Diagnostic.quoted(key.string)) twice in one object", offset: key.offset)
      }
      stamps[i] = stamp
      if scanner.takeNull() {
        values[first + i] = .nan
        missing += 1
      } else {
        values[first + i] = try scanner.number()
      }
    } while try scanner.another(until: 0x7D)
  }
}

// Compact streams: the features of a partner come once, in a line of their own.
extension NDJSONRows {
  /// Reads a line `{"row":N,"x":[…]}`; throws a `RecordError`.
  mutating func takeRow(_ line: UnsafeBufferPointer<UInt8>, at place: SourceLocation) throws {
    var scanner = JSONScanner(line)
    do {
      try scanner.expect(0x7B)
      _ = try scanner.key()
      let number = try scanner.count("row")
      guard try scanner.another(until: 0x7D), try scanner.key().field == .feature else {
        throw scanner.fault("a row has the members 'row' and 'x'")
      }
      var row: [Double] = []
      try numbers(&scanner, limit: width) { row.append($0) }
      if try scanner.another(until: 0x7D) { throw scanner.fault("a row has the members 'row' and 'x'") }
      try scanner.finish()
      if let fault = shared.take(number, row) { throw scanner.fault(fault) }
    } catch let fault as ScanFault {
      var at = place
      at.column = fault.offset + 1
      throw RecordError(.syntax, fault.message, at: at)
    }
  }

  /// Reads `"rows"`, the numbers of the rows of an instance, one for each segment.
  mutating func takeReferences(_ scanner: inout JSONScanner, _ hasFeatures: Bool) throws {
    if hasFeatures { throw scanner.fault("the member 'rows' comes before 'x'") }
    try scanner.expect(0x5B)
    references.removeAll(keepingCapacity: true)
    repeat { references.append(try scanner.count("row")) } while try scanner.another(until: 0x5D)
    guard references.count == shared.segments.count else {
      throw scanner.fault("rows has \(references.count) numbers, expected \(shared.segments.count)")
    }
  }

  /// The features of an instance that refers to rows: those of the rows, and between them those of `x`.
  private mutating func compact(_ scanner: inout JSONScanner, into values: inout [Double]) throws {
    defer { references.removeAll(keepingCapacity: true) }
    let first = values.count
    values.append(contentsOf: repeatElement(0, count: width))
    for (segment, number) in zip(shared.segments, references) {
      guard let row = shared.row(number) else {
        throw scanner.fault("row \(number) was not given before: a compact stream is read from its beginning")
      }
      guard row.values.count == segment.count else {
        throw scanner.fault("row \(number) has \(row.values.count) values, expected \(segment.count)")
      }
      row.values.withUnsafeBufferPointer { from in
        values.withUnsafeMutableBufferPointer {
          _ = UnsafeMutableBufferPointer(rebasing: $0[first + segment.lowerBound..<first + segment.upperBound])
            .update(from: from)
        }
      }
      missing += row.missing
    }
    let places = shared.others
    var count = 0
    try numbers(&scanner, limit: places.count) {
      values[first + places[count]] = $0
      count += 1
      if $0.isNaN { missing += 1 }
    }
    if count != places.count {
      throw scanner.fault("x has \(count) values beside rows, expected \(places.count)")
    }
  }

  /// Reads a list of at most `limit` numbers and nulls.
  private func numbers(_ scanner: inout JSONScanner, limit: Int, _ take: (Double) -> Void) throws {
    try scanner.expect(0x5B)
    if scanner.peek() == 0x5D {
      scanner.p += 1
      return
    }
    var count = 0
    repeat {
      if count == limit { throw scanner.fault("more than \(limit) values") }
      scanner.skipBlanks()
      take(scanner.takeNull() ? .nan : try scanner.number())
      count += 1
    } while try scanner.another(until: 0x5D)
  }
}
