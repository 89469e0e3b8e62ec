import Arrays
import Tensors

/// The form of a node's values: rows over an axis, each `positions` × `channels`, channels last.
public struct Shape: Sendable, Equatable {
  /// What the rows stand for.
  public let axis: Axis
  /// Places along a row.
  public let positions: Int
  /// Values at a place.
  public let channels: Int
  /// Values of a row.
  public var width: Int { positions * channels }

  /// A form; without channels each place has one value.
  public init(_ axis: Axis, positions: Int, channels: Int = 1) {
    (self.axis, self.positions, self.channels) = (axis, positions, channels)
  }
}

/// A step of a network: from the values of its input nodes to its own, and back.
public protocol Layer: Sendable {
  /// The relation of the batch that it follows; nil for a layer that treats every row by itself in inference.
  var relation: String? { get }
  /// The form of the values, given those of the inputs; nil where the inputs are too small for this layer.
  func shape(of inputs: [Shape]) -> Shape?
  /// The parameters it needs; their names are put behind the node's name.
  func parameters(for inputs: [Shape]) -> [Parameters.Request]
  /// Writes `values.output`.
  func forward(_ values: LayerValues)
  /// Adds to `gradients.inputs` and `gradients.parameters`, wherever they are wanted.
  func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule)
}

extension Layer {
  /// Most layers treat every row by itself.
  public var relation: String? { nil }
  /// None: most layers have nothing to learn.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] { [] }
}

/// What a layer sees of a run: shapes, rows, values, parameters, and the memory of its node.
public struct LayerValues {
  let batch: Batch
  let mode: Mode
  let tape: Tape
  let node: NodeMemory
  let shapes: (inputs: [Shape], output: Shape)
  /// Rows of each input and of the output.
  let rows: (inputs: [Int], output: Int)
  let inputs: [UnsafePointer<Float>]
  let output: UnsafeMutablePointer<Float>
  /// In the order of `Layer.parameters(for:)`, with their places in `Parameters.entries`.
  let parameters: [UnsafePointer<Float>]
  let places: [Int]

  /// The number of values of the output.
  var count: Int { rows.output * shapes.output.width }
}

/// Derivatives on the way back; nil where nobody asks for them.
public struct LayerGradients {
  let output: UnsafePointer<Float>
  let inputs: [UnsafeMutablePointer<Float>?]
  let parameters: [UnsafeMutablePointer<Float>]?
}
