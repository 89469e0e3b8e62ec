import Arrays

extension Output {
  /// The means of two rows of numbers, value by value.
  public static func mean(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { ($0 + $1) / 2 } }
}

extension Predictor {
  /// The scores that do not depend on the order of the partners: unit logits and attention are the means of both
  /// orders, row by row, and the model's own pooling (`join`) makes the targets' logits and witnesses of them.
  ///
  /// `grouping` has the row counts and the relations of the batch that `given` scores.
  public func mean(of given: Output, and exchanged: Output, grouping: Batch, _ tape: Tape) -> Output {
    let attention = given.attention.flatMap { a in exchanged.attention.map { Output.mean(a, $0) } }
    return join(Output.mean(given.unitLogit, exchanged.unitLogit), attention: attention, grouping, tape)
  }
}
