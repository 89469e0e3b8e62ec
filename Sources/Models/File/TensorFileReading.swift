import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension TensorFile {
  static let maximumFile = 1 << 32
  static let maximumHeader = 1 << 24
  static let maximumTensors = 4096

  /// Reads a file; every size is checked before memory is taken for it.
  /// Throws `IOFailure`, or `ModelError.file` for anything but the strict subset with a right checksum.
  public init(reading path: String) throws {
    let source = try DescriptorSource(path: path)
    func refuse(_ reason: String) -> ModelError { .file(name: source.name, reason: reason) }
    var status = stat()
    guard fstat(source.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw refuse("it must be a regular file")
    }
    let size = Int(status.st_size)
    guard size >= 10 else { throw refuse("it has only \(size) bytes") }
    guard size <= Self.maximumFile else { throw refuse("it is larger than 4 GiB") }
    let prefix = try Self.bytes(of: source, from: 0, count: 8)
    let announced = (0..<8).reduce(UInt64(0)) { $0 | UInt64(prefix[$1]) << (8 * UInt64($1)) }
    guard announced <= UInt64(Self.maximumHeader), announced <= UInt64(size - 8) else {
      throw refuse("it announces a header of \(announced) bytes")
    }
    let start = 8 + Int(announced)
    let header = try Self.bytes(of: source, from: 8, count: Int(announced))
    guard header.first == UInt8(ascii: "{") else { throw refuse("its header does not start with '{'") }
    let (metadata, described) = try Header.parse(header, room: size - start, refuse)
    var tensors: [Tensor] = []
    for one in described {
      let bytes = try Self.bytes(of: source, from: start + one.begin, count: one.end - one.begin)
      tensors.append(Tensor(name: one.name, element: one.element, shape: one.shape, bytes: bytes))
    }
    self.init(metadata: metadata, tensors: tensors)
    guard let promised = metadata[Self.checksumKey] else { throw refuse("its metadata lacks \(Self.checksumKey)") }
    guard promised == checksum else { throw refuse("its content does not fit its checksum: it was damaged or changed") }
  }

  /// `count` bytes from `offset` on. The file is read, not mapped: if it shrinks meanwhile, that is an error and no
  /// signal.
  private static func bytes(of source: DescriptorSource, from offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[filled..<count]))
        let got = try source.read(into: rest, at: offset + filled)
        guard got > 0 else { throw ModelError.file(name: source.name, reason: "it became shorter while it was read") }
        filled += got
      }
    }
  }
}

extension TensorFile {
  /// The number of commas of a JSON text outside its strings, which bounds the number of values that parsing makes:
  /// limits hold before memory is taken.
  static func valueBound(of text: some Sequence<UInt8>) -> Int {
    var (count, isText, isEscaped) = (0, false, false)
    for byte in text {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isText
      } else if byte == UInt8(ascii: "\"") {
        isText.toggle()
      } else if byte == UInt8(ascii: ","), !isText {
        count += 1
      }
    }
    return count
  }
}

/// The header of a tensor file: metadata, and where each tensor lies.
private enum Header {
  struct Described {
    let name: String
    let element: TensorFile.Element
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  /// `room` is the number of bytes behind the header, which the tensors must fill exactly.
  static func parse(
    _ header: [UInt8], room: Int, _ refuse: (String) -> ModelError
  ) throws -> (metadata: [String: String], tensors: [Described]) {
    guard TensorFile.valueBound(of: header) <= 16 * TensorFile.maximumTensors else {
      throw refuse("its header holds too many values")
    }
    let json: JSON
    do {
      json = try JSON.parse(header, maxDepth: 4)
    } catch let failure as JSONFailure {
      throw refuse("its header is not strict JSON: \(failure.message)")
    }
    guard let members = json.members else { throw refuse("its header is not an object") }
    guard members.count <= TensorFile.maximumTensors + 1 else { throw refuse("it has more than 4096 tensors") }
    var metadata: [String: String] = [:]
    var tensors: [Described] = []
    for (name, value) in members {
      if name == "__metadata__" {
        guard let facts = value.members else { throw refuse("its metadata is not an object") }
        for (key, fact) in facts {
          guard let text = fact.string else { throw refuse("its metadata '\(key)' is not a string") }
          metadata[key] = text
        }
      } else {
        tensors.append(try described(name, value, refuse))
      }
    }
    tensors.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var place = 0
    for tensor in tensors {
      guard tensor.begin == place else { throw refuse("tensor '\(tensor.name)' leaves a hole or overlaps another") }
      place = tensor.end
    }
    guard place == room else { throw refuse("its tensors take \(place) bytes, but \(room) follow the header") }
    return (metadata, tensors)
  }

  private static func described(_ name: String, _ json: JSON, _ refuse: (String) -> ModelError) throws -> Described {
    let letters = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard letters, !name.isEmpty, name.utf8.count <= 256 else {
      throw refuse("it names a tensor \(Diagnostic.quoted(name))")
    }
    guard let members = json.members, Set(members.map(\.0)) == ["dtype", "shape", "data_offsets"] else {
      throw refuse("tensor '\(name)' must have dtype, shape and data_offsets, and no more")
    }
    guard let element = json["dtype"]?.string.flatMap(TensorFile.Element.init) else {
      throw refuse("tensor '\(name)' is not F32, F64, I64 or U64")
    }
    guard let shape = json["shape"]?.array, shape.count <= 8, let count = product(shape) else {
      throw refuse("tensor '\(name)' has an impossible shape")
    }
    guard let offsets = json["data_offsets"]?.array, offsets.count == 2, let begin = offsets[0].int,
      let end = offsets[1].int, begin >= 0, end >= begin, end <= TensorFile.maximumFile,
      end - begin == count * element.size
    else { throw refuse("the data_offsets of tensor '\(name)' do not fit its shape") }
    return Described(name: name, element: element, shape: shape.compactMap(\.int), begin: begin, end: end)
  }

  /// The number of elements of a shape; nil if a side is not a number from 0 to below 2^48, or if the sides that are
  /// not 0 multiply to more than that.
  private static func product(_ shape: [JSON]) -> Int? {
    let limit = 1 << 48
    var count = 1
    for side in shape {
      guard let side = side.int, side >= 0, side < limit else { return nil }
      let (next, overflow) = count.multipliedReportingOverflow(by: max(side, 1))
      guard !overflow, next <= limit else { return nil }
      count = next
    }
    return shape.contains { $0.int == 0 } ? 0 : count
  }
}
