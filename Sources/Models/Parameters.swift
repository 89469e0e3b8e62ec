import Arrays
import Bytes

/// The named tensors of a model, in a fixed order, in one allocation; the model file uses the same names.
///
/// Gradients and optimiser moments are `Parameters` of the same layout.
public struct Parameters: Sendable, Equatable {
  /// One tensor: its name, its shape as PyTorch has it, and where it starts in `storage`.
  public struct Entry: Sendable, Equatable {
    /// The name, for instance `conv1.weight`.
    public let name: String
    /// The dimensions, the last one contiguous.
    public let shape: [Int]
    /// Whether an optimiser may change it.
    public let kind: Kind
    /// The index of the first value in `storage`.
    public let offset: Int
    /// The number of its values.
    public var count: Int { shape.reduce(1, *) }
    /// The indices of the values in `storage`.
    public var range: Range<Int> { offset..<offset + count }
  }

  /// A weight is optimised; a buffer (running statistics of a batch norm) is not.
  public enum Kind: Sendable, Equatable { case weight, buffer }

  /// The initial values of a tensor.
  public enum Start: Sendable, Equatable {
    case constant(Float)
    /// Uniform in ±bound; PyTorch's default for dense layers and convolutions is bound = 1/√(fan in).
    case uniform(bound: Float)
    /// Normal around 0; PyTorch's default for embeddings is deviation 1.
    case normal(deviation: Float)
  }

  /// A tensor that a layer needs.
  public struct Request: Sendable {
    /// The tensor's name within its node, such as `weight`.
    public let name: String
    /// The dimensions as in PyTorch, the last one contiguous.
    public let shape: [Int]
    /// Whether an optimiser may change it.
    public let kind: Kind
    /// Its values before the first update.
    public let start: Start

    /// A tensor, a weight unless said otherwise.
    public init(_ name: String, _ shape: [Int], _ start: Start, kind: Kind = .weight) {
      (self.name, self.shape, self.start, self.kind) = (name, shape, start, kind)
    }
  }

  /// The tensors in their order.
  public let entries: [Entry]
  /// All values in one row; every tensor starts at a multiple of 16, with zeros between tensors.
  public var storage: Matrix
  private let places: [String: Int]

  /// Tensors of zeros.
  public init(_ requests: [Request]) {
    var entries: [Entry] = []
    var offset = 0
    for request in requests {
      let entry = Entry(name: request.name, shape: request.shape, kind: request.kind, offset: offset)
      entries.append(entry)
      offset = (entry.range.upperBound + 15) / 16 * 16
    }
    self.entries = entries
    storage = Matrix(rows: 1, columns: offset)
    places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// Tensors with their initial values. Each tensor is drawn from a random stream keyed by its name.
  public init(_ requests: [Request], seed: UInt64) {
    self.init(requests)
    let entries = self.entries
    storage.withUnsafeMutableBufferPointer { values in
      for (entry, request) in zip(entries, requests) {
        var stream = RandomStream(seed: seed, RandomStream.hash(entry.name))
        for index in entry.range {
          switch request.start {
          case .constant(let value): values[index] = value
          case .uniform(let bound): values[index] = Float((2 * stream.uniform() - 1) * Double(bound))
          case .normal(let deviation): values[index] = Float(stream.normal()) * deviation
          }
        }
      }
    }
  }

  /// Returns parameters of the same layout with every value 0.
  public func zeros() -> Parameters {
    var result = self
    result.storage = Matrix(rows: 1, columns: storage.columns)
    return result
  }

  /// Sets every value to 0, in place.
  public mutating func clear() {
    storage.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// Returns the index of a tensor in `entries`, nil when there is none of that name.
  public func index(of name: String) -> Int? { places[name] }

  /// The values of a tensor in row order, nil when there is none of that name.
  public func values(_ name: String) -> [Float]? {
    index(of: name).map { place in storage.withUnsafeBufferPointer { Array($0[entries[place].range]) } }
  }

  /// Replaces the values of the tensor `name`, which must exist and have the same count.
  public mutating func set(_ name: String, to values: [Float]) {
    guard let place = index(of: name), entries[place].count == values.count else {
      preconditionFailure("a tensor \(name) of \(values.count) values")
    }
    let offset = entries[place].offset
    storage.withUnsafeMutableBufferPointer { all in
      for (index, value) in values.enumerated() { all[offset + index] = value }
    }
  }

  /// Adds `step` to every value of the tensor `name`, which must exist.
  public mutating func shift(_ name: String, by step: Float) {
    guard let values = values(name) else { preconditionFailure("a tensor \(name)") }
    set(name, to: values.map { $0 + step })
  }

  /// The number of values an optimiser may change.
  public var weightCount: Int { entries.filter { $0.kind == .weight }.reduce(0) { $0 + $1.count } }

  /// Whether every value is finite.
  public var isFinite: Bool {
    storage.withUnsafeBufferPointer { values in
      // x − x is 0 for a number, and no number for others. The storage is a multiple of 16 values.
      guard let start = values.baseAddress else { return true }
      var differences = SIMD16<Float>()
      for place in stride(from: 0, to: values.count, by: 16) {
        let x = UnsafeRawPointer(start + place).load(as: SIMD16<Float>.self)
        differences += x - x
      }
      return differences == SIMD16<Float>()
    }
  }

  /// Moves running statistics towards those of the last batch, as PyTorch does:
  /// running = (1 − momentum) · running + momentum · batch, with the momentum of the layer unless another is given.
  public mutating func commit(_ statistics: [BatchStatistics], momentum: Float? = nil) {
    for batch in statistics {
      let entry = entries[batch.place]
      precondition(entry.kind == .buffer && entry.count == batch.values.count, "statistics of this layout")
      let momentum = momentum ?? batch.momentum
      storage.withUnsafeMutableBufferPointer { all in
        for (index, value) in zip(entry.range, batch.values) { all[index] += momentum * (value - all[index]) }
      }
    }
  }
}

/// The means, or the variances, of a batch norm's input in a training batch, with the tensor they update.
public struct BatchStatistics: Sendable, Equatable {
  /// The index in `Parameters.entries`.
  public var place: Int
  /// One value per channel.
  public var values: [Float]
  /// Their weight in the running statistics.
  public var momentum: Float = 0.1
}
