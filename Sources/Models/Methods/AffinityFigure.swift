import Arrays
import Bytes

/// The parts that networks of two sides share, as steps of a `NetworkBuilder`.
struct AffinityFigure {
  typealias Handle = NetworkBuilder.Handle

  var builder = NetworkBuilder()
  let values: SettingValues
  private var masks = 0

  init(_ values: SettingValues) { self.values = values }

  /// The number of the next dropout mask.
  mutating func nextMask() -> Int {
    masks += 1
    return masks
  }

  /// Dropout of the setting's share.
  mutating func dropout(_ x: Handle) throws -> Handle {
    let number = nextMask()
    return try builder.add("dropout\(number)", Dropout(values.real("dropout"), number: number), x)
  }

  /// A layer and a ReLU.
  mutating func relu(_ name: String, _ layer: some Layer, _ x: Handle) throws -> Handle {
    try builder.add("\(name).relu", ReLU(), builder.add(name, layer, x))
  }

  /// A row per instance: that of its entity on the input's side.
  mutating func gather(_ x: Handle, _ input: MethodInput) throws -> Handle {
    guard let index = input.index else { return x }
    return try builder.add("\(index).row", Gather(index, .instance), x)
  }

  /// The tokens of a sequence.
  mutating func tokens(_ input: MethodInput) -> Handle {
    guard case .tokens(_, let symbols, let length) = input.form else { preconditionFailure("an input of tokens") }
    return builder.tokens(input.port, input.rows, length: length, symbols: symbols)
  }

  /// The layers of a sequence that the setting `protein` names, up to a row of `width` numbers per instance.
  mutating func sequence(_ input: MethodInput, reluAfterPositions: Bool) throws -> Handle {
    let tokens = tokens(input)
    let (embedding, filters, kernel) = (
      values.integer("embedding"), values.integer("filters"), values.integer("kernel")
    )
    var x: Handle
    switch values.text("protein") {
    case "conv3":
      x = try builder.add("b.embedding", Embedding(width: embedding), tokens)
      x = try convolutions("b", filters: filters, kernel: kernel, x)
    case "lstm":
      x = try builder.add("b.embedding", Embedding(width: embedding), tokens)
      let memory = LSTM(to: values.integer("memory"))
      x = try values.flag("padded") ? builder.add("b.lstm", memory, x) : builder.add("b.lstm", memory, x, tokens)
    default:
      let positions = TokenConvolution(embedding: embedding, filters: filters, kernel: kernel)
      x = try builder.add("b.positions", positions, tokens)
      if reluAfterPositions { x = try builder.add("b.positions.relu", ReLU(), x) }
    }
    return try gather(builder.add("b.dense", Dense(to: values.integer("width")), x), input)
  }

  /// Three convolutions of `filters`, twice and three times as many filters, each with a ReLU, and the maximum over all
  /// positions.
  mutating func convolutions(_ side: String, filters: Int, kernel: Int, _ x: Handle) throws -> Handle {
    var x = x
    for layer in 1...3 { x = try relu("\(side).conv\(layer)", Convolution(to: layer * filters, kernel: kernel), x) }
    return try builder.add("\(side).max", PositionMaximum(), x)
  }

  /// The layers of the pair, with dropout behind each of the hidden ones but those at the end that have none, and the
  /// maximum over the instances of a bag.
  mutating func pair(_ a: Handle, _ b: Handle, hidden: [Int], undropped: Int = 0) throws -> NetworkPlan {
    var x = try builder.add("pair", Concatenate(), a, b)
    for (layer, width) in hidden.enumerated() {
      x = try relu("head\(layer + 1)", Dense(to: width), x)
      if layer < hidden.count - undropped { x = try dropout(x) }
    }
    let output = try builder.add("output", Dense(to: 1), x)
    let bag = try builder.add("bag", SegmentMaximum("bag", .bag), output)
    return builder.plan(unit: output, target: bag)
  }
}
