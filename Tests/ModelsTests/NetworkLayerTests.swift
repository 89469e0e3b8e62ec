import Arrays
import Bytes
import Models
import Tensors
import Testing

/// Layers over edges with attention, positions, tokens and grids, beside central differences.
@Suite struct NetworkLayerTests {
  @Test(arguments: [true, false]) func attentionOverEdges(loops: Bool) throws {
    let graph = batch(
      [.atom: 5], ["x": normal(5, 3, seed: 1)], ["bonds": .edges(into: [1, 0, 4, 3, 0], from: [0, 1, 3, 4, 2])])
    var check = try GradientCheck(graph) { figure in
      try figure.add(
        "gat", EdgeAttention("bonds", to: 4, heads: 2, selfLoops: loops, dropout: 0.3, number: 1),
        figure.add("dense", Dense(to: 3), figure.input("x", Shape(.atom, positions: 1, channels: 3))))
    }
    check.run("attention", most: 24)
    check.mode = .training(seed: 4, epoch: 2, batch: 1)
    check.run("attention with dropout", most: 24)
  }

  @Test func productsOfAllPairs() throws {
    var x = normal(5, 4, seed: 8)
    (x[1, 2], x[3, 0]) = (7, -6)
    let rows = batch([.atom: 5], ["x": x])
    let products = try GradientCheck(rows) { figure in
      try figure.add("products", Products(), figure.input("x", Shape(.atom, positions: 4)))
    }
    let values = products.values()
    #expect(values == Products.expanded(x).withUnsafeBufferPointer { Array($0) })
    let row = values[14..<28].map { $0 }
    let c = (0..<4).map { min(max(x[1, $0], -5), 5) }
    #expect(c[2] == 5 && row == c + (0..<4).flatMap { i in (i..<4).map { c[i] * c[$0] } })
    let check = try GradientCheck(rows) { figure in
      let products = try figure.add("products", Products(), figure.input("x", Shape(.atom, positions: 4)))
      return try figure.add("dense", Dense(to: 2), products)
    }
    check.run("products", most: 24)
  }

  @Test func memoryOverPositions() throws {
    let rows = batch([.protein: 19], ["x": normal(19, 8, seed: 3)])
    let check = try GradientCheck(rows) { figure in
      try figure.add("lstm", LSTM(to: 3), figure.input("x", Shape(.protein, positions: 4, channels: 2)))
    }
    check.run("lstm")
    // The same by its definition.
    let size = LSTMKernel.Size(rows: 19, length: 4, inputs: 2, hidden: 3)
    var plain = [Float](repeating: 0, count: 57)
    let (parameters, lengths) = (check.network.parameters, [Int](repeating: 4, count: 19))
    parameters.storage.withUnsafeBufferPointer { all in
      rows.dense("x")?.withUnsafeBufferPointer { x in
        guard let weights = all.baseAddress, let x = x.baseAddress else { return }
        PlainLSTM.forward(
          size, x: x, lengths: lengths, parameters: parameters.entries.map { weights + $0.offset }, y: &plain)
      }
    }
    #expect(difference(plain, check.values()) < 1e-6)
  }

  @Test func memoryStopsAtPadding() throws {
    let rows = batch([.protein: 3], tokens: ["letters": [1, 2, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0]])
    let draw = { (isCut: Bool) in
      try GradientCheck(rows) { figure in
        let letters = figure.tokens("letters", .protein, length: 4, symbols: 4)
        let x = try figure.add("embedding", Embedding(width: 2), letters)
        return isCut ? try figure.add("lstm", LSTM(to: 3), x, letters) : try figure.add("lstm", LSTM(to: 3), x)
      }
    }
    let (cut, whole) = (try draw(true), try draw(false))
    cut.run("lstm to the last letter")
    whole.run("lstm to the last position")
    #expect(Array(cut.values()[6...]) == [0, 0, 0] && cut.values() != whole.values())
  }

  @Test func convolutionOfTokens() throws {
    let tokens: [Int32] = [3, 0, 1, 3, 3, 2, 0, 0, 4, 4]
    let rows = batch([.protein: 2], tokens: ["letters": tokens])
    let check = try GradientCheck(rows) { figure in
      try figure.add(
        "conv", TokenConvolution(embedding: 6, filters: 3, kernel: 4),
        figure.tokens("letters", .protein, length: 5, symbols: 5))
    }
    check.run("tokens", most: 40)
    let size = TokenConvolutionKernel.Size(rows: 2, length: 5, symbols: 5, width: 6, filters: 3, kernel: 4)
    var plain = [Float](repeating: 0, count: 18)
    let (e, w, b) = (
      check.network.parameters.values("conv.embedding") ?? [], check.network.parameters.values("conv.weight") ?? [],
      check.network.parameters.values("conv.bias") ?? []
    )
    PlainTokenConvolution.forward(size, tokens: tokens, embedding: e, weight: w, bias: b, y: &plain)
    #expect(difference(plain, check.values()) < 1e-5)
    // The derivatives in the embedding are those in the embedded letters, added by letter.
    let (gradient, ports) = check.gradients()
    let (table, map) = (gradient.values("conv.embedding") ?? [], ports["letters"]?.values ?? [])
    #expect(map.count == 60)
    for letter in 0..<5 {
      for place in 0..<6 {
        let sum = tokens.indices.filter { tokens[$0] == Int32(letter) }.reduce(Float(0)) { $0 + map[$1 * 6 + place] }
        #expect(abs(sum - table[letter * 6 + place]) < 1e-5)
      }
    }
  }

