import Bytes

// NDJSON: one object for each record.
extension RecordFormatter {
  func appendObject(_ record: StreamRecord, _ width: Int) throws {
    let slots = layout.columns.keep.count
    line.append(byte: UInt8(ascii: "{"))
    if layout.kind != .bag || !record.hasBag {
      // A feature row, or a bag of one instance in a stream of features.
      appendBagMembers(record)
      appendInstance(record, 0, width, slots)
      line.append(byte: 0x0A)
      return
    }
    appendBagMembers(record)
    line.append(layout.digest)
    line.append(",\"instances\":[")
    for i in record.instances.indices {
      try handOver()
      if i > 0 { line.append(byte: UInt8(ascii: ",")) }
      line.append(byte: UInt8(ascii: "{"))
      appendInstance(record, i, width, slots)
    }
    line.append("]}\n")
  }

  private func appendBagMembers(_ record: StreamRecord) {
    let isRow = layout.kind != .bag || !record.hasBag
    if isRow {
      key("id")
      line.append(quoted: record.instances[0].id)
    }
    if record.hasBag {
      key("bag")
      line.append(quoted: record.bag)
    }
    member("gene_a", record.geneA)
    member("gene_b", record.geneB)
    member("label", record.label)
    member("fold", record.fold)
    member("part", record.part)
    member("baseline", record.baseline)
    member("weight", record.weight)
  }

  /// The members of an instance, without the opening brace; the id of a row has been written already.
  private func appendInstance(_ record: StreamRecord, _ i: Int, _ width: Int, _ slots: Int) {
    let instance = record.instances[i]
    if layout.kind == .bag && record.hasBag {
      key("id")
      line.append(quoted: instance.id)
    }
    member("isoform_a", instance.isoformA)
    member("isoform_b", instance.isoformB)
    member("instance_label", instance.label)
    member("length", instance.length.map(Double.init))
    member("valid", instance.valid.map(Double.init))
    for slot in 0..<slots {
      line.append(layout.keys[slot])
      switch record.kept.isEmpty ? .missing : record.kept[i * slots + slot] {
      case .missing: appendNull()
      case .text(let text): line.append(quoted: text)
      case .number(let text): line.append(text)
      }
    }
    record.values.withUnsafeBufferPointer { values in
      let row = UnsafeBufferPointer(rebasing: values[i * width..<(i + 1) * width])
      if let features = layout.features {
        line.append(",\"x\":{")
        line.append(row, keys: features)
        line.append("}}")
      } else if let rows {
        appendReferences(rows, i, row)
      } else {
        line.append(",\"x\":[")
        line.append(row, separator: UInt8(ascii: ","), missing: "null")
        line.append("]}")
      }
    }
  }

  /// The numbers of the rows of both partners, and the features of the pair.
  private func appendReferences(_ rows: [Int], _ i: Int, _ row: UnsafeBufferPointer<Double>) {
    let count = layout.segments.count
    line.append(",\"rows\":[")
    for (place, number) in rows[i * count..<(i + 1) * count].enumerated() {
      if place > 0 { line.append(byte: UInt8(ascii: ",")) }
      line.append(number)
    }
    line.append("],\"x\":[")
    for (place, range) in layout.pairs.enumerated() {
      if place > 0 { line.append(byte: UInt8(ascii: ",")) }
      line.append(UnsafeBufferPointer(rebasing: row[range]), separator: UInt8(ascii: ","), missing: "null")
    }
    line.append("]}")
  }

  private func key(_ name: StaticString) {
    if line.last != UInt8(ascii: "{") { line.append(byte: UInt8(ascii: ",")) }
    line.append(byte: UInt8(ascii: "\""))
    line.append(name)
    line.append(byte: UInt8(ascii: "\""))
    line.append(byte: UInt8(ascii: ":"))
  }

  private func has(_ name: StaticString) -> Bool {
    layout.columns.reserved.contains {
      $0.utf8.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }

  private func member(_ name: StaticString, _ text: String?) {
    guard let text else { return missing(name) }
    key(name)
    line.append(quoted: text)
  }

  private func member(_ name: StaticString, _ value: Double?) {
    guard let value, value.isFinite else { return missing(name) }
    key(name)
    line.append(value)
  }

  /// Appends null for a member that other records of the stream have.
  private func missing(_ name: StaticString) {
    guard has(name) else { return }
    key(name)
    appendNull()
  }

  private func appendNull() { line.append("null") }
}
