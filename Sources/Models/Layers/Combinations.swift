import Arrays
import Tensors

/// The weighted sum of nodes of one form: y = Σ_k s_k · x_k. With weights 1 it is a residual connection (He 2016).
public struct Add: Layer {
  private let scales: [Float]?

  /// A sum; `scales` holds one factor per input, 1 + ε for a row's own part in a graph isomorphism network (Xu 2019).
  public init(scales: [Float]? = nil) { self.scales = scales }

  /// The z-rule.
  public var relevance: RelevanceRule? { .shared }

  /// The form of the inputs; nil unless all have the same, or where the factors are not one per input.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs.allSatisfy { $0 == inputs[0] } && (scales?.count ?? inputs.count) == inputs.count ? inputs[0] : nil
  }

  /// Adds in the order of the inputs.
  public func forward(_ values: LayerValues) {
    for place in 0..<values.count { values.output[place] = scale(0) * values.inputs[0][place] }
    for (input, x) in values.inputs.enumerated().dropFirst() {
      let scale = scale(input)
      for place in 0..<values.count { values.output[place] += scale * x[place] }
    }
  }

  /// dX_k += s_k · dY.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    for (input, dX) in gradients.inputs.enumerated() {
      guard let dX else { continue }
      let scale = scale(input)
      for place in 0..<values.count { dX[place] += scale * gradients.output[place] }
    }
  }

  private func scale(_ input: Int) -> Float { scales?[input] ?? 1 }
}

/// The product of two nodes of one form, value by value: y = a · b.
public struct Product: Layer {
  /// The layer has no choices.
  public init() {}

  /// The form of the two inputs; nil unless both have the same.
  public func shape(of inputs: [Shape]) -> Shape? { inputs.count == 2 && inputs[0] == inputs[1] ? inputs[0] : nil }

  /// y = a · b.
  public func forward(_ values: LayerValues) {
    let (a, b) = (values.inputs[0], values.inputs[1])
    for place in 0..<values.count { values.output[place] = a[place] * b[place] }
  }

  /// da += dY · b and db += dY · a, under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    for (input, other) in [(0, 1), (1, 0)] {
      guard let dX = gradients.inputs[input] else { continue }
      let factor = values.inputs[other]
      for place in 0..<values.count { dX[place] += gradients.output[place] * factor[place] }
    }
  }
}

/// The product over the positions of a node, channel by channel: y[c] = Π_p x[p][c].
public struct PositionProduct: Layer {
  /// The layer has no choices.
  public init() {}

  /// One position of the input's channels.
  public func shape(of inputs: [Shape]) -> Shape? { Shape(inputs[0].axis, positions: 1, channels: inputs[0].channels) }

  /// Multiplies in the order of the positions.
  public func forward(_ values: LayerValues) {
    let shape = values.shapes.inputs[0]
    for row in 0..<values.rows.output {
      let (x, y) = (values.inputs[0] + row * shape.width, values.output + row * shape.channels)
      y.update(from: x, count: shape.channels)
      for place in shape.channels..<shape.width { y[place % shape.channels] *= x[place] }
    }
  }

  /// dx[p][c] += dY[c] · Π x[q][c] over the other positions q, under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let shape = values.shapes.inputs[0]
    for place in 0..<values.rows.output * shape.width {
      let (row, position) = (place / shape.width, place % shape.width)
      var factor = gradients.output[row * shape.channels + position % shape.channels]
      for other in stride(from: position % shape.channels, to: shape.width, by: shape.channels) where other != position
      {
        factor *= values.inputs[0][row * shape.width + other]
      }
      dX[place] += factor
    }
  }
}

/// The values of a row, cut off at ±5, and the products of all pairs of them: c_1 … c_n, then c_i · c_j for i ≤ j.
///
/// For features on one scale, such as z-scores: cutting keeps a product from being that of two outliers.
public struct Products: Layer {
  private static let limit: Float = 5

  /// The layer has no choices.
  public init() {}

  /// The number of values made of `count`.
  public static func width(_ count: Int) -> Int { count + count * (count + 1) / 2 }

  /// One position.
  public func shape(of inputs: [Shape]) -> Shape? {
    Shape(inputs[0].axis, positions: 1, channels: Self.width(inputs[0].width))
  }

  /// Cuts and multiplies.
  public func forward(_ values: LayerValues) {
    let width = values.shapes.inputs[0].width
    for row in 0..<values.rows.output {
      Self.expand(values.inputs[0] + row * width, width, to: values.output + row * Self.width(width))
    }
  }

  /// Writes the values that are made of `count` numbers.
  static func expand(_ x: UnsafePointer<Float>, _ count: Int, to y: UnsafeMutablePointer<Float>) {
    for place in 0..<count { y[place] = min(max(x[place], -limit), limit) }
    var next = y + count
    for i in 0..<count {
      for j in i..<count { next[j - i] = y[i] * y[j] }
      next += count - i
    }
  }

  /// The rows of a table, expanded.
  public static func expanded(_ table: Matrix) -> Matrix {
    var result = Matrix(uninitializedRows: table.rows, columns: width(table.columns))
    table.withUnsafeBufferPointer { from in
      result.withUnsafeMutableBufferPointer { into in
        guard let x = from.baseAddress, let y = into.baseAddress else { return }
        for row in 0..<table.rows { expand(x + row * table.columns, table.columns, to: y + row * width(table.columns)) }
      }
    }
    return result
  }

