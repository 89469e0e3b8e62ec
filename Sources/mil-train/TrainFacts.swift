import Bytes
import CommandSupport
import Models
import Training

extension TrainPlan {
  /// The facts that determine the bytes of the model, which a resumed run must be given again. Threads, paths and the
  /// interval of checkpoints are not among them, nor is the number of epochs, which may be raised.
  var facts: RunFacts {
    var facts = RunFacts()
    facts.add("version", "mil-train \(millraceVersion)")
    facts.add("--architecture", options.architecture.architecture.name)
    let read = (try? Architectures.optionNames(options.architecture.architecture.name)) ?? []
    for choice in options.architecture.choices where read.contains(choice.name) {
      facts.add(choice.option, choice.value)
    }
    let given = options.optimisation
    facts.add("--loss", given.loss.rawValue)
    if given.loss == .cfce { facts.add("--gamma", NumberText.text(given.focus)) }
    facts.add("--learning-rate", NumberText.text(given.learningRate))
    facts.add("--weight-decay", NumberText.text(given.weightDecay))
    facts.add("--batch", String(given.batch))
    facts.add("--patience", String(given.epochsWithoutGain))
    facts.add("--validation", NumberText.text(given.validation))
    facts.add("--validation-by", given.validationBy.rawValue)
    if options.bags.splits.geneGroups != nil, given.splitsGenes {
      let held = split.validation.map(String.init).joined(separator: ",")
      facts.add("validation bags by --gene-groups", Self.digest(held))
    }
    facts.add("--seed", String(given.seed))
    facts.add("order of partners", options.order.ordered ? "ordered" : options.order.roles ? "roles" : "symmetric")
    facts.add("features", "\(bags.width), digest \(names.map(SHA256.digest12) ?? "none")")
    let summary = bags.summary
    facts.add("bags", "\(summary.bags), \(summary.positives) positive, \(summary.instances) instances")
    facts.add("scale", normalizer.map { "\($0.summary), digest \(Self.digest($0.json))" } ?? "none")
    facts.add("digest of the bags", digest)
    return facts
  }

  private static func digest(_ text: String) -> String {
    var digest = SHA256()
    digest.update(text)
    return SHA256.hex(Array(digest.finish().prefix(6)))
  }
}
