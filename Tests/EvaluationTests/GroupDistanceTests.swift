import Bytes
import Evaluation
import Testing

@Suite struct GroupDistanceTests {
  /// A line of points: 0, 1, 10 are a group, 4 and 6 another, 7 is alone in its own, 20 has none.
  @Test func meansAreThoseOfALine() {
    let points: [Double] = [0, 4, 1, 7, 6, 10, 20]
    let distances = GroupDistances(points, columns: 1, groups: [5, 2, 5, 9, 2, 5, nil])
    #expect(distances.groups == 2)
    #expect(distances.within == [5.5, 2, 5, 2, 9.5])
    let around = [0.0, 4, 1, 6, 10].map { point in points.reduce(0) { $0 + abs($1 - point) } / 6 }
    #expect(distances.around == around)
    #expect(distances.meanWithin == 4.8 && near(distances.meanAround, around.reduce(0, +) / 5))
  }

  @Test func distancesAreEuclidean() {
    let distances = GroupDistances([0, 0, 3, 4, 1, 1], columns: 2, groups: [0, 0, nil])
    #expect(distances.within == [5, 5])
    #expect(near(distances.around[0], (5 + Double(2).squareRoot()) / 2))
  }

  @Test func nothingIsNobody() {
    let alone = GroupDistances([1, 2], columns: 1, groups: [0, 1])
    #expect(alone.within.isEmpty && alone.meanWithin == nil && alone.test == nil && alone.groups == 0)
  }

  @Test func manyRowsAreDrawn() {
    var random = RandomStream(seed: 3)
    let points = (0..<400).map { _ in random.normal() }
    let groups: [Int?] = (0..<400).map { $0 % 40 }
    let (all, some) = (
      GroupDistances(points, columns: 1, groups: groups),
      GroupDistances(points, columns: 1, groups: groups, most: 200, seed: 2)
    )
    #expect(all.within == some.within && all.around != some.around)
    #expect(near(some.meanAround, all.meanAround ?? .nan, within: 0.1))
  }

  /// scipy 1.17.1: stats.ks_2samp for D, special.kolmogorov for the limit.
  @Test func smirnovAsScipy() throws {
    let test = try #require(SmirnovTest([0.1, 0.4, 0.4, 0.9, 1.3], [0.4, 1.1, 1.5, 2.2, 2.2, 3]))
    #expect(near(test.statistic, 0.6666666666666666))
    #expect(near(test.p, 0.17696740833316593))
    #expect(SmirnovTest([1], []) == nil)
    #expect(SmirnovTest([1, 2], [1, 2])?.p == 1)
    let far = try #require(SmirnovTest((0..<600).map { Double($0) }, (0..<600).map { Double($0) + 590 }))
    #expect(near(far.statistic, 590.0 / 600))
    #expect(abs(far.p / 2.1769481143060117e-252 - 1) < 1e-9)
  }
}