  /// dx_i += dY_i + Σ_j c_j dY_ij, twice for j = i, and 0 where x_i is cut; under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    let width = values.shapes.inputs[0].width
    for row in 0..<values.rows.output {
      let (x, dX) = (values.inputs[0] + row * width, dX + row * width)
      let (c, dY) = (values.output + row * Self.width(width), gradients.output + row * Self.width(width))
      var place = width
      func add(_ value: Float, at i: Int) { if abs(x[i]) < Self.limit { dX[i] += value } }
      for i in 0..<width {
        add(dY[i], at: i)
        for j in i..<width {
          add(c[j] * dY[place], at: i)
          add(c[i] * dY[place], at: j)
          place += 1
        }
      }
    }
  }
}

/// A layer whose output values are copies of values of its first input.
public protocol RearrangingLayer: Layer {
  /// Calls `body` with the index of each value that is copied, in the input and in the output.
  func forEachValue(_ values: LayerValues, _ body: (_ from: Int, _ to: Int) -> Void)
}

extension RearrangingLayer {
  /// Copies every value.
  public func forward(_ values: LayerValues) {
    forEachValue(values) { from, to in values.output[to] = values.inputs[0][from] }
  }

  /// dX += dY, each at its own index.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    forEachValue(values) { from, to in dX[from] += gradients.output[to] }
  }
}

/// Positions as channels and channels as positions: y[c][p] = x[p][c].
public struct Transpose: RearrangingLayer {
  /// The layer has no choices.
  public init() {}

  /// As many positions as the input has channels, and the other way round.
  public func shape(of inputs: [Shape]) -> Shape? {
    Shape(inputs[0].axis, positions: inputs[0].channels, channels: inputs[0].positions)
  }

  /// Every value of the input.
  public func forEachValue(_ values: LayerValues, _ body: (_ from: Int, _ to: Int) -> Void) {
    let shape = values.shapes.inputs[0]
    for start in stride(from: 0, to: values.rows.output * shape.width, by: shape.width) {
      for position in 0..<shape.positions {
        for channel in 0..<shape.channels {
          body(start + position * shape.channels + channel, start + channel * shape.positions + position)
        }
      }
    }
  }
}

/// The log odds of the second of two classes under a softmax: y = x[1] − x[0]. Cross entropy of their sigmoid is the
/// categorical cross entropy of the softmax.
public struct LogOdds: Layer {
  /// Whether explanations start from the logit of the predicted class, as they do for the two-logit head.
  public let isHead: Bool

  /// The log odds within a network, or of its head.
  public init(isHead: Bool = false) { self.isHead = isHead }

  /// The z-rule for a head; none within a network.
  public var relevance: RelevanceRule? { isHead ? .shared : nil }

  /// One value; nil unless the input has two.
  public func shape(of inputs: [Shape]) -> Shape? { inputs[0].width == 2 ? Shape(inputs[0].axis, positions: 1) : nil }

  /// y = x[1] − x[0].
  public func forward(_ values: LayerValues) {
    let x = values.inputs[0]
    for row in 0..<values.rows.output { values.output[row] = x[2 * row + 1] - x[2 * row] }
  }

  /// dx[1] += dY and dx[0] −= dY, under either rule.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    for row in 0..<values.rows.output {
      dX[2 * row + 1] += gradients.output[row]
      dX[2 * row] -= gradients.output[row]
    }
  }
}

/// The channels of several nodes side by side, at each position: y[p] = [x_1[p], x_2[p], …].
public struct Concatenate: Layer {
  /// The layer has no choices.
  public init() {}

  /// Relevance goes to the value that is copied.
  public var relevance: RelevanceRule? { .moved }

  /// The channels of all inputs together; nil unless they have one axis and the same number of positions.
  public func shape(of inputs: [Shape]) -> Shape? {
    guard inputs.allSatisfy({ $0.axis == inputs[0].axis && $0.positions == inputs[0].positions }) else { return nil }
    return Shape(
      inputs[0].axis, positions: inputs[0].positions, channels: inputs.reduce(0) { $0 + $1.channels })
  }

  /// Copies channels, input by input.
  public func forward(_ values: LayerValues) {
    forEachPart(values) { input, from, to, channels in
      (values.output + to).update(from: values.inputs[input] + from, count: channels)
    }
  }

  /// dX_k += its part of dY.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    forEachPart(values) { input, from, to, channels in
      guard let dX = gradients.inputs[input] else { return }
      for channel in 0..<channels { dX[from + channel] += gradients.output[to + channel] }
    }
  }

  private func forEachPart(_ values: LayerValues, _ body: (_ input: Int, _ from: Int, _ to: Int, _ count: Int) -> Void)
  {
    let (places, width) = (values.rows.output * values.shapes.output.positions, values.shapes.output.channels)
    var offset = 0
    for (input, shape) in values.shapes.inputs.enumerated() {
      for place in 0..<places { body(input, place * shape.channels, place * width + offset, shape.channels) }
      offset += shape.channels
    }
  }
}
