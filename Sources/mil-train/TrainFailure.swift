import Bytes

/// What mil-train refuses.
enum TrainFailure: Diagnosable {
  case noOutput
  case noBags
  case normalizedTwice
  case sidesUnknown
  case namelessNormalizer
  case digestOnly(String)
  case unpaired(String)
  case normalizerSides(String)
  case sidesScaledApart(String)
  case checkpointsThere(String)
  case noLock(String)
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
        .data, "the features have no names, so the two sides of a pair can't be told apart",
        hint: "--ordered or --roles takes the order as given")
    case .namelessNormalizer:
      Diagnostic(
        .data, "--normalizer needs a stream with feature names, and this one has none",
        hint: "leave --normalizer out: one is fitted on the training bags, and kept in the model")
    case .digestOnly(let digest):
      Diagnostic(
        .data, "the records carry a digest of the feature names (\(digest)), but the names are missing",
        hint: "feed the stream with its first line, the schema")
    case .unpaired(let reason):
      Diagnostic(
        .data, "the two sides of a pair can't be exchanged: \(reason)",
        hint: "--roles if the sides differ in kind, --ordered for the paper's way")
    case .sidesScaledApart(let name):
      Diagnostic(
        .data, "the two sides of a pair are scaled separately ('\(name)' has two ~), so they can't be exchanged",
        hint: "normalize --sides alike, or --roles or --ordered, which take the sides as given")
    case .checkpointsThere(let path):
      Diagnostic(
        .cannotCreate, "a run has left this checkpoint, and a new one would replace it", at: Place(source: path),
        hint: "--resume goes on from it; give a new run another folder, or remove the checkpoints")
    case .noLock(let path):
      Diagnostic(
        .success, "this file system knows no locks: see to it that only one run keeps its checkpoints there",
        at: Place(source: path))
    case .stopped(let signal, let place, let checkpoint?, _):
      Diagnostic(
        signal, "stopped \(place), which is kept in \(checkpoint)", hint: "the same command with --resume goes on")
    case .stopped(let signal, let place, nil, let model):
      Diagnostic(
        signal, "stopped \(place): \(model) was not written, and nothing is kept",
        hint: "with --checkpoint DIR a run can go on after it was stopped")
    case .normalizerSides(let name):
      Diagnostic(
        .data, "the normaliser scales '\(name)' otherwise than its partner on the other side",
        hint: "fit it on bags with normalize --fit (which treats both sides alike), or give --ordered or --roles")
    }
  }
}
