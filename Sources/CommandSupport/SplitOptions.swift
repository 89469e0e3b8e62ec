import ArgumentParser
import Bags
import Bytes

extension Folds.Unit: ExpressibleByArgument {}

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Which bags pass: parts of a split, and folds.
public struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Hold out genes:SHARE or bags:SHARE by a seeded hash, for instance genes:0.2; needs --keep-part.",
      valueName: "what:share"))
  public var holdOut: String?

  @Option(
    help: ArgumentHelp(
      "The parts that pass: train, one-unseen, both-unseen, held-out (all but train); several with commas.",
      valueName: "parts"))
  public var keepPart: String?

  @Option(
    help: ArgumentHelp(
      "The seed of --hold-out, --folds, --negatives and --under-sample; 1 if not given.", valueName: "n"))
  public var splitSeed: UInt64?

  @Option(
    help: ArgumentHelp("Write the columns fold and part: so many folds by a seeded hash.", valueName: "n"))
  public var folds: Int?

  @Option(help: "What is dealt into folds; if not given, genes.")
  public var foldBy: Folds.Unit?

  @Option(
    help: ArgumentHelp(
      """
      Genes that every split by genes keeps together, such as homologs: a table gene, group, or clusters as MMseqs2 or \
      CD-HIT write them; identical keeps genes with the same features together.
      """, valueName: "file|identical"), completion: .file())
  public var geneGroups: String?

  /// The word that takes the place of a file of gene groups; a file of this name is `./identical`.
  static let identicalGenes = "identical"

  public init() {}

  public func validate() throws {
    if (holdOut == nil) != (keepPart == nil) { throw ValidationError("--hold-out and --keep-part go together") }
    if let folds, folds < 2 { throw ValidationError("--folds must be at least 2") }
    if foldBy != nil, folds == nil { throw ValidationError("--fold-by needs --folds N") }
  }

  /// Whether anything here goes by genes.
  var isByGene: Bool { holdOut?.hasPrefix("genes:") ?? false || folds != nil && foldBy != .bag }

  /// The seed of all that is drawn here.
  var seed: UInt64 { splitSeed ?? 1 }

  /// Those of these options that mean nothing without pairs.
  var needingPairs: [(isSet: Bool, name: String)] { [(folds != nil, "--folds")] }

  /// The split, with genes that stay together; throws `BagsError` (usage).
  func split(_ groups: GeneGroups?) throws -> HoldOut? {
    guard let holdOut else { return nil }
    var split = try HoldOut(parsing: holdOut, seed: seed)
    split.groups = groups
    return split
  }

  /// The parts that pass; throws a usage error for a name that is none.
  func wantedParts() throws -> Set<HoldOut.Part> {
    guard let split = try split(nil) else { return [] }
    var parts: Set<HoldOut.Part> = []
    for name in (keepPart ?? "").split(separator: ",") {
      guard let part = HoldOut.Part(rawValue: String(name)) else {
        let known = HoldOut.Part.allCases.map(\.rawValue).joined(separator: ", ")
        throw ToolFailure.usage("--keep-part \(Diagnostic.quoted(name)) is no part", hint: "the parts are \(known)")
      }
      if split.unit == .bags, part == .oneUnseen || part == .bothUnseen {
        throw ToolFailure.usage(
          "--keep-part \(part.rawValue) is a part of --hold-out genes:SHARE",
          hint: "of bags they are train and held-out")
      }
      parts.insert(part)
    }
    if parts.isEmpty { throw ToolFailure.usage("--keep-part names no part") }
    return parts
  }
}
