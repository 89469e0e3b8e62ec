import ArgumentParser
import Bags
import Bytes

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// Drawn negative pairs, and the balance of the classes.
public struct NegativeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Add drawn negative pairs after the given ones: a number, or 9x for nine per positive pair; never a known pair.",
      valueName: "n"))
  public var negatives: String?

  @Option(
    help: ArgumentHelp(
      """
      The distribution of negative pairs: uniform, degree-matched (genes as frequent as among the positives), or \
      compartment:FILE (columns gene, compartment; genes without a common compartment).
      """, valueName: "origin"), completion: .list(["uniform", "degree-matched", "compartment:"]))
  public var negativeFrom = "uniform"

  @Option(
    help: ArgumentHelp(
      """
      Keep only part of a class: 0:0.1 keeps a tenth of class 0; 0:9x at most nine per pair of the other class, and \
      reads all pairs before the first bag.
      """, valueName: "class:amount"))
  public var underSample: String?

  @Option(
    help: ArgumentHelp(
      """
      Give the bags of one class a weight in training: 1:9 gives class 1 the weight 9; balanced, or 1:1x, makes the \
      classes weigh the same, and reads all pairs before the first bag. Of labels that are numbers, >7:0.9x is about \
      those above 7 and the others.
      """, valueName: "class:amount"))
  public var classWeight: String?

  public init() {}

  public func validate() throws {
    if negatives == nil, negativeFrom != "uniform" { throw ValidationError("--negative-from needs --negatives N") }
  }

  /// The options that apply only where bags are built from pairs.
  var needingPairs: [(isSet: Bool, name: String)] {
    [
      (negatives != nil, "--negatives"), (underSample != nil, "--under-sample"), (classWeight != nil, "--class-weight"),
    ]
  }

  /// The negatives to draw; throws a usage error for an unknown distribution.
  func negativePlan() throws -> BagPlan.NegativePlan? {
    guard let negatives else { return nil }
    let word = "compartment:"
    let amount = try Negatives.Amount(parsing: negatives)
    if negativeFrom.hasPrefix(word) {
      return BagPlan.NegativePlan(amount, from: .compartments(String(negativeFrom.dropFirst(word.count))))
    }
    switch negativeFrom {
    case "degree-matched": return BagPlan.NegativePlan(amount, from: .degreeMatched)
    case "uniform": return BagPlan.NegativePlan(amount)
    default:
      throw ToolFailure.usage(
        "--negative-from \(Diagnostic.quoted(negativeFrom)) is not a way to draw pairs",
        hint: "uniform, degree-matched, or compartment:FILE")
    }
  }
}
