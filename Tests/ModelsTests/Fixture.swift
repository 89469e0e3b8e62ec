import Arrays
import Bytes
import Models
import Testing
import Workbench

/// Tensors of a safetensors file, read without any of the checks of `ModelFile`.
struct Fixture {
  private let values: [String: [Float]]

  init(_ name: String) throws {
    let bytes = try #require(Files.bytes("\(Repository.root)/Tests/ModelsTests/Fixtures/\(name)"))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try bytes[8..<8 + length].withUnsafeBufferPointer { try JSON.parse($0) }
    var values: [String: [Float]] = [:]
    for (name, tensor) in header.members ?? [] where name != "__metadata__" {
      let ends = tensor["data_offsets"]?.array?.compactMap(\.int) ?? [0, 0]
      let type = tensor["dtype"]?.string
      let size = type == "F64" ? 8 : 4
      values[name] = stride(from: ends[0], to: ends[1], by: size).map { place in
        let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[8 + length + place + $1]) << (8 * UInt64($1)) }
        switch type {
        case "F64": return Float(Double(bitPattern: bits))
        case "I32": return Float(Int32(truncatingIfNeeded: bits))
        default: return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
        }
      }
    }
    self.values = values
  }

  subscript(name: String) -> [Float] { values[name] ?? [] }
}

/// The largest difference of two lists, infinite when one is longer.
func difference(_ a: [Float], _ b: [Float]) -> Float {
  zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { worst, pair in
    let distance = abs(pair.0 - pair.1)
    // `max` would pass over what is no number.
    return distance <= worst ? worst : distance.isNaN ? .infinity : distance
  }
}

/// Bags of the given sizes with normal features.
func randomBags(_ sizes: [Int], features: Int, seed: UInt64) -> Batch {
  var (stream, offsets) = (RandomStream(seed: seed), [Int32(0)])
  for size in sizes { offsets.append((offsets.last ?? 0) + Int32(size)) }
  let count = sizes.reduce(0, +)
  let x = Matrix(rows: count, columns: features, values: (0..<count * features).map { _ in Float(stream.normal()) })
  return Batch(bags: offsets, x: x, label: sizes.indices.map { Float($0 % 2) })
}
