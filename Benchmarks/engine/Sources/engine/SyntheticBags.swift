import Arrays
import Bytes

/// The bags of `gen_data.py`: int32 bags, instances, features; int32 counts; uint8 labels; float32 x.
struct SyntheticBags {
  let features: Int
  let labels: [Float]
  /// Offsets of the bags in rows of x.
  let offsets: [Int]
  private let x: [Float]

  var count: Int { labels.count }
  var instances: Int { offsets.last ?? 0 }

  /// The first `most` bags of a file; nil when it is not such a file.
  init?(path: String, most: Int) throws {
    let source = try DescriptorSource(path: path)
    func fill<Value>(_ values: inout [Value]) throws -> Bool {
      try values.withUnsafeMutableBytes { bytes in
        var done = 0
        while done < bytes.count {
          let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
          if got == 0 { return false }
          done += got
        }
        return true
      }
    }
    var head = [Int32](repeating: 0, count: 3)
    guard try fill(&head), head.allSatisfy({ $0 > 0 }) else { return nil }
    var counts = [Int32](repeating: 0, count: Int(head[0]))
    var marks = [UInt8](repeating: 0, count: Int(head[0]))
    guard try fill(&counts), try fill(&marks) else { return nil }
    let bags = most > 0 ? min(most, counts.count) : counts.count
    features = Int(head[2])
    labels = marks.prefix(bags).map { Float($0) }
    offsets = counts.prefix(bags).reduce(into: [0]) { $0.append(($0.last ?? 0) + Int($1)) }
    var values = [Float](repeating: 0, count: (offsets.last ?? 0) * features)
    guard try fill(&values) else { return nil }
    x = values
  }

  /// A batch of these bags, gathered.
  func batch(_ bags: [Int]) -> Batch {
    var ends = [Int32(0)]
    for bag in bags { ends.append((ends.last ?? 0) + Int32(offsets[bag + 1] - offsets[bag])) }
    var rows = Matrix(uninitializedRows: Int(ends.last ?? 0), columns: features)
    rows.withUnsafeMutableBufferPointer { to in
      x.withUnsafeBufferPointer { from in
        guard var place = to.baseAddress, let start = from.baseAddress else { return }
        for bag in bags {
          let count = (offsets[bag + 1] - offsets[bag]) * features
          place.update(from: start + offsets[bag] * features, count: count)
          place += count
        }
      }
    }
    return Batch(bags: ends, x: rows, label: bags.map { labels[$0] })
  }
}
