import Bytes

extension Parameters {
  /// What would be asked for to get these tensors, as zeros.
  public var requests: [Request] { entries.map { Request($0.name, $0.shape, .constant(0), kind: $0.kind) } }

  /// The tensors as they stand in a file, each with `prefix` before its name.
  public func tensors(prefix: String = "") -> [TensorFile.Tensor] {
    entries.map { TensorFile.Tensor(prefix + $0.name, .f32, $0.shape, values($0.name) ?? []) }
  }
}

extension TensorFile {
  /// The tensor of this name, type and shape; throws what `refuse` makes of the reason where it is another one.
  public func tensor(
    _ name: String, _ element: Element, _ shape: [Int], _ refuse: (String) -> any Error
  ) throws -> Tensor {
    guard let tensor = self[name] else { throw refuse("tensor '\(name)' is missing") }
    guard tensor.element == element, tensor.shape == shape else {
      throw refuse("tensor '\(name)' is \(tensor.element.rawValue) \(tensor.shape), not \(element.rawValue) \(shape)")
    }
    return tensor
  }

  /// The tensors that are asked for, each with `prefix` before its name: finite numbers, none below 0 in those that
  /// `isPositive` names. Throws what `refuse` makes of the reason where that is not so.
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
