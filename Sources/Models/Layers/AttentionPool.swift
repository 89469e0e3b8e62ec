import Arrays

extension NetworkBuilder {
  /// Attention pooling of the rows of each segment (Ilse, Tomczak and Welling 2018, equations 7 to 9):
  ///
  ///     a_k = softmax over the segment of wᵀ tanh(V h_k + b)                            plain
  ///     a_k = softmax over the segment of wᵀ (tanh(V h_k + b) ⊙ sigmoid(U h_k + c))    gated
  ///     z   = Σ_k a_k h_k
  ///
  /// Parameters are `name.V.weight` [hidden × width], `name.V.bias`, with a gate `name.U.weight` and `name.U.bias`, and
  /// `name.w.weight` [1 × hidden], which has no bias: a softmax does not see one.
  ///
  /// - Returns: the pooled rows z on `axis`, and the attention a, one value per row of `input`.
  public mutating func attentionPool(
    _ name: String, _ input: Handle, _ relation: String, _ axis: Axis, hidden: Int, gated: Bool = false
  ) throws -> (pooled: Handle, attention: Handle) {
    let attention = try add(
      "\(name).softmax", GroupSoftmax(relation), attentionEnergy(name, input, hidden: hidden, gated: gated))
    let weighted = try add("\(name).gate", Gate(), attention, input)
    return (try add("\(name).sum", SegmentPool(.sum, relation, axis), weighted), attention)
  }

  /// The energies of the attention, one number per row of `input`, before their softmax.
  mutating func attentionEnergy(_ name: String, _ input: Handle, hidden: Int, gated: Bool) throws -> Handle {
    var score = try add("\(name).tanh", Tanh(), add("\(name).V", Dense(to: hidden), input))
    if gated {
      let gate = try add("\(name).sigmoid", Sigmoid(), add("\(name).U", Dense(to: hidden), input))
      score = try add("\(name).product", Product(), score, gate)
    }
    return try add("\(name).w", Dense(to: 1, bias: false), score)
  }
}
