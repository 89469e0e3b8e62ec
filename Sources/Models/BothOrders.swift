import Arrays

extension Output {
  /// The answer that does not depend on the order of the partners: the mean of the logits of both orders.
  ///
  /// Unit logits and attention are averaged row by row; the logit of a target is then the maximum over its units
  /// (`offsets` as in `Relation.segments`) and its witness the first unit that has it.
  public static func mean(of given: Output, and exchanged: Output, offsets: [Int32]) -> Output {
    let attention = given.attention.flatMap { a in exchanged.attention.map { middle(a, $0) } }
    return Output(units: middle(given.unitLogit, exchanged.unitLogit), attention: attention, offsets: offsets)
  }

  /// The answer that follows from the logits of the units: a target has the greatest of its own, the first of equals.
  public init(units: [Float], attention: [Float]?, offsets: [Int32]) {
    var logit: [Float] = []
    var witness: [Int32] = []
    for bag in 0..<offsets.count - 1 {
      var best = Int(offsets[bag])
      for row in best..<Int(offsets[bag + 1]) where units[row] > units[best] { best = row }
      witness.append(Int32(best))
      logit.append(units[best])
    }
    self.init(logit: logit, unitLogit: units, witness: witness, attention: attention)
  }

  /// The means of two orders, value by value.
  public static func middle(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { ($0 + $1) / 2 } }
}