  /// Symbol 0 up to the end of a row is padding, whose weights are added once for all rows; elsewhere it is a symbol.
  @Test func paddingOfTokens() throws {
    let rows: [[Int32]] = [
      [1, 2, 3, 4, 1, 2], [0, 3, 0, 2, 0, 0], [2, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [4, 4, 1, 2, 3, 0],
      [0, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 0],
    ]
    let tokens = rows.flatMap { $0 }
    let check = try GradientCheck(batch([.protein: rows.count], tokens: ["letters": tokens])) { figure in
      try figure.add(
        "conv", TokenConvolution(embedding: 7, filters: 9, kernel: 3),
        figure.tokens("letters", .protein, length: 6, symbols: 5))
    }
    check.run("padding", most: 40)
    let size = TokenConvolutionKernel.Size(
      rows: rows.count, length: 6, symbols: 5, width: 7, filters: 9, kernel: 3)
    var plain = [Float](repeating: 0, count: rows.count * 45)
    let parameters = check.network.parameters
    PlainTokenConvolution.forward(
      size, tokens: tokens, embedding: parameters.values("conv.embedding") ?? [],
      weight: parameters.values("conv.weight") ?? [], bias: parameters.values("conv.bias") ?? [], y: &plain)
    #expect(difference(plain, check.values()) < 1e-5)
    #expect(check.values(threads: 3) == check.values())
    // A row has the same values whatever rows are beside it.
    let alone = try GradientCheck(batch([.protein: 1], tokens: ["letters": rows[1]])) { figure in
      try figure.add(
        "conv", TokenConvolution(embedding: 7, filters: 9, kernel: 3),
        figure.tokens("letters", .protein, length: 6, symbols: 5))
    }
    #expect(difference(alone.values(), Array(check.values()[45..<90])) < 1e-6)
  }

  /// Two complexes, 3 × 4 and 2 × 1 residues, both sides on one axis.
  private func complexes() -> Batch {
    batch(
      [.atom: 10, .cell: 14], ["x": normal(10, 2, seed: 6)], ["pairs": .grid(rows: [0, 3, 5], columns: [5, 9, 10])])
  }

  @Test(arguments: [PairGrid.Form.concatenated, .sum]) func gridOfPairs(form: PairGrid.Form) throws {
    let check = try GradientCheck(complexes()) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 2))
      return try figure.add("grid", PairGrid(form, "pairs", .cell), x, figure.add("right", Dense(to: 2), x))
    }
    check.run("grid")
    if form == .concatenated { #expect(check.values()[8 * 4] == check.batch.dense("x")?[2, 0]) }
  }

  @Test(arguments: [1, 3, 5]) func convolutionOfCells(kernel: Int) throws {
    let check = try GradientCheck(complexes()) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 2))
      let grid = try figure.add("grid", PairGrid(.concatenated, "pairs", .cell), x, x)
      return try figure.add("conv", Convolution2D(to: 3, kernel: kernel, "pairs"), grid)
    }
    check.run("convolution of cells", most: 30)
    // The same by its definition.
    let size = GridConvolutionSize(rows: [0, 3, 5], columns: [5, 9, 10], inputs: 4, outputs: 3, kernel: kernel)
    let x = try #require(check.batch.dense("x"))
    var cells: [Float] = []
    for (rows, columns) in [(0..<3, 5..<9), (3..<5, 9..<10)] {
      for row in rows { for column in columns { cells += x.row(row) + x.row(column) } }
    }
    let (w, b) = (
      check.network.parameters.values("conv.weight") ?? [], check.network.parameters.values("conv.bias") ?? []
    )
    var plain = [Float](repeating: 0, count: 42)
    PlainGridConvolution.forward(size, x: cells, weight: w, bias: b, y: &plain)
    #expect(difference(plain, check.values()) < 1e-5)
  }

  // MARK: A network of two atoms

  /// A graph isomorphism network over atoms and drugs.
  private func gin(_ batch: Batch) throws -> GradientCheck {
    try GradientCheck(batch) { figure in
      var x = figure.input("x", Shape(.atom, positions: 1, channels: 3))
      for layer in 1...2 {
        let z = try figure.add("z\(layer)", Add(scales: [1.1, 1]), x, figure.add("sum\(layer)", EdgeSum("bonds"), x))
        x = try figure.add(
          "norm\(layer)", BatchNorm(), figure.add("tanh\(layer)", Tanh(), figure.add("l\(layer)", Dense(to: 4), z)))
      }
      return try figure.add("output", Dense(to: 1), figure.add("pool", SegmentPool(.sum, "drug", .drug), x))
    }
  }

  @Test func isomorphismNetworkOfTwoAtoms() throws {
    let two = batch(
      [.atom: 2, .drug: 1], ["x": normal(2, 3, seed: 2)],
      ["bonds": .edges(into: [0, 1], from: [1, 0]), "drug": .segments([0, 2])])
    var check = try gin(two)
    check.run("two atoms")
    check.mode = .training(seed: 1, epoch: 1, batch: 1)
    check.run("two atoms in training", step: 5e-4, tolerance: 2e-2)
  }

  @Test func relabelledNodesAndPermutedEdgesChangeNothing() throws {
    let x = normal(6, 3, seed: 9)
    let (into, from): ([Int32], [Int32]) = ([0, 1, 1, 2, 2, 0, 2, 3, 4, 5], [1, 0, 2, 1, 0, 2, 3, 2, 5, 4])
    func graph(_ x: Matrix, _ into: [Int32], _ from: [Int32]) -> Batch {
      batch([.atom: 6, .drug: 2], ["x": x], ["bonds": .edges(into: into, from: from), "drug": .segments([0, 4, 6])])
    }
    let values = try gin(graph(x, into, from)).values()
    let order = [3, 8, 1, 0, 9, 7, 2, 6, 5, 4]
    let permuted = try gin(graph(x, order.map { into[$0] }, order.map { from[$0] })).values()
    #expect(difference(values, permuted) < 1e-6)
    // New label of each atom, and its row.
    let label: [Int32] = [2, 0, 3, 1, 5, 4]
    let rows = [1, 3, 0, 2, 5, 4].flatMap { x.row($0) }
    let relabelled = try gin(
      graph(Matrix(rows: 6, columns: 3, values: rows), into.map { label[Int($0)] }, from.map { label[Int($0)] })
    ).values()
    #expect(difference(values, relabelled) < 1e-5)
  }

  @Test func tokensWithAnIndex() throws {
    let pairs = batch(
      [.pair: 3, .protein: 2, .drug: 2], ["x": normal(2, 3, seed: 4)], tokens: ["letters": [1, 2, 0, 2]],
      ["protein": .index([1, 0, 1]), "drug": .index([0, 1, 1])])
    try GradientCheck(pairs) { figure in
      let letters = figure.tokens("letters", .protein, length: 2, symbols: 3)
      let protein = try figure.add("conv", TokenConvolution(embedding: 3, filters: 2, kernel: 2), letters)
      let flat = try figure.add("protein", Dense(to: 3), protein)
      let drug = try figure.add("drug", Dense(to: 3), figure.input("x", Shape(.drug, positions: 1, channels: 3)))
      let both = try figure.add(
        "both", Concatenate(), figure.add("d", Gather("drug", .pair), drug),
        figure.add("p", Gather("protein", .pair), flat))
      return try figure.add("output", Dense(to: 1), figure.add("tanh", Tanh(), both))
    }.run("pairs of entities")
  }
}

