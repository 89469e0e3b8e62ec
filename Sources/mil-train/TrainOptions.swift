import ArgumentParser
import Bytes
import CommandSupport
import Features
import Models

/// The name of an architecture of `Models`.
struct ArchitectureName: ExpressibleByArgument {
  let name: String
  init(_ name: String) { self.name = name }
  init?(argument: String) {
    guard Architectures.names.contains(argument) else { return nil }
    name = argument
  }
  var defaultValueDescription: String { name }
  static var allValueStrings: [String] { Architectures.names }
}

enum LossName: String, CaseIterable, ExpressibleByArgument { case cfce, cce, ce }
enum ValidationUnit: String, CaseIterable, ExpressibleByArgument { case bag, gene }

/// The scaling of the features: a chain of methods, or `auto`, which depends on the stream.
enum Standardization: ExpressibleByArgument {
  case auto
  case methods(ScalingChain)

  init?(argument: String) {
    if argument == "auto" {
      self = .auto
    } else if let chain = try? ScalingChain(parsing: argument), chain.fitted != .quantile {
      self = .methods(chain)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .auto: "auto"
    case .methods(let chain): chain.text
    }
  }

  static let words = ["auto"] + ScalingChain.words.filter { $0 != ScalingMethod.quantile.rawValue }
}

/// The architecture and its sizes.
struct NetworkOptions: ParsableArguments {
  @Option(help: "The network: IDMIL-III, a small dense network, or logistic regression.")
  var architecture = ArchitectureName("idmil")

  @Flag(name: .long, help: "Leave out the attention gate.")
  var noAttention = false

  @Option(help: ArgumentHelp("Width of the convolutions: 3, 5 or 7. (default: 3)", valueName: "n"))
  var kernel: Int?

  @Option(
    help: ArgumentHelp(
      "Number of convolution modules, 1 to 3; 3 need at least 53 features. (default: 3)", valueName: "n"))
  var modules: Int?

  @Option(help: ArgumentHelp("Hidden units of the dense network (mlp). (default: 64)", valueName: "n"))
  var hidden: Int?

  @Option(
    help: ArgumentHelp("Share of the hidden values that dropout sets to 0 in training. (default: 0.1)", valueName: "p"))
  var dropout: Double?

  mutating func validate() throws {
    let sizes = sizes
    if ![3, 5, 7].contains(sizes.kernel) { throw ValidationError("--kernel \(sizes.kernel): 3, 5 or 7") }
    if !(1...3).contains(sizes.modules) { throw ValidationError("--modules \(sizes.modules): 1 to 3") }
    if !(1...65536).contains(sizes.hidden) { throw ValidationError("--hidden \(sizes.hidden): 1 to 65536") }
    if !(0..<1).contains(sizes.dropout) { throw ValidationError("--dropout \(sizes.dropout): at least 0 and below 1") }
    let read = try Architectures.optionNames(architecture.name)
    for choice in choices where choice.isGiven && !read.contains(choice.name) {
      throw ValidationError("\(choice.option) does not apply to --architecture \(architecture.name)")
    }
  }

  /// The options of the architectures: option, name in the model card, whether it was given, and value.
  var choices: [(option: String, name: String, isGiven: Bool, value: String)] {
    let sizes = sizes
    return [
      ("--no-attention", "attention", noAttention, noAttention ? "given" : "not given"),
      ("--kernel", "kernel", kernel != nil, String(sizes.kernel)),
      ("--modules", "modules", modules != nil, String(sizes.modules)),
      ("--hidden", "hidden", hidden != nil, String(sizes.hidden)),
      ("--dropout", "dropout", dropout != nil, NumberText.text(sizes.dropout)),
    ]
  }

  /// The sizes as `Models` takes them.
  var sizes: ArchitectureOptions {
    var result = ArchitectureOptions()
    result.attention = !noAttention
    result.kernel = kernel ?? result.kernel
    result.modules = modules ?? result.modules
    result.hidden = hidden ?? result.hidden
    result.dropout = dropout ?? result.dropout
    return result
  }
}

/// The options of loss, optimiser and early stopping.
struct OptimisationOptions: ParsableArguments {
  @Option(help: "The loss: class-balanced focal (cfce), class-balanced (cce), or plain cross entropy (ce).")
  var loss: LossName = .cfce

