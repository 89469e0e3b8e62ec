import Bytes

extension Parameters {
  /// The requests for tensors of these names and shapes, with zeros as initial values.
  public var requests: [Request] { entries.map { Request($0.name, $0.shape, .constant(0), kind: $0.kind) } }

  /// The tensors for a file, with `prefix` before each name.
  public func tensors(prefix: String = "") -> [TensorFile.Tensor] {
    entries.map { TensorFile.Tensor(prefix + $0.name, .f32, $0.shape, values($0.name) ?? []) }
  }
}

extension TensorFile {
  /// Returns the tensor of this name, type and shape; otherwise throws the error that `refuse` makes of the reason.
  public func tensor(
    _ name: String, _ element: Element, _ shape: [Int], _ refuse: (String) -> any Error
  ) throws -> Tensor {
    guard let tensor = self[name] else { throw refuse("tensor '\(name)' is missing") }
    guard tensor.element == element, tensor.shape == shape else {
      throw refuse("tensor '\(name)' is \(tensor.element.rawValue) \(tensor.shape), not \(element.rawValue) \(shape)")
    }
    return tensor
  }

  /// Returns the requested tensors, stored with `prefix` before their names. Their values must be finite, and not below
  /// 0 where `isPositive` holds for the name; otherwise throws the error that `refuse` makes of the reason.
  public func parameters(
    _ requests: [Parameters.Request], prefix: String = "",
    isPositive: (String) -> Bool = { $0.hasSuffix("running_var") }, _ refuse: (String) -> any Error
  ) throws -> Parameters {
    // All shapes are seen before memory is taken for what was asked.
    let found = try requests.map { try tensor(prefix + $0.name, .f32, $0.shape, refuse) }
    var parameters = Parameters(requests)
    for (entry, tensor) in zip(parameters.entries, found) {
      let values = tensor.values(as: Float.self)
      let least = isPositive(entry.name) ? Float(0) : -.greatestFiniteMagnitude
      guard values.allSatisfy({ $0.isFinite && $0 >= least }) else {
        throw refuse("tensor '\(tensor.name)' holds a number that no model can have")
      }
      parameters.set(entry.name, to: values)
    }
    return parameters
  }
}