/// A layer of another module: everything it needs is public.
private struct Doubling: Layer {
  func shape(of inputs: [Shape]) -> Shape? { inputs[0] }
  func parameters(for inputs: [Shape]) -> [Parameters.Request] { [Parameters.Request("factor", [1], .constant(2))] }
  func forward(_ values: LayerValues) {
    for place in 0..<values.count { values.output[place] = values.parameters[0][0] * values.inputs[0][place] }
  }
  func backward(_ values: LayerValues, _ gradients: LayerGradients, _ rule: Rule) {
    for place in 0..<values.count {
      gradients.inputs[0]?[place] += values.parameters[0][0] * gradients.output[place]
      gradients.parameters?[0][0] += values.inputs[0][place] * gradients.output[place]
    }
  }
}

extension NetworkLayerTests {
  @Test func aLayerOfAnotherModule() throws {
    let rows = batch([.atom: 5], ["x": normal(5, 3, seed: 7)])
    try GradientCheck(rows) { figure in
      try figure.add("double", Doubling(), figure.input("x", Shape(.atom, positions: 1, channels: 3)))
    }.run("a layer of another module")
  }
}

/// Sizes of several blocks: what one thread gives, and what scoring in blocks gives.
@Suite struct LayerBlockTests {
  private func sameAtAnyThreads(_ check: GradientCheck, _ name: String) {
    #expect(check.values(threads: 3) == check.values(), "\(name)")
    let (one, many) = (check.gradients(), check.gradients(threads: 3))
    #expect(one.parameters == many.parameters && one.ports == many.ports, "\(name): gradients")
    #expect(one.parameters.isFinite, "\(name)")
  }

