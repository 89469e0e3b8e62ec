/// Some columns of each row, in groups of one size: position g of the output holds the columns of group g as channels.
public struct TakeColumns: RearrangingLayer {
  let groups: [[Int]]

  /// The columns of each group; all groups have the same number of them.
  public init(_ groups: [[Int]]) {
    precondition(groups.allSatisfy { !$0.isEmpty && $0.count == groups[0].count }, "groups of one size")
    self.groups = groups
  }

  /// groups × columns of a group; nil where the input has too few columns.
  public func shape(of inputs: [Shape]) -> Shape? {
    guard groups.allSatisfy({ $0.allSatisfy { (0..<inputs[0].width).contains($0) } }) else { return nil }
    return Shape(inputs[0].axis, positions: groups.count, channels: groups[0].count)
  }

  /// Every column of a group.
  public func forEachValue(_ values: LayerValues, _ body: (_ from: Int, _ to: Int) -> Void) {
    let (width, columns) = (values.shapes.inputs[0].width, groups.flatMap { $0 })
    for row in 0..<values.rows.output {
      for (place, column) in columns.enumerated() { body(row * width + column, row * columns.count + place) }
    }
  }
}

/// The symmetric features of two vectors u and v: [u + v, |u − v|, u · v].
public struct JoinPair: Layer {
  /// The layer has no choices.
  public init() {}

  /// One position of three times the channels; nil unless there are two positions.
  public func shape(of inputs: [Shape]) -> Shape? {
    inputs[0].positions == 2 ? Shape(inputs[0].axis, positions: 1, channels: 3 * inputs[0].channels) : nil
  }

  /// Takes u from the first position, v from the second.
  public func forward(_ values: LayerValues) {
    forEachPair(values) { u, v, sum, channels in
      let (a, b) = (values.inputs[0][u], values.inputs[0][v])
      values.output[sum] = a + b
      values.output[sum + channels] = abs(a - b)
      values.output[sum + 2 * channels] = a * b
    }
  }

  /// du += d(u + v) + sign(u − v) d|u − v| + v d(u · v), and dv alike; the derivative of |u − v| at 0 is 0.
  public func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    guard let dX = gradients.inputs[0] else { return }
    forEachPair(values) { u, v, sum, channels in
      let (a, b, dY) = (values.inputs[0][u], values.inputs[0][v], gradients.output)
      let side = a > b ? dY[sum + channels] : a < b ? -dY[sum + channels] : 0
      dX[u] += dY[sum] + side + b * dY[sum + 2 * channels]
      dX[v] += dY[sum] - side + a * dY[sum + 2 * channels]
    }
  }

  private func forEachPair(_ values: LayerValues, _ body: (_ u: Int, _ v: Int, _ sum: Int, _ channels: Int) -> Void) {
    let channels = values.shapes.inputs[0].channels
    for row in 0..<values.rows.output {
      for channel in 0..<channels {
        let start = row * 2 * channels + channel
        body(start, start + channels, row * 3 * channels + channel, channels)
      }
    }
  }
}
