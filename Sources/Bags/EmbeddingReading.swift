import Bytes
import Records

/// Tables of vectors as protein language models leave them: `.npy` with a list of ids, `.npz`, `.safetensors`.
///
/// Sources: numpy.lib.format (versions 1 to 3), APPNOTE of ZIP 6.3 (stored entries, ZIP64), safetensors 0.4. Files are
/// read from front to end; numbers of 16 and 32 bits stay 32-bit numbers in memory.
struct EmbeddingReader {
  /// The form of a file, by its first bytes.
  enum Form { case npy, npz, safetensors }

  /// The form of these first bytes; nil for text.
  static func form(_ first: ArraySlice<UInt8>) -> Form? {
    if first.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if first.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .npz }
    let head = Array(first.prefix(9))
    return head.count == 9 && head[8] == UInt8(ascii: "{") && head[4..<8].allSatisfy { $0 == 0 } ? .safetensors : nil
  }

  private let source: ExactReader
  private let ids: [String]?
  private var options: TableOptions
  private let tally: NoticeCounter
  private let select: FeatureTable.Selection
  private var table: FeatureTable?
  /// The number of numbers of a vector.
  private var width = 0
  /// Those that are taken.
  private var chosen: [Int] = []

  private init(
    _ source: BlockSource, _ options: TableOptions, _ tally: NoticeCounter, _ select: @escaping FeatureTable.Selection
  ) {
    (self.source, ids, self.options) = (ExactReader(source), options.ids?.ids, options)
    (self.tally, self.select) = (tally, select)
  }

  /// Reads a table. `ids` names the rows of a matrix, in order; arrays of one dimension have their ids as names.
  ///
  /// Throws `BagsError` for a damaged or compressed file, other numbers than floats, vectors of different lengths, and
  /// another number of ids than rows.
  static func read(
    _ source: BlockSource, _ form: Form, options: TableOptions, tally: NoticeCounter,
    select: @escaping FeatureTable.Selection
  ) throws -> FeatureTable {
    var reader = EmbeddingReader(source, options, tally, select)
    switch form {
    case .npy: try reader.readMatrix(reader.arrayHeader(), name: nil)
    case .npz: try reader.readArchive()
    case .safetensors: try reader.readTensors()
    }
    if form != .npz, try !reader.source.isAtEnd { throw reader.fault("it goes on behind its numbers") }
    guard let table = reader.table else { throw reader.fault("it holds no vectors") }
    table.finish()
    return table
  }

  private func fault(_ reason: String, hint: String? = nil) -> BagsError {
    BagsError(.vectors(reason, hint: hint), at: SourceLocation(source: source.name))
  }

  // MARK: Arrays

  /// An array: its numbers and its shape, one or two dimensions.
  private struct Layout {
    enum Number { case half, brain, single, double, text(Int) }
    let number: Number
    let shape: [Int]

    var size: Int {
      switch number {
      case .half, .brain: 2
      case .single: 4
      case .double: 8
      case .text(let length): 4 * length
      }
    }
  }

  /// The header of an array of numpy.
  private func arrayHeader() throws -> Layout {
    let head = try source.bytes(8)
    guard head.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(head[6]) else {
      throw fault("an array without the header of numpy")
    }
    let length = try Int(source.integer(head[6] == 1 ? 2 : 4))
    guard length <= 1 << 16 else { throw fault("an array with a header of \(length) bytes") }
    let text = String(decoding: try source.bytes(length), as: UTF8.self)
    func value(_ key: String, until end: Character) -> Substring? {
      guard let at = text.firstRange(of: "'\(key)':") else { return nil }
      return text[at.upperBound...].drop { $0 == " " }.prefix { $0 != end }
    }
    guard let type = value("descr", until: ","), let order = value("fortran_order", until: ","),
      let tuple = value("shape", until: ")")
    else { throw fault("an array whose header is not that of numpy") }
    if order != "False" {
      throw fault("an array in Fortran order", hint: "numpy.ascontiguousarray, then save it again")
    }
    let shape = tuple.dropFirst().split(separator: ",").map { Int($0.filter { $0 != " " }) }
    guard !shape.isEmpty, shape.count <= 2, shape.allSatisfy({ $0.map { $0 >= 0 && $0 < 1 << 40 } ?? false }) else {
      throw fault("an array of the shape \(tuple)): vectors have one dimension, matrices two")
    }
    let number: Layout.Number
    switch type.filter({ $0 != "'" }) {
    case "<f2", "|f2": number = .half
    case "<f4": number = .single
    case "<f8": number = .double
    case let text where text.hasPrefix("<U") && Int(text.dropFirst(2)).map { (1...1 << 16).contains($0) } == true:
      number = .text(Int(text.dropFirst(2)) ?? 1)
    case let other: throw fault("numbers of the type \(other)", hint: "float16, float32 or float64, little-endian")
    }
    return Layout(number: number, shape: shape.compactMap { $0 })
  }

  /// Reads the rows of a matrix, or one vector that has a name.
  private mutating func readMatrix(_ layout: Layout, name: String?, ids given: [String]? = nil) throws {
    let width = layout.shape[layout.shape.count - 1]
    let rows = layout.shape.count == 2 ? layout.shape[0] : 1
    var names = given ?? ids ?? []
    if layout.shape.count == 1 || rows == 1 && given == nil && ids == nil {
      guard let name else { throw fault("one vector without an id") }
      names = [name]
    } else if given == nil, ids == nil {
      throw fault("a matrix of \(rows) rows without ids", hint: "--block NAME=KIND:FILE,ids=FILE, one id on each line")
    }
    guard names.count == rows else {
      throw fault("\(rows) rows and \(names.count) ids", hint: "ids=FILE names every row, in their order")
    }
    guard width >= 1, width <= 1 << 20 else { throw fault("vectors of \(width) numbers") }
    switch layout.number {
    case .text: throw fault("text in place of numbers")
    // Numbers of 16 and 32 bits are exact in 32.
    case .half, .brain, .single: options.isPacked = options.isPacked || table == nil
    case .double: break
    }
    let table = try self.table ?? start(width)
    guard self.width == width else {
      throw fault("a vector of \(width) numbers, and one of \(self.width) before it")
    }
    var row = [Double](repeating: 0, count: chosen.count)
    for name in names {
      let bytes = try source.bytes(width * layout.size)
      bytes.withUnsafeBytes { raw in
        for (place, column) in chosen.enumerated() { row[place] = Self.number(raw, column, layout.number) }
      }
      let place = SourceLocation(source: source.name)
      try row.withUnsafeBufferPointer { try table.append(id: name, $0, at: place, tally: tally) }
    }
  }

  /// The table of vectors of `width` numbers, whose columns are `d0`, `d1` …
  private mutating func start(_ width: Int) throws -> FeatureTable {
    let names = (0..<width).map { "d\($0)" }
    let all =
      try options.column.map { [try FeatureTable.place(of: $0, in: names, at: source.name, behindId: false)] }
      ?? Array(0..<width)
    (self.width, chosen) = (width, try select(all.map { names[$0] }).map { all[$0] })
    let table = FeatureTable(names: chosen.map { names[$0] }, options: options, choice: options.column)
    self.table = table
    return table
  }

  private static func number(_ raw: UnsafeRawBufferPointer, _ index: Int, _ number: Layout.Number) -> Double {
    switch number {
    case .half:
      return half(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
    case .brain:
      let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
      return Double(Float(bitPattern: UInt32(bits) << 16))
    case .single:
      let bits = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
      return Double(Float(bitPattern: bits))
    case .double:
      return Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
    case .text: return .nan
    }
  }

  /// A number of IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction.
  static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    let sign: Double = bits >> 15 == 1 ? -1 : 1
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction * 0x1p-10) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  // MARK: Archives of arrays

  /// Entries of a ZIP archive as `numpy.savez` writes them: an array for each id, or `ids` and then one matrix.
  private mutating func readArchive() throws {
    var listed: [String]?
    while true {
      let signature = try source.integer(4)
      // The directory follows the entries.
      if signature == 0x0201_4B50 || signature == 0x0605_4B50 { break }
      guard signature == 0x0403_4B50 else { throw fault("an entry that is not where the one before it ends") }
      _ = try source.bytes(2)
      let (flags, method) = (try source.integer(2), try source.integer(2))
      _ = try source.bytes(8)
      _ = try source.integer(4)
      let size = try source.integer(4)
      let (nameLength, extraLength) = (try Int(source.integer(2)), try Int(source.integer(2)))
      var name = String(decoding: try source.bytes(nameLength), as: UTF8.self)
      _ = try source.bytes(extraLength)
      guard method == 0, flags & 9 == 0 || size > 0 && flags & 1 == 0 else {
        throw fault(
          "entry \(Diagnostic.quoted(name)) is compressed, encrypted or of unknown size",
          hint: "numpy.savez to a file writes entries as they are read here")
      }
      guard name.hasSuffix(".npy") else { throw fault("entry \(Diagnostic.quoted(name)) is no array") }
      name.removeLast(4)
      let layout = try arrayHeader()
      if case .text(let length) = layout.number {
        guard name == "ids", layout.shape.count == 1 else {
          throw fault("entry \(Diagnostic.quoted(name)) is text, and not a list named ids")
        }
        if ids != nil { throw BagsError(.needlessIds, at: SourceLocation(source: source.name)) }
        var names: [String] = []
        while names.count < layout.shape[0] { names.append(try text(length)) }
        listed = names
      } else {
        try readMatrix(layout, name: name, ids: layout.shape.count == 2 ? listed ?? ids : nil)
      }
    }
  }

  /// A text of numpy: UTF-32, padded with 0.
  private func text(_ length: Int) throws -> String {
    var text = ""
    for _ in 0..<length {
      guard let scalar = UnicodeScalar(UInt32(try source.integer(4))) else { throw fault("an id that is not text") }
      if scalar.value != 0 { text.unicodeScalars.append(scalar) }
    }
    return text
  }

  /// Tensors of a safetensors file, in the order of their bytes.
  private mutating func readTensors() throws {
    let length = try source.integer(8)
    guard length <= 100_000_000 else { throw fault("a header of \(length) bytes") }
    let header = String(decoding: try source.bytes(Int(length)), as: UTF8.self)
    guard case .object(let members)? = try? JSON.parse(header, maxDepth: 4) else {
      throw fault("a header that is no JSON object")
    }
    var tensors: [(name: String, layout: Layout, begin: Int, end: Int)] = []
    for member in members where member.key != "__metadata__" {
      let offsets = member.value["data_offsets"]?.array?.compactMap(\.int) ?? []
      let shape = member.value["shape"]?.array?.compactMap(\.int) ?? []
      guard offsets.count == 2, (1...2).contains(shape.count), shape.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else {
        throw fault("tensor \(Diagnostic.quoted(member.key)) is neither a vector nor a matrix")
      }
      let numbers: [String: Layout.Number] = ["F16": .half, "BF16": .brain, "F32": .single, "F64": .double]
      let type = member.value["dtype"]?.string ?? ""
      guard let number = numbers[type] else {
        throw fault("tensor \(Diagnostic.quoted(member.key)) of the type \(type)")
      }
      tensors.append((member.key, Layout(number: number, shape: shape), offsets[0], offsets[1]))
    }
    var position = 0
    for tensor in tensors.sorted(by: { $0.begin < $1.begin }) {
      let (count, overflow) = tensor.layout.shape.product(tensor.layout.size)
      guard !overflow, tensor.begin == position, tensor.end >= position, tensor.end - position == count else {
        throw fault("tensor \(Diagnostic.quoted(tensor.name)) has not the bytes of its shape")
      }
      try readMatrix(tensor.layout, name: tensor.name)
      position = tensor.end
    }
  }
}

