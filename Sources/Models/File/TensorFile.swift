import Bytes

/// Named tensors and metadata in a strict subset of the safetensors format, with a checksum over the content.
///
/// The same content has the same bytes: keys are sorted, the header is padded to 8 bytes, tensors lie in the order of
/// the reference writer (U64, I64, F64, F32; by name within a type).
public struct TensorFile: Sendable, Equatable {
  /// The type of a tensor's values, little-endian.
  public enum Element: String, Sendable, CaseIterable {
    case u64 = "U64"
    case i64 = "I64"
    case f64 = "F64"
    case f32 = "F32"

    /// The number of bytes per value.
    public var size: Int { self == .f32 ? 4 : 8 }
  }

  /// One tensor: its values in row order.
  public struct Tensor: Sendable, Equatable {
    /// At most 256 letters, digits and `._-`.
    public let name: String
    /// The type of the values.
    public let element: Element
    /// The dimensions, at most eight.
    public let shape: [Int]
    /// Its values in row order, little-endian.
    public let bytes: [UInt8]
  }

  /// The key of the metadata that holds the checksum.
  public static let checksumKey = "content_sha256"
  /// Facts by name.
  public var metadata: [String: String]
  /// The tensors, by name.
  public private(set) var tensors: [Tensor]

  /// Makes a file of this content.
  public init(metadata: [String: String], tensors: [Tensor]) {
    self.metadata = metadata
    self.tensors = tensors.sorted { $0.name < $1.name }
  }

  /// The tensor of a name, nil when there is none.
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// The whole file; `metadata` gains the checksum.
  public func bytes() -> [UInt8] {
    var place = 0
    var offsets: [String: (begin: Int, end: Int)] = [:]
    let placed = Element.allCases.flatMap { element in tensors.filter { $0.element == element } }
    for tensor in placed {
      offsets[tensor.name] = (place, place + tensor.bytes.count)
      place += tensor.bytes.count
    }
    var metadata = metadata
    metadata[Self.checksumKey] = checksum
    let facts = metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
    let described = tensors.map { tensor in
      let (begin, end) = offsets[tensor.name] ?? (0, 0)
      return JSON.Member(
        tensor.name,
        .object([
          "data_offsets": .array([.integer(begin), .integer(end)]), "dtype": .string(tensor.element.rawValue),
          "shape": .array(tensor.shape.map(JSON.integer)),
        ]))
    }
    var header: [UInt8] = []
    JSON.object([JSON.Member("__metadata__", .object(facts))] + described).append(to: &header)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    var result = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    result.reserveCapacity(8 + header.count + place)
    result += header
    for tensor in placed { result += tensor.bytes }
    return result
  }

  /// SHA-256 over the metadata but itself and over all tensors, both in the order of their names. Every text and every
  /// tensor stands behind its length, so that nothing can move from one to the next.
  public var checksum: String {
    var digest = SHA256()
    func take(_ bytes: [UInt8]) {
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { digest.update($0) }
      digest.update(bytes)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.checksumKey {
      take(Array(key.utf8))
      take(Array(value.utf8))
    }
    for tensor in tensors {
      take(Array(tensor.name.utf8))
      take(Array(tensor.element.rawValue.utf8))
      take(Array(tensor.shape.map(String.init).joined(separator: ",").utf8))
      take(tensor.bytes)
    }
    return SHA256.hex(digest.finish())
  }
}

extension TensorFile.Tensor {
  /// A tensor of values whose bytes in memory are those of the file.
  public init<Value: BitwiseCopyable>(_ name: String, _ element: TensorFile.Element, _ shape: [Int], _ values: [Value])
  {
    precondition(
      MemoryLayout<Value>.stride == element.size && shape.reduce(1, *) == values.count, "values of this shape")
    self.init(name: name, element: element, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// The values, of the type that `element` names.
  public func values<Value: BitwiseCopyable>(as type: Value.Type) -> [Value] {
    precondition(MemoryLayout<Value>.stride == element.size, "the type of this tensor")
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / element.size).map { raw.loadUnaligned(fromByteOffset: $0 * element.size, as: type) }
    }
  }
}
