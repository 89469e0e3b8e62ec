/// The number of positive and negative rows with one score: tied rows are a single step of the threshold.
struct ThresholdStep {
  var score: Double
  var positives: Int
  var negatives: Int
}

/// The distinct scores of several samples, from the highest to the lowest, in O(rows · samples).
///
/// The sorted samples are merged on the way, so that figures over all parts need no second copy of their scores.
struct ThresholdWalk: IteratorProtocol, Sequence {
  private struct Head {
    var rest: UnsafeBufferPointer<Double>.SubSequence
    var positive: Bool
  }
  private let owners: [ScoreSample]
  private var heads: [Head]

  init(_ samples: [ScoreSample]) {
    owners = samples
    heads = []
    for sample in samples {
      heads.append(Head(rest: sample.positiveScores.descending()[...], positive: true))
      heads.append(Head(rest: sample.negativeScores.descending()[...], positive: false))
    }
  }

  mutating func next() -> ThresholdStep? {
    var highest = -Double.infinity
    for head in heads {
      if let score = head.rest.first { highest = Swift.max(highest, score) }
    }
    guard highest.isFinite else { return nil }
    var step = ThresholdStep(score: highest, positives: 0, negatives: 0)
    for index in heads.indices {
      let run = takeRun(of: highest, from: index)
      if heads[index].positive { step.positives += run } else { step.negatives += run }
    }
    return step
  }

  private mutating func takeRun(of score: Double, from index: Int) -> Int {
    let rest = heads[index].rest
    var end = rest.startIndex
    while end < rest.endIndex, rest[end] == score { end += 1 }
    heads[index].rest = rest[end...]
    return end - rest.startIndex
  }
}
