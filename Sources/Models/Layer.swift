import Arrays
import Tensors

/// The shape of a node's values: one row per row of an axis, each `positions` × `channels`, channels last.
public struct Shape: Sendable, Equatable {
  /// The axis of the rows.
  public let axis: Axis
  /// The number of positions in a row.
  public let positions: Int
  /// The number of values per position.
  public let channels: Int
  /// The number of different symbols, for rows that hold symbols instead of numbers; nil for numbers.
  public let symbols: Int?
  /// The number of values per row.
  public var width: Int { positions * channels }

  /// Makes a shape, of one channel by default.
  public init(_ axis: Axis, positions: Int, channels: Int = 1) {
    (self.axis, self.positions, self.channels, symbols) = (axis, positions, channels, nil)
  }

  /// The form of rows of `length` symbols, each from 0 to below `symbols`.
  public init(_ axis: Axis, length: Int, symbols: Int) {
    (self.axis, positions, channels, self.symbols) = (axis, length, 1, symbols)
  }
}

/// A node's function: its values from those of its input nodes, and the derivatives backwards.
public protocol Layer: Sendable {
  /// The relation of the batch that the layer uses; nil if in inference every row is computed independently.
  var relation: String? { get }
  /// The index relations by which a row of the output points to rows of inputs on another axis; empty for layers whose
  /// rows are those of their inputs, or depend on each other. Such a layer can run on a block of its rows.
  var indices: [String] { get }
  /// Whether the input of this number may hold symbols (`Shape.symbols`).
  func readsSymbols(_ input: Int) -> Bool
  /// Returns why the layer cannot run on a batch, in words; nil if it can. A batch with a fault must not be run.
  func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String?
  /// Returns the shape of the values for inputs of these shapes; nil if the inputs are too small.
  func shape(of inputs: [Shape]) -> Shape?
  /// Returns the parameters the layer needs; the node's name is put before their names.
  func parameters(for inputs: [Shape]) -> [Parameters.Request]
  /// The rule by which relevance goes back through the layer; nil where there is none.
  var relevance: RelevanceRule? { get }
  /// Whether `backward` writes the derivative in every value of its inputs where `LayerGradients.adds` is false; other
  /// layers always add.
  var writes: Bool { get }
  /// Writes `values.output`.
  func forward(_ values: LayerValues)
  /// Adds to `gradients.inputs` (or writes them, see `writes`) and `gradients.parameters` where these are not nil.
  func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule)
}

extension Layer {
  /// Nil: most layers compute every row independently.
  public var relation: String? { nil }
  /// Empty: most layers point to no other axis.
  public var indices: [String] { [] }
  /// False: most layers read numbers.
  public func readsSymbols(_ input: Int) -> Bool { false }
  /// False: most layers add.
  public var writes: Bool { false }
  /// Nil: gates, attention and the like have no rule.
  public var relevance: RelevanceRule? { nil }
  /// Nil: a layer without a relation can run on every batch.
  public func fault(in batch: Batch, inputs: [Shape], output: Shape) -> String? { nil }
  /// Empty: most layers have no parameters.
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
  /// Numbers kept from the forward pass for the backward pass.
  public var notes: Buffer<Float> { node.notes }
  /// Row numbers kept from the forward pass for the backward pass.
  public var lists: Buffer<Int32> { node.lists }
  /// Bytes kept from the forward pass for the backward pass, one per value.
  public var bytes: Buffer<UInt8> { node.bytes }
  /// The memory of a kernel that brings its own, the same in every run of the tape.
  func engine<Memory: AnyObject>(_ make: () -> Memory) -> Memory {
    if let memory = node.engine as? Memory { return memory }
    let memory = make()
    node.engine = memory
    return memory
  }
  /// For a pool of units to one value per group: the row that each group's value comes from.
  public var witnesses: Buffer<Int32> { node.rows }
}

/// The derivatives of the backward pass; nil where they are not needed.
public struct LayerGradients {
  /// The derivative in each value of the output.
  public let output: UnsafePointer<Float>
  /// Where to add the derivative in each value of an input; nil where it is not wanted.
  public let inputs: [UnsafeMutablePointer<Float>?]
  /// Where to add the derivative in each parameter, in the order of `Layer.parameters(for:)`.
  public let parameters: [UnsafeMutablePointer<Float>]?
  /// Whether the derivatives in the inputs are added to those that are there. If not, these are without meaning.
  public var adds = true
}
