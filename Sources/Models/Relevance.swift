import Arrays
import Tensors

/// The way in which layer-wise relevance propagation (Bach 2015) goes back through a layer.
public enum RelevanceRule: Sendable {
  /// Each output has the relevance of the input beside it: activations, dropout.
  case passed
  /// Each output is a copy of one input, which has its relevance: maxima, rows by index, values side by side.
  case moved
  /// The z-rule, for outputs z_k = b_k + Σ_j a_j w_jk: R_j = Σ_k a_j w_jk / (z_k + ε sign(z_k)) R_k, sign(0) = 1. What
  /// b_k has of z_k is taken by the bias.
  case shared
}

extension RelevanceRule {
  /// The quotients R_k / (z_k + ε sign(z_k)).
  static func quotients(
    _ relevance: UnsafePointer<Float>, _ z: UnsafePointer<Float>, _ count: Int, epsilon: Double
  ) -> [Float] {
    (0..<count).map { place in
      let divisor = Double(z[place]) + (z[place] < 0 ? -epsilon : epsilon)
      return relevance[place] == 0 ? 0 : Float(Double(relevance[place]) / divisor)
    }
  }
}

extension Network {
  /// The first layer that relevance can't go back through, in words; nil where every layer has a rule.
  public func obstacle(to rule: Rule) -> String? {
    guard case .relevance = rule else { return nil }
    let missing = nodes.first { $0.layer.map { $0.relevance == nil } ?? false }
    return missing?.layer.map { "\(type(of: $0))" }
  }

  /// Goes back through one layer: adds the relevance of its inputs to `gradients.inputs`, from that of its output.
  ///
  /// The outputs z are those of the forward run, so that a z that is all rounding error cancels where the layer behind
  /// it read the same value. For a layer that is linear but for its biases, Σ_k w_jk s_k is the derivative back from s.
  func propagate(
    _ layer: any Layer, _ values: LayerValues, _ gradients: LayerGradients, epsilon: Double
  ) {
    switch layer.relevance {
    case .passed?:
      if let dX = gradients.inputs[0] { for place in 0..<values.count { dX[place] += gradients.output[place] } }
    case .moved?: layer.backward(values, gradients, .gradient)
    case .shared?:
      let quotients = RelevanceRule.quotients(gradients.output, values.output, values.count, epsilon: epsilon)
      let sums = gradients.inputs.indices.map { input -> Buffer<Float>? in
        // What symbols take is added with their embedding (`SymbolReader`).
        guard gradients.inputs[input] != nil, values.symbols[input] == nil else { return nil }
        let sum = Buffer<Float>()
        sum.fill(values.rows.inputs[input] * values.shapes.inputs[input].width, with: 0)
        return sum
      }
      quotients.withUnsafeBufferPointer { quotients in
        guard let start = quotients.baseAddress else { return }
        let inner = LayerGradients(output: start, inputs: sums.map { $0?.start }, parameters: nil)
        layer.backward(values, inner, .gradient)
      }
      for (input, sum) in sums.enumerated() {
        guard let sum, let to = gradients.inputs[input] else { continue }
        for place in 0..<sum.count { to[place] += values.inputs[input][place] * sum.start[place] }
      }
    case nil: preconditionFailure("a layer with a rule for relevance: obstacle(to:) is asked first")
    }
  }
}