  @Test func graphOfManyAtoms() throws {
    var (stream, into, from) = (RandomStream(seed: 8), [Int32](), [Int32]())
    for _ in 0..<9000 {
      into.append(Int32(stream.uniform() * 3000))
      from.append(Int32(stream.uniform() * 3000))
    }
    let graph = batch(
      [.atom: 3000, .drug: 100], ["x": normal(3000, 20, seed: 5)],
      ["bonds": .edges(into: into, from: from), "drug": .segments((0...100).map { Int32($0 * 30) })])
    sameAtAnyThreads(
      try GradientCheck(graph) { figure in
        let x = figure.input("x", Shape(.atom, positions: 1, channels: 20))
        let a = try figure.add("gat", EdgeAttention("bonds", to: 8, heads: 2), x)
        let b = try figure.add("mean", EdgeMean("bonds"), figure.add("elu", ELU(), a))
        return try figure.add("pool", SegmentPool(.logSumExp(r: 2), "drug", .drug), b)
      }, "graph")
  }

  @Test func gridOfManyCells() throws {
    let grid = batch(
      [.atom: 90, .cell: 2000], ["x": normal(90, 5, seed: 5)], ["grid": .grid(rows: [0, 50], columns: [50, 90])])
    let check = try GradientCheck(grid) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 5))
      let q = try figure.add("q", PairGrid(.sum, "grid", .cell), x, x)
      return try figure.add("conv", Convolution2D(to: 7, kernel: 3, "grid"), q)
    }
    sameAtAnyThreads(check, "grid")
    // Gradients by the definition.
    let x = try #require(grid.dense("x"))
    let cells = (0..<50).flatMap { i in (50..<90).flatMap { j in zip(x.row(i), x.row(j)).map { $0 + $1 } } }
    let size = GridConvolutionSize(rows: [0, 50], columns: [50, 90], inputs: 5, outputs: 7, kernel: 3)
    let start = normal(2000, 7, seed: 1).values
    let gradient = check.gradients(start).parameters
    var (dX, dW, dB) = (
      [Float](repeating: 0, count: 10000), [Float](repeating: 0, count: 315), [Float](repeating: 0, count: 7)
    )
    PlainGridConvolution.backward(
      size, x: cells, weight: check.network.parameters.values("conv.weight") ?? [], dY: start, dX: &dX, dWeight: &dW,
      dBias: &dB)
    #expect(difference(gradient.values("conv.weight") ?? [], dW) < 1e-3)
    #expect(difference(gradient.values("conv.bias") ?? [], dB) < 1e-3)
  }

  @Test func tokensOfManyRowsAreScoredInBlocks() throws {
    var stream = RandomStream(seed: 3)
    let letters = (0..<150 * 6).map { _ in Int32(stream.uniform() * 5) }
    let rows = batch([.protein: 150], tokens: ["letters": letters])
    let check = try GradientCheck(rows) { figure in
      let letters = figure.tokens("letters", .protein, length: 6, symbols: 5)
      let conv = try figure.add("conv", TokenConvolution(embedding: 8, filters: 4, kernel: 3), letters)
      let last = try figure.add("lstm", LSTM(to: 4), figure.add("emb", Embedding(width: 3), letters), letters)
      return try figure.add(
        "output", Dense(to: 1), figure.add("both", Concatenate(), last, figure.add("d", Dense(to: 3), conv)))
    }
    sameAtAnyThreads(check, "tokens")
    let scored = check.network.score(rows, Tape(threads: 1))[check.network.target]
    #expect(scored == check.values(), "a few rows at a time or all at once")
    #expect(check.gradients().ports["letters"] == nil, "two layers read the letters: no single embedding")
  }

  @Test func unitsThatSeeEachOtherAreScoredTogether() throws {
    let graph = batch(
      [.atom: 150], ["x": normal(150, 2, seed: 4)],
      ["chain": .edges(into: (0..<149).map { Int32($0) }, from: (1..<150).map { Int32($0) })])
    let check = try GradientCheck(graph) { figure in
      let x = figure.input("x", Shape(.atom, positions: 1, channels: 2))
      return try figure.add("output", Dense(to: 1), figure.add("sum", EdgeSum("chain"), x))
    }
    #expect(check.network.score(graph, Tape(threads: 1))[check.network.target] == check.values())
  }
}