extension [Int] {
  /// The product with `size`, and whether it overflows.
  fileprivate func product(_ size: Int) -> (Int, Bool) {
    reduce((size, false)) { sum, next in
      let (product, overflow) = sum.0.multipliedReportingOverflow(by: next)
      return (product, sum.1 || overflow)
    }
  }
}

/// Reads numbers of bytes of a source, to its end and no further.
private final class ExactReader {
  let name: String
  private let source: BlockSource
  private var block = [UInt8](repeating: 0, count: 1 << 16)
  private var (position, filled) = (0, 0)

  init(_ source: BlockSource) { (self.source, name) = (source, source.name) }

  /// The next bytes; throws `BagsError` where the file ends before.
  func bytes(_ count: Int) throws -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Swift.min(count, 1 << 20))
    while result.count < count {
      if position == filled {
        filled = try block.withUnsafeMutableBytes { try source.read(into: $0) }
        position = 0
        guard filled > 0 else {
          throw BagsError(.vectors("it ends before its numbers do", hint: nil), at: SourceLocation(source: name))
        }
      }
      let taken = Swift.min(filled - position, count - result.count)
      result += block[position..<position + taken]
      position += taken
    }
    return result
  }

  /// Whether no byte is left.
  var isAtEnd: Bool {
    get throws {
      if position < filled { return false }
      filled = try block.withUnsafeMutableBytes { try source.read(into: $0) }
      position = 0
      return filled == 0
    }
  }

  /// A little-endian number of some bytes.
  func integer(_ count: Int) throws -> UInt64 {
    try bytes(count).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
  }
}
