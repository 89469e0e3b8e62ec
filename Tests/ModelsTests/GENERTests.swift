import Arrays
import Models
import Tensors
import Testing

/// GENER beside a reference in double precision (Fixtures/fx_gener.safetensors, from shared/bench/networks.py).
@Suite struct GENERTests {
  private let file: Fixture
  private let rows = 6
  private let length = 9

  init() throws { file = try Fixture("fx_gener.safetensors") }

  private func choice(_ form: String, _ more: String = "") throws -> MethodChoice {
    try MethodChoice("gener:form=\(form),width=8,filters=4,channels=3,hidden=5,dropout=0\(more)")
  }

  private var batch: Batch {
    Batch(
      bags: (0...Int32(rows)).map { $0 }, x: Matrix(rows: rows, columns: 2 * length, values: file["in.x"]),
      label: file["in.label"])
  }

  /// The reference's names of our nodes.
  private func names(_ form: String) -> [(ours: String, theirs: String)] {
    var names = [("conv1", "conv0"), ("conv2", "conv1"), ("conv_dense", "cd"), ("dense1", "p0"), ("dense2", "p1")]
    if form == "paper" { names.append(("conv3", "conv2")) }
    return names.map { (ours: $0.0, theirs: $0.1) }
  }

  /// A kernel of the reference, whose last dimension are the outputs, with the outputs first. A convolution's cells are
  /// in the order of our channels and positions.
  private func turned(_ values: [Float], outputs: Int) -> [Float] {
    let inputs = values.count / outputs
    return (0..<outputs).flatMap { output in (0..<inputs).map { values[$0 * outputs + output] } }
  }

  private func network(_ form: String) throws -> Network {
    var network = try choice(form).network(features: 2 * length, seed: 1)
    for (ours, theirs) in names(form) {
      let bias = file["\(form).w.\(theirs)_b"]
      network.parameters.set("\(ours).bias", to: bias)
      network.parameters.set("\(ours).weight", to: turned(file["\(form).w.\(theirs)_w"], outputs: bias.count))
      for (part, name) in [("weight", "gamma"), ("bias", "beta"), ("running_mean", "mean"), ("running_var", "var")] {
        network.parameters.set("\(ours)_norm.\(part)", to: file["\(form).w.\(theirs)_bn.\(name)"])
      }
    }
    network.parameters.set("classes.weight", to: turned(file["\(form).w.out_w"], outputs: 2))
    network.parameters.set("classes.bias", to: file["\(form).w.out_b"])
    return network
  }

  private func logOdds(_ logits: [Float]) -> [Float] { (0..<rows).map { logits[2 * $0 + 1] - logits[2 * $0] } }

  @Test(arguments: ["notebook", "paper"]) func scoresAreThoseOfTheReference(form: String) throws {
    let scores = try network(form).score(batch, Tape(threads: 1))
    #expect(difference(scores[.bag], logOdds(file["\(form).eval.logits"])) < 2e-6)
    let probabilities = scores[.bag].map { Float(ScoreScale.logit.score($0)) }
    #expect(difference(probabilities, (0..<rows).map { file["\(form).eval.prob"][2 * $0 + 1] }) < 1e-6)
  }

  /// The slope of the categorical cross entropy of the softmax, which is that of the sigmoid of the log odds.
  private func slope(_ logOdds: [Float]) -> [Float] {
    zip(logOdds, file["in.label"]).map { (Float(ScoreScale.logit.score($0)) - $1) / Float(rows) }
  }

  @Test(arguments: ["notebook", "paper"]) func gradientsAreThoseOfTheReference(form: String) throws {
    var network = try network(form)
    let tape = Tape(threads: 1)
    let scores = network.forward(batch, .training(seed: 1, epoch: 1, batch: 0), tape)
    #expect(difference(scores[.bag], logOdds(file["\(form).train.logits"])) < 1e-5)
    var gradient = network.parameters.zeros()
    network.backward(batch, Start(.bag, slope(scores[.bag])), tape, into: &gradient)
    func agrees(_ ours: String, _ theirs: [Float]) {
      #expect(difference(gradient.values(ours) ?? [], theirs) < 2e-5, "\(form): \(ours)")
    }
    for (ours, theirs) in names(form) {
      let bias = file["\(form).g.\(theirs)_b"]
      agrees("\(ours).bias", bias)
      agrees("\(ours).weight", turned(file["\(form).g.\(theirs)_w"], outputs: bias.count))
      agrees("\(ours)_norm.weight", file["\(form).g.\(theirs)_bn.gamma"])
      agrees("\(ours)_norm.bias", file["\(form).g.\(theirs)_bn.beta"])
    }
    agrees("classes.weight", turned(file["\(form).g.out_w"], outputs: 2))
    agrees("classes.bias", file["\(form).g.out_b"])
    network.parameters.commit(tape.statistics)
    for (ours, theirs) in names(form) {
      for (part, name) in [("running_mean", "mean"), ("running_var", "var")] {
        let after = network.parameters.values("\(ours)_norm.\(part)") ?? []
        #expect(difference(after, file["\(form).after.\(theirs)_bn.\(name)"]) < 2e-6, "\(form): \(ours) \(name)")
      }
    }
  }

  @Test(arguments: ["both", "cnn", "product"]) func derivativesAreDifferences(branch: String) throws {
    let network = try choice("paper", ",branch=\(branch)").network(features: 2 * length, seed: 3)
    // A ReLU's bend within a step spoils a difference: convolutions have none here.
    GradientCheck(network, batch).run(branch, step: 1e-3, tolerance: 1e-2)
    let names = network.parameters.entries.map(\.name)
    #expect(names.contains { $0.hasPrefix("conv") } == (branch != "product"))
    #expect(names.contains { $0.hasPrefix("dense") } == (branch != "cnn"))
    let bent = try choice("paper", ",branch=\(branch),relu=yes").network(features: 2 * length, seed: 3)
    let same = bent.score(batch, Tape(threads: 1)).values == network.score(batch, Tape(threads: 1)).values
    #expect(same == (branch == "product"))
  }

  @Test func startsAreThoseOfGlorot() throws {
    let network = try MethodChoice("gener").network(features: 2 * 100, seed: 1)
    func bound(_ name: String) -> Float { (network.parameters.values(name) ?? []).map(abs).max() ?? 0 }
    for (name, inputs, outputs, area) in [
      ("conv1", 1, 16, 4), ("conv2", 16, 8, 1), ("conv_dense", 99 * 8, 32, 1), ("dense1", 100, 256, 1),
      ("dense2", 256, 256, 1), ("classes", 288, 2, 1),
    ] {
      let limit = (6 / Float(area * (inputs + outputs))).squareRoot()
      #expect(bound("\(name).weight") <= limit && bound("\(name).weight") > 0.9 * limit, "\(name)")
      #expect(bound("\(name).bias") == 0)
    }
  }

  @Test(arguments: [0, 2, 7]) func featuresAreTwoRows(features: Int) throws {
    let error = #expect(throws: ModelError.self) { try MethodChoice("gener").network(features: features, seed: 1) }
    #expect(error == (features == 0 ? .tooFewFeatures(0, least: 1, modules: 1) : .unequalSides("gener", features)))
  }
}
