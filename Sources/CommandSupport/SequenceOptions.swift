import ArgumentParser
import Bags

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The sequences of the partners, for a model that remembers how its features are made of them.
public struct SequenceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      FASTA of the partners, encoded as the model remembers it, in place of --block; NAME=FILE is for one block, where \
      the model has several with sequences of their own.
      """, valueName: "[name=]fasta"))
  public var sequences: [String] = []

  public init() {}

  /// Takes the blocks that a model remembers for those of `bags`; `model` is its path. Throws a usage error for a model
  /// that remembers none, and for sequences that are missing or of no block.
  public func fill(_ bags: inout BagInputOptions, encoders: [String], model: String) throws {
    if sequences.isEmpty { return }
    if encoders.isEmpty {
      throw ToolFailure.usage(
        "--sequences: \(model) does not remember how its features are made of sequences",
        hint: "mil-train --block NAME=KIND:FASTA,encode=ENCODER makes a model that does")
    }
    if !bags.features.blocks.isEmpty {
      throw ToolFailure.usage("--sequences takes the place of --block: give one of them")
    }
    if bags.pairing.pairs == nil { throw ToolFailure.usage("--sequences needs --pairs FILE, or --pairs all") }
    var (files, whole): ([String: String], String?) = ([:], nil)
    for text in sequences {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let isOfBlock = parts.count == 2 && encoders.contains { $0.hasPrefix(parts[0] + "=") }
      let isRepeated = isOfBlock ? files.updateValue(parts[1], forKey: parts[0]) != nil : whole != nil
      if isRepeated { throw ToolFailure.usage("--sequences \(text): these sequences are given twice") }
      if !isOfBlock { whole = text }
    }
    let names = encoders.map { String($0.prefix { $0 != "=" }) }
    if let whole, names.allSatisfy({ files[$0] != nil }) {
      throw ToolFailure.usage("--sequences \(whole): every block of the model has sequences of its own")
    }
    bags.features.blocks = try encoders.map { block in
      let name = String(block.prefix { $0 != "=" })
      guard let file = files[name] ?? whole, let text = BlockSpec.text(encoding: block, of: file) else {
        throw ToolFailure.usage("--sequences \(name)=FASTA is missing, of which the model makes features")
      }
      return text
    }
  }
}
