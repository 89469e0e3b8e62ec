import Arrays
import Testing

/// The faults that `Relation.fault` finds.
@Suite struct RelationTests {
  @Test func segments() {
    #expect(Relation.segments([0, 2, 2, 5]).fault(rows: 5, others: 3) == nil)
    #expect(Relation.segments([0, 2, 5]).fault(rows: 5, others: 3) == "3 offsets for 3 groups, 4 are needed")
    #expect(Relation.segments([1, 2, 5]).fault(rows: 5, others: 2) == "the first offset is 1, not 0")
    #expect(Relation.segments([0, 2, 6]).fault(rows: 5, others: 2) == "the last offset is 6, not the 5 rows")
    #expect(
      Relation.segments([0, 3, 2, 5]).fault(rows: 5, others: 3) == "offset 2 is 2, below the one before it, 3")
    #expect(Relation.segments([]).fault(rows: 0, others: 0) == "0 offsets for 0 groups, 1 are needed")
  }

  @Test func index() {
    #expect(Relation.index([2, 0, 2]).fault(rows: 3, others: 3) == nil)
    #expect(Relation.index([2, 0]).fault(rows: 3, others: 3) == "2 row numbers for 3 rows")
    #expect(Relation.index([2, -1, 0]).fault(rows: 3, others: 3) == "row -1 (number 1), rows are 0 to 2")
    #expect(Relation.index([2, 3, 0]).fault(rows: 3, others: 3) == "row 3 (number 1), rows are 0 to 2")
  }

  @Test func edges() {
    #expect(Relation.edges(into: [0, 0, 2], from: [1, 1, 2]).fault(rows: 3, others: 3) == nil)
    #expect(
      Relation.edges(into: [0, 0], from: [1, 3]).fault(rows: 2, others: 3)
        == "edge from row 3 (number 1), rows are 0 to 2")
  }

  @Test func grid() {
    let grid = Relation.grid(rows: [0, 3, 4], columns: [4, 8, 10])
    #expect(grid.fault(rows: 10, others: 10, cells: 14) == nil)
    #expect(grid.fault(rows: 10, others: 10, cells: 13) == "14 cells of a grid on an axis of 13")
    #expect(grid.fault(rows: 3, others: 10, cells: 14) == "offsets of rows from 0 to 4, there are 3 rows")
    #expect(
      Relation.grid(rows: [0, 3], columns: [4, 8, 10]).fault(rows: 10, others: 10, cells: 12)
        == "2 offsets of rows, 3 of columns")
    #expect(Relation.cells([0, 3, 4], [4, 8, 10]) == [0, 12, 14])
  }
}
