import Bytes

/// The errors and warnings of mil-train.
enum TrainFailure: Diagnosable {
  case noOutput
  case noBags
  case normalizedTwice
  case sidesUnknown
  case namelessNormalizer
  case namelessEnsemble
  case nothingHeldOut
  case ensembleOfNumbers
  case digestOnly(String)
  case unpaired(String)
  case notOfSides(String)
  case normalizerSides(String)
  case sidesScaledApart(String)
  case checkpointsThere(String)
  case noLock(String)
  case notBinary(String)
  case noInstanceLabels
  case notSymmetric(String)
  case noEntities([String])
  case unscaled(String, String)
  case noNodeLabels(String)
  case unlabelledGraphs(String)
  case onlyLabelled
  case otherCriterion(String, String)
  case noValidation(String)
  case stopped(ExitCode, at: String, checkpoint: String?, model: String)

  var diagnostic: Diagnostic {
    switch self {
    case .noOutput:
      Diagnostic(.usage, "no file for the model", hint: "--output model.safetensors, or --dry-run for the plan alone")
    case .noBags:
      Diagnostic(.data, "the input holds no bag: there is nothing to train on")
    case .normalizedTwice:
      Diagnostic(
        .data, "the features are normalised already (their names end in ~ and six digits)",
        hint: "--standardize none, or feed the stream as it was before normalize")
    case .sidesUnknown:
      Diagnostic(
        .data, "the features have no names, so it is unknown which belong to which partner",
        hint: "--order ordered or roles takes the order of the partners as given")
    case .namelessNormalizer:
      Diagnostic(
        .data, "--normalizer needs a stream with feature names, and this one has none",
        hint: "leave --normalizer out: a scale is then fitted on the training bags and kept in the model")
    case .namelessEnsemble:
      Diagnostic(
        .data, "--preset and --member choose features by the names of their blocks, and this stream has no names",
        hint: "feed the stream with its first line, the schema")
    case .ensembleOfNumbers:
      Diagnostic(
        .data, "an ensemble (--preset, --member) learns labels of 0 and 1, and those of the bags are numbers",
        hint: "--repeat 5 trains several models of one method on numbers")
    case .nothingHeldOut:
      Diagnostic(
        .data, "a member of the ensemble has no bag held out to choose its epoch by",
        hint: "--validation genes:0.19, or a larger share")
    case .digestOnly(let digest):
      Diagnostic(
        .data, "the records carry a digest of the feature names (\(digest)), but the names are missing",
        hint: "feed the stream with its first line, the schema")
    case .unpaired(let reason):
      Diagnostic(
        .data, "the two partners of a pair can't be exchanged: \(reason)",
        hint: "--order roles if the partners differ in kind, --order ordered to keep the order of the file")
    case .sidesScaledApart(let name):
      Diagnostic(
        .data, "the two partners of a pair are scaled separately ('\(name)' has two ~), so they can't be exchanged",
        hint: "normalize --sides alike, or --order roles or ordered, which take the order as given")
    case .notBinary(let loss):
      Diagnostic(
        .data, "--loss \(loss) takes labels of 0 and 1, and others are among those of the bags",
        hint: "--loss mse learns numbers")
    case .otherCriterion(let figure, let kind):
      Diagnostic(.usage, "--choose-by \(figure) does not judge labels of the kind \(kind)")
    case .notSymmetric(let method):
      Diagnostic(
        .usage, "--order symmetric does not apply to --architecture \(method), which reads another thing of each side",
        hint: "leave --order out, or --order roles")
    case .noInstanceLabels:
      Diagnostic(
        .data, "--learn-from instance: no instance has a label",
        hint: "--instances FILE where the bags are built: tested isoform pairs with their labels")
    case .noEntities(let inputs):
      Diagnostic(
        .usage, "the method reads \(inputs.joined(separator: " and ")), which a stream of bags does not hold",
        hint: "--pairs FILE with --block NAME=a:FILE and --block NAME=b:FILE")
    case .noNodeLabels(let method):
      Diagnostic(
        .usage, "--architecture \(method) learns from the labels of node pairs, and none are given",
        hint: "--instances FILE, as resfeat --contacts writes it")
    case .onlyLabelled:
      Diagnostic(.usage, "--tested-only does not apply to node pairs, of which only labelled ones are learned")
    case .unlabelledGraphs(let pair):
      Diagnostic(
        .data, "no node pair of \(Diagnostic.quoted(pair)) has a label",
        hint: "the ids of --pairs and of the columns gene_a, gene_b of --instances must be those of the graphs")
    case .unscaled(let option, let method):
      Diagnostic(.usage, "\(option) does not apply to --architecture \(method), which reads no rows of features")
    case .noValidation(let reason): Diagnostic(.data, reason)
    case .checkpointsThere(let path):
      Diagnostic(
        .cannotCreate, "this checkpoint is of an earlier run, and a new run would replace it",
        at: SourceLocation(source: path),
        hint: "--resume continues from it; for a new run name another folder, or remove the checkpoints")
    case .noLock(let path):
      Diagnostic(
        .success, "this file system has no locks: make sure that only one run keeps its checkpoints there",
        at: SourceLocation(source: path))
    case .stopped(let signal, let place, let checkpoint?, _):
      Diagnostic(
        signal, "stopped \(place), which is kept in \(checkpoint)", hint: "the same command with --resume continues")
    case .stopped(let signal, let place, nil, let model):
      Diagnostic(
        signal, "stopped \(place): \(model) was not written, and nothing is kept",
        hint: "with --checkpoint DIR a run can be resumed after a stop")
    case .notOfSides(let method):
      Diagnostic(
        .data, "\(method) reads a row of each partner, side a before side b, and these features are others",
        hint: "--block NAME=concat:FILE alone")
    case .normalizerSides(let name):
      Diagnostic(
        .data, "the normaliser scales '\(name)' differently from the same feature of the other partner",
        hint: "fit it on bags with normalize --fit, which treats both partners alike, or give --order ordered or roles")
    }
  }
}

extension TrainFailure {
  /// The warning that no bag chooses the epoch.
  static var nothingChooses: Diagnostic {
    Diagnostic(
      .data, "there are no validation bags to choose the epoch: the last epoch is kept",
      hint: "a larger --validation, or another --seed")
  }
}
