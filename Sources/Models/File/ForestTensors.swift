extension Forest {
  /// The names of the tensors.
  static let tensorNames = [
    "node.feature", "node.left", "node.right", "node.threshold", "node.value", "node.weight", "tree.offsets",
  ]

  /// The tensors of the forest, each with `prefix` before its name: `tree.offsets` (trees + 1) and, for all nodes,
  /// `node.feature`, `node.left`, `node.right` (I64), `node.threshold` (F32), `node.value`, `node.weight` (F64).
  public func tensors(prefix: String = "") -> [TensorFile.Tensor] {
    func whole(_ name: String, _ values: [Int64]) -> TensorFile.Tensor {
      TensorFile.Tensor(prefix + name, .i64, [values.count], values)
    }
    let count = nodes.count
    return [
      whole("node.feature", nodes.map { Int64($0.feature) }), whole("node.left", nodes.map { Int64($0.left) }),
      whole("node.right", nodes.map { Int64($0.right) }),
      TensorFile.Tensor(prefix + "node.threshold", .f32, [count], nodes.map(\.threshold)),
      TensorFile.Tensor(prefix + "node.value", .f64, [count], nodes.map(\.value)),
      TensorFile.Tensor(prefix + "node.weight", .f64, [count], nodes.map(\.weight)),
      whole("tree.offsets", offsets.map(Int64.init)),
    ]
  }

  /// Reads a forest for rows of `features` columns from the tensors of a file that `tensors(prefix:)` names.
  ///
  /// Throws what `refuse` makes of the reason where they are not trees: a cycle, a child that is not a later node of
  /// its tree, a node with two parents or none, a feature out of range, a number that is not finite, a leaf with
  /// children, more trees, nodes or levels than `maximumTrees`, `maximumNodes` and `maximumDepth`. Shapes are checked
  /// before any memory is taken.
  public init(
    _ file: TensorFile, prefix: String = "", features: Int, _ refuse: (String) -> any Error
  ) throws {
    self = try Self.read(file, prefix: prefix, features: features, refuse)
  }

  private static func read(
    _ file: TensorFile, prefix: String, features: Int, _ refuse: (String) -> any Error
  ) throws -> Forest {
    func side(_ name: String) throws -> Int {
      guard let tensor = file[prefix + name] else { throw refuse("tensor '\(prefix + name)' is missing") }
      guard tensor.shape.count == 1 else { throw refuse("tensor '\(tensor.name)' is \(tensor.shape), not one row") }
      return tensor.shape[0]
    }
    let (trees, count) = (try side("tree.offsets") - 1, try side("node.feature"))
    do {
      try ForestDefect.checkSizes(features: features, trees: trees, nodes: count)
    } catch {
      throw refuse(error.reason)
    }
    func tensor(_ name: String, _ element: TensorFile.Element) throws -> TensorFile.Tensor {
      try file.tensor(prefix + name, element, [name == "tree.offsets" ? trees + 1 : count], refuse)
    }
    func whole(_ name: String) throws -> [Int32] {
      let tensor = try tensor(name, .i64)
      return try tensor.values(as: Int64.self).map { value in
        guard let small = Int32(exactly: value) else { throw refuse("tensor '\(tensor.name)' holds \(value)") }
        return small
      }
    }
    let (feature, left, right) = (try whole("node.feature"), try whole("node.left"), try whole("node.right"))
    let threshold = try tensor("node.threshold", .f32).values(as: Float.self)
    let value = try tensor("node.value", .f64).values(as: Double.self)
    let weight = try tensor("node.weight", .f64).values(as: Double.self)
    let offsets = try whole("tree.offsets").map(Int.init)
    let nodes = (0..<count).map { place in
      Node(
        feature: feature[place], threshold: threshold[place], left: left[place], right: right[place],
        value: value[place], weight: weight[place])
    }
    do {
      return try Forest(features: features, nodes: nodes, offsets: offsets)
    } catch {
      throw refuse(error.reason)
    }
  }
}
