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
  /// The number of different symbols, where a row holds symbols in place of numbers; nil for numbers.
  public let symbols: Int?
  /// Values of a row.
  public var width: Int { positions * channels }

  /// A form; without channels each place has one value.
  public init(_ axis: Axis, positions: Int, channels: Int = 1) {
    (self.axis, self.positions, self.channels, symbols) = (axis, positions, channels, nil)
  }

  /// The form of rows of `length` symbols, each from 0 to below `symbols`.
  public init(_ axis: Axis, length: Int, symbols: Int) {
    (self.axis, positions, channels, self.symbols) = (axis, length, 1, symbols)
  }
}

/// A step of a network: from the values of its input nodes to its own, and back.
public protocol Layer: Sendable {
  /// The relation of the batch that it follows; nil for a layer that treats every row by itself in inference.
  var relation: String? { get }
  /// Whether the input of this number may hold symbols (`Shape.symbols`).
  func readsSymbols(_ input: Int) -> Bool
  /// Why the layer cannot run on a batch, in words; nil where it can. A batch with a fault must not be run.
  func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String?
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
  /// Most layers read numbers.
  public func readsSymbols(_ input: Int) -> Bool { false }
  /// A layer without a relation can run on every batch.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? { nil }
  /// None: most layers have nothing to learn.
  public func parameters(for inputs: [Shape]) -> [Parameters.Request] { [] }
}

/// The values of one layer during a run: shapes, rows, values of inputs and output, parameters, and its memory.
///
/// Pointers are valid during the call of `forward` or `backward` only.
public struct LayerValues {
  /// The whole batch.
  public let batch: Batch
  /// Whether the run trains or scores.
  public let mode: Mode
  /// The memory of the run.
  public let tape: Tape
  /// The shape of each input, and of the output.
  public let shapes: (inputs: [Shape], output: Shape)
  /// The rows of each input, and of the output.
  public let rows: (inputs: [Int], output: Int)
  /// The values of each input, rows × width; without content where the input holds symbols.
  public let inputs: [UnsafePointer<Float>]
  /// The values of the output, rows × width.
  public let output: UnsafeMutablePointer<Float>
  /// In the order of `Layer.parameters(for:)`.
  public let parameters: [UnsafePointer<Float>]
  /// The place of each parameter in `Parameters.entries`.
  public let places: [Int]
  /// The symbols of each input that holds symbols, rows × positions; nil for an input of numbers.
  public let symbols: [UnsafePointer<Int32>?]
  let node: NodeMemory

  /// The number of values of the output.
  public var count: Int { rows.output * shapes.output.width }
  /// Threads and scratch space.
  public var work: Workspace { tape.work }
  /// What the layer keeps for its way back: numbers.
  public var notes: Buffer<Float> { node.notes }
  /// What the layer keeps for its way back: row numbers.
  public var lists: Buffer<Int32> { node.lists }
  /// What the layer keeps for its way back: one byte per value.
  public var bytes: Buffer<UInt8> { node.bytes }
  /// For a pool of units to one value per group: the row that each group's value comes from.
  public var witnesses: Buffer<Int32> { node.rows }
}

/// The derivatives on the way back; nil where nobody asks for them.
public struct LayerGradients {
  /// The derivative in each value of the output.
  public let output: UnsafePointer<Float>
  /// Where to add the derivative in each value of an input; nil where it is not wanted.
  public let inputs: [UnsafeMutablePointer<Float>?]
  /// Where to add the derivative in each parameter, in the order of `Layer.parameters(for:)`.
  public let parameters: [UnsafeMutablePointer<Float>]?
}