  @Option(help: ArgumentHelp("The focusing exponent of cfce. (default: 1)", valueName: "g"))
  var gamma: Double?

  @Option(help: ArgumentHelp("Adam's learning rate.", valueName: "r"))
  var learningRate = 0.001

  @Option(help: ArgumentHelp("Factor of the L2 penalty, added to the gradient.", valueName: "r"))
  var weightDecay = 0.0

  @Option(help: ArgumentHelp("Number of bags in a batch.", valueName: "n"))
  var batch = 128

  @Option(help: ArgumentHelp("Largest number of passes over the training bags.", valueName: "n"))
  var epochs = 100

  @Option(
    help: ArgumentHelp(
      """
      Stop after n epochs (and 300 updates) without a better validation loss; 0 never stops early. (default: 15)
      """, valueName: "n"))
  var patience: Int?

  @Option(help: ArgumentHelp("Share of the bags that choose the best epoch; 0 keeps the last epoch.", valueName: "f"))
  var validation = 0.2

  @Option(
    help:
      """
      Draw the validation share from bags (repeated pairs stay together), or from genes: no training bag then has a \
      validation gene, nor another gene of its --gene-groups.
      """
  )
  var validationBy: ValidationUnit = .bag

  @Option(
    help: ArgumentHelp(
      "Seed of the weights, the splits, the order of bags and partners, and the dropout.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Number of threads; 0 is one per processor. The model does not depend on it.", valueName: "n"))
  var threads = 0

  /// The focusing exponent, given or default.
  var focus: Double { gamma ?? 1 }
  /// Whether genes are held out to choose the epoch.
  var splitsGenes: Bool { validationBy == .gene && validation > 0 }
  /// The patience in epochs, given or default.
  var epochsWithoutGain: Int { patience ?? 15 }

  mutating func validate() throws {
    func positive(_ value: Double, _ name: String) throws {
      if !(value > 0 && value.isFinite) { throw ValidationError("\(name) \(value): a number above 0") }
    }
    try positive(learningRate, "--learning-rate")
    if let gamma {
      if !(gamma >= 0 && gamma <= 10) { throw ValidationError("--gamma \(gamma): 0 to 10") }
      if loss != .cfce { throw ValidationError("--gamma applies only to --loss cfce") }
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) { throw ValidationError("--weight-decay \(weightDecay): 0 or more") }
    if !(1...1_000_000).contains(batch) { throw ValidationError("--batch \(batch): 1 to 1000000") }
    if !(1...1_000_000).contains(epochs) { throw ValidationError("--epochs \(epochs): 1 to 1000000") }
    if !(0..<1).contains(validation) { throw ValidationError("--validation \(validation): at least 0 and below 1") }
    if let patience {
      if patience < 0 { throw ValidationError("--patience \(patience): 0 or more") }
      if patience > 0 && validation == 0 {
        throw ValidationError("--patience \(patience) does not apply with --validation 0, which keeps the last epoch")
      }
    }
    try ThreadOptions.check(threads)
  }
}

/// The meaning of the order of the two partners.
struct OrderOptions: ParsableArguments {
  @Flag(help: "The order of the two partners matters, as in the paper: neither draw it nor average over it.")
  var ordered = false

  @Flag(
    help: "The partners differ in kind (a drug and a protein): train and score them in the given order.")
  var roles = false

  mutating func validate() throws {
    if ordered && roles { throw ValidationError("--ordered and --roles: give one of them") }
  }
}

/// The normaliser to read and the files to write.
struct TrainFileOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("State of normalize --fit, applied to every row and kept in the model.", valueName: "state"))
  var normalizer: String?

  @Option(
    help: ArgumentHelp(
      """
      Without --normalizer: fit this scale on the training bags and keep it in the model. auto is zscore, or none if \
      the stream is already normalised; zscore, minmax, robust, log1p, unit, unit-l1, unit-max or none; several \
      separated by commas, as in normalize.
      """, valueName: "methods"), completion: .list(Standardization.words))
  var standardize: Standardization = .auto

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The model file (safetensors).", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write a line per epoch to this file (NDJSON): losses, figures on the validation bags, seconds.",
      valueName: "file"))
  var log: String?

  @Flag(
    help:
      "Read everything, try the largest batch and print the plan (bags, positives, weights, memory) without training.")
  var dryRun = false
}
