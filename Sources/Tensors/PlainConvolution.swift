/// The convolution of `ConvolutionKernel` written as its definition; tests hold both equal.
public enum PlainConvolution {
  /// Writes `y`.
  public static func forward(
    _ size: ConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, _ work: Workspace
  ) {
    forEachProduct(size) { output, input, tap in
      if input == 0 && tap == 0 { y[output.y] = bias?[output.channel] ?? 0 }
      y[output.y] += x[output.x + tap * size.inputs + input] * weight[output.weight + input * size.kernel + tap]
    }
  }

  /// Adds the derivatives to `dX`, `dWeight` and `dBias` where these are not nil.
  public static func backward(
    _ size: ConvolutionSize, x: UnsafePointer<Float>, weight: UnsafePointer<Float>, dY: UnsafePointer<Float>,
    dX: UnsafeMutablePointer<Float>?, dWeight: UnsafeMutablePointer<Float>?, dBias: UnsafeMutablePointer<Float>?,
    _ work: Workspace
  ) {
    forEachProduct(size) { output, input, tap in
      let (from, by) = (output.x + tap * size.inputs + input, output.weight + input * size.kernel + tap)
      dX?[from] += dY[output.y] * weight[by]
      dWeight?[by] += dY[output.y] * x[from]
      if input == 0 && tap == 0 { dBias?[output.channel] += dY[output.y] }
    }
  }

  /// The offsets of one output value in `y`, of its window in `x` and of its channel's weights, and its channel.
  private struct Offsets {
    let y: Int
    let x: Int
    let weight: Int
    let channel: Int
  }

  private static func forEachProduct(_ size: ConvolutionSize, _ body: (Offsets, _ input: Int, _ tap: Int) -> Void) {
    for instance in 0..<size.instances {
      for position in 0..<size.positions {
        for channel in 0..<size.outputs {
          let offsets = Offsets(
            y: (instance * size.positions + position) * size.outputs + channel,
            x: (instance * size.length + position) * size.inputs, weight: channel * size.taps, channel: channel)
          for input in 0..<size.inputs {
            for tap in 0..<size.kernel { body(offsets, input, tap) }
          }
        }
      }
    }
  }
}

/// The convolution of `TokenConvolutionKernel` written as its definition, forward only; tests hold both equal.
public enum PlainTokenConvolution {
  /// Writes `y`.
  public static func forward(
    _ size: TokenConvolutionKernel.Size, tokens: UnsafePointer<Int32>, embedding: UnsafePointer<Float>,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<size.rows {
      for filter in 0..<size.filters {
        for place in 0..<size.places {
          var sum = Double(bias[filter])
          for position in 0..<size.length {
            let embedded = embedding + Int(tokens[row * size.length + position]) * size.width + place
            for tap in 0..<size.kernel {
              sum += Double(weight[(filter * size.length + position) * size.kernel + tap]) * Double(embedded[tap])
            }
          }
          y[(row * size.filters + filter) * size.places + place] = Float(sum)
        }
      }
    }
  }
}
