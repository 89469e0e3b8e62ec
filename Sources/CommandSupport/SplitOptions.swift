import ArgumentParser
import Bags
import Bytes

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Parts of a split, and folds.
public struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Hold out a share of the genes (of side a or b, where these differ in kind), or of bags, by a seeded hash: \
      genes:0.2, a:0.2, b:0.2, bags:0.2; needs --keep-part.
      """, valueName: "what:share"),
    completion: .list(["genes:", "a:", "b:", "bags:"]))
  public var holdOut: String?

  @Option(
    help: ArgumentHelp(
      """
      The parts to keep: train, one-unseen (a-unseen, b-unseen where the sides differ in kind), both-unseen, held-out \
      (all but train); several with commas.
      """, valueName: "parts"), completion: .list(SplitPart.allCases.map(\.rawValue)))
  public var keepPart: String?

  @Option(
    help: ArgumentHelp(
      "The seed of --hold-out, --folds, --negatives and --under-sample; 1 if not given.", valueName: "n"))
  public var splitSeed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      Assign genes (of side a or b, where these differ in kind) or bags to folds by a seeded hash, such as genes:5: \
      writes the columns fold and part.
      """, valueName: "what:n"), completion: .list(Folds.Unit.allCases.map { $0.rawValue + ":" }))
  public var folds: String?

  @Option(
    help: ArgumentHelp(
      """
      Genes that every split by genes keeps together, such as homologs: a table gene, group, or clusters as MMseqs2 or \
      CD-HIT write them; identical keeps genes with the same features together.
      """, valueName: "file|identical"), completion: .file())
  public var geneGroups: String?

  /// The value of `--gene-groups` for genes with the same features; a file of this name is `./identical`.
  static let identicalGenes = "identical"

  public init() {}

  public func validate() throws {
    if (holdOut == nil) != (keepPart == nil) { throw ValidationError("--hold-out and --keep-part go together") }
    if let folds, Folds.parse(folds) == nil {
      throw ValidationError("--folds \(folds): genes:N, bags:N, a:N or b:N with two folds or more")
    }
  }

  /// Whether genes are split or assigned to folds.
  var isByGene: Bool { (holdOut.map { !$0.hasPrefix("bags:") } ?? false) || foldRule.map { $0.unit != .bag } ?? false }

  /// The unit and the number of the folds.
  var foldRule: (unit: Folds.Unit, count: Int)? { folds.flatMap { Folds.parse($0) } }

  /// The seed of splits, folds, negatives and thinning.
  var seed: UInt64 { splitSeed ?? 1 }

  /// The options that apply only where bags are built from pairs.
  var needingPairs: [(isSet: Bool, name: String)] { [(folds != nil, "--folds")] }

  /// The split, with groups of genes; throws `BagsError` (usage).
  func split(_ groups: GeneGroups?) throws -> HoldOut? {
    guard let holdOut else { return nil }
    var split = try HoldOut(parsing: holdOut, seed: seed)
    split.groups = groups
    return split
  }

  /// The parts to keep; throws a usage error for an unknown name.
  func wantedParts() throws -> Set<SplitPart> {
    guard let split = try split(nil) else { return [] }
    var parts: Set<SplitPart> = []
    for name in (keepPart ?? "").split(separator: ",") {
      guard let part = SplitPart(rawValue: String(name)) else {
        let known = SplitPart.allCases.map(\.rawValue).joined(separator: ", ")
        throw ToolFailure.usage("--keep-part \(Diagnostic.quoted(name)) is not a part", hint: "the parts are \(known)")
      }
      if !split.parts.contains(part) {
        let parts = split.parts.map(\.rawValue).joined(separator: ", ")
        throw ToolFailure.usage(
          "--keep-part \(part.rawValue) is a part of --hold-out genes:SHARE",
          hint: "of \(split.unit.rawValue) they are \(split.unit == .bags ? "train and held-out" : parts)")
      }
      parts.insert(part)
    }
    if parts.isEmpty { throw ToolFailure.usage("--keep-part names no part") }
    return parts
  }
}
