import ArgumentParser
import Bytes
import CommandSupport
import Evaluation
import Features
import Models
import Training

/// The labels that training learns from.
enum LabelLevel: String, CaseIterable, ExpressibleByArgument { case bag, instance, both }

/// The ways of `--calibrate`.
extension Calibration.Method: ExpressibleByArgument {}

/// The form in which a model keeps the pairs that it was trained on.
enum PairKeeping: String, CaseIterable, ExpressibleByArgument { case exact, filter, none }

/// The meaning of the order of the two partners.
extension ModelCard.Order: ExpressibleByArgument {}

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

/// The method, and the meaning of its input.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The method and its settings, such as idmil:kernel=5,attention=no or forest:trees=100. (default: idmil)",
      valueName: "name[:key=value,…]"), completion: .list(Methods.all.map(\.name)))
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      """
      A recipe in place of --architecture. millrace: an ensemble of two-tower networks on the block lite, others \
      on all other blocks, forests and dense networks on all, each of which holds out a tenth of the genes.
      """))
  var preset: Preset?

  @Option(
    help: ArgumentHelp(
      """
      FASTA of the proteins, of which --preset makes its blocks; the model remembers how, so that mil-score \
      --sequences scores FASTA.
      """, valueName: "fasta"))
  var sequences: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A kind of member of an ensemble: a method, the blocks that it reads (or all), and the number of such members \
      (default 3), each of which holds out other genes; repeatable. Weights of the kinds are fitted to what is held out.
      """, valueName: "name@block+block*n"))
  var member: [String] = []

  @Flag(help: "List the methods, losses and optimisers, and end.")
  var list = false

  @Option(
    help: ArgumentHelp("Describe a method, loss or optimiser and its settings, and end.", valueName: "name"),
    completion: .list(TrainGuide.names))
  var describe: String?

  @Option(
    help: """
      Learn from the labels of bags, or from those of tested instances (others then count for nothing), or from both: \
      tested instances in place of their bags. (default: bag; both with --preset)
      """)
  var learnFrom: LabelLevel?

  /// The labels that training learns from.
  var labelLevel: LabelLevel { learnFrom ?? (preset == nil ? .bag : .both) }
  /// Whether the model is an ensemble of kinds of member.
  var isEnsemble: Bool { preset != nil || !member.isEmpty }

  @Option(
    help: """
      The order of the two partners means nothing (it is drawn in training and averaged over in scoring), or matters \
      as in the paper, or the partners differ in kind (a drug and a protein). (default: symmetric; roles where the \
      method reads another thing of each side)
      """)
  var order: ModelCard.Order?

  /// The method, or that of the first kind of member; throws `ModelError` or `SettingError`, and usage errors.
  func choice() throws -> MethodChoice {
    if let first = member.first { return try MemberKind(parsing: first).choice }
    return try MethodChoice(architecture ?? (preset == nil ? "idmil" : "two-tower"))
  }
}

/// The options of loss and optimiser, for methods that are fitted by gradients.
struct OptimisationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The loss, such as cfce:gamma=2; if not given, cfce, or mse where labels are numbers.
      """, valueName: "name[:key=value]"), completion: .list(Losses.all.map(\.name)))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "The optimiser, such as adam:learning-rate=0.0005,weight-decay=1e-4. (default: adam)",
      valueName: "name[:key=value,…]"), completion: .list(Optimisers.all.map(\.name)))
  var optimiser: String?

  @Option(help: ArgumentHelp("Number of bags in a batch. (default: 128)", valueName: "n"))
  var batch: Int?

  @Option(help: ArgumentHelp("Largest number of passes over the training bags. (default: 100)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      """
      Stop after n epochs (and 300 updates) without a better validation loss; 0 never stops early. (default: 15)
      """, valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "In each epoch draw n instances of a bag that has more of them. (default: all; 16 with --preset)",
      valueName: "n"))
  var drawInstances: Int?

  @Option(
    help: ArgumentHelp(
      "Seed of the weights, the splits, the order of bags and partners, dropout and trees.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Number of threads; 0 is one per processor. The model does not depend on it.", valueName: "n"))
  var threads = 0

  mutating func validate() throws {
    if let batch, !(1...1_000_000).contains(batch) { throw ValidationError("--batch \(batch): 1 to 1000000") }
    if let epochs, !(1...1_000_000).contains(epochs) { throw ValidationError("--epochs \(epochs): 1 to 1000000") }
    if let patience, patience < 0 { throw ValidationError("--patience \(patience): 0 or more") }
    if let drawInstances, !(1...1_000_000).contains(drawInstances) {
      throw ValidationError("--draw-instances \(drawInstances): 1 to 1000000")
    }
    try ThreadOptions.check(threads)
  }

  /// The options that apply only to methods that are fitted by gradients.
  var needingGradients: [(isSet: Bool, name: String)] {
    [
      (optimiser != nil, "--optimiser"), (batch != nil, "--batch"), (epochs != nil, "--epochs"),
      (patience != nil, "--patience"), (drawInstances != nil, "--draw-instances"),
    ]
  }
}

/// The parts of the bags, and the runs that are made of them.
struct ValidationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The bags that choose the epoch: a share of the bags (0.2; repeated pairs stay together), of the genes \
      (genes:0.2: no training bag has a validation gene, nor one of its --gene-groups) or of one side's (a:0.2, \
      b:0.2); the pairs of a table (file:PAIRS); or those with a value in a column (fold=0). 0 keeps the last epoch. \
      Each member of an ensemble holds out its own. (default: 0.2; genes:0.19 for ensembles, which is a tenth of the \
      genes; 0 for methods without epochs)
      """, valueName: "what"))
  var validation: String?

  @Option(
    help: ArgumentHelp(
      """
      What chooses among epochs, and among the settings of --grid: loss, or a figure such as auroc or ci; medauc is \
      the median over the bags of their instances' auroc. (default: loss; auroc \
      for ensembles)
      """, valueName: "figure"))
  var chooseBy: String?

  @Option(
    help: ArgumentHelp(
      """
      Train once for each fold without its bags, and write their scores to standard output: folds of bags (bags:5), \
      of genes (genes:5, a:5, b:5), or the values of a column (fold). With --output a model is then trained on all \
      bags.
      """, valueName: "folds"))
  var crossValidate: String?

  @Option(
    help: ArgumentHelp(
      "Train N models (of each kind of an ensemble) with seeds from --seed on; the score is their mean.", valueName: "n"
    ))
  var `repeat`: Int = 1

  @Option(
    help: ArgumentHelp(
      """
      Try these values of a setting of the method, loss or optimiser, or of batch, such as kernel=3,5; repeatable: all \
      combinations. The validation bags choose.
      """, valueName: "key=v1,v2"))
  var grid: [String] = []

  @Option(
    help: ArgumentHelp(
      "Keep a rule in the model that makes probabilities of its scores, fitted on the validation bags.",
      valueName: "platt|isotonic"))
  var calibrate: Calibration.Method?

  mutating func validate() throws {
    if !(1...ModelCard.maximumMembers).contains(`repeat`) {
      throw ValidationError("--repeat \(`repeat`): 1 to \(ModelCard.maximumMembers)")
    }
    if !grid.isEmpty, validation == "0" { throw ValidationError("--grid needs validation bags to choose by") }
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
      the stream is already normalised; zscore, minmax, robust, log1p, unit, unit-l1, unit-max, clip (to ±5) or none; \
      several separated by commas, as in normalize.
      """, valueName: "methods"), completion: .list(Standardization.words))
  var standardize: Standardization = .auto

  /// The option that asks for a scale of rows of features; nil where none is given.
  var scaling: String? {
    if normalizer != nil { return "--normalizer" }
    if case .methods(let methods) = standardize, !methods.methods.isEmpty { return "--standardize" }
    return nil
  }

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The model file (safetensors).", valueName: "file"))
  var output: String?

  @Option(
    help: """
      How the model keeps hashes of its training pairs, which mil-score then sets apart: all up to a million (exact), \
      in a filter of two bytes a pair that takes a few others for them, or not at all (none).
      """)
  var trainedPairs: PairKeeping = .exact

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
