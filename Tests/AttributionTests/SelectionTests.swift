import Attribution
import Testing

@Suite struct SelectionTests {
  @Test func namesAreReadStrictly() {
    #expect(Selection("mean+std") == .meanPlusDeviation)
    #expect(Selection("none") == Selection.none)
    #expect(Selection("top:3") == .top(3))
    for bad in ["top:0", "top:-1", "top:", "top:+3", "top:03", "mean", "TOP:3", ""] { #expect(Selection(bad) == nil) }
  }

  @Test func meanPlusDeviationIsAboveTheBar() {
    // Mean 2, population deviation 2: only 6 stands above 4.
    #expect(Selection.meanPlusDeviation.marks([1, 1, 1, 1, 6]) == [false, false, false, false, true])
    #expect(Selection.meanPlusDeviation.marks([0, 4]) == [false, false], "not what stands on the bar")
    #expect(Selection.meanPlusDeviation.marks([3, 3, 3]) == [false, false, false])
  }

  @Test func topTakesTheFirstOfEquals() {
    #expect(Selection.top(2).marks([1, 5, 5, 5]) == [false, true, true, false])
    #expect(Selection.top(9).marks([1, 5]) == [true, true])
    #expect(Selection.none.marks([1, 5]) == [false, false])
  }

  @Test func anAttributionOfZeroIsNeverMarked() {
    #expect(Selection.top(3).marks([0, 0, 0, 0]) == [false, false, false, false])
    #expect(Selection.top(3).marks([-1, 0, 2]) == [true, false, true])
    #expect(Selection.meanPlusDeviation.marks([-9, -9, -9, -9, 0]) == [false, false, false, false, false])
  }
}
