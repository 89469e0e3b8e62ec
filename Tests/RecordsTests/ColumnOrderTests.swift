import Records
import Testing

@Suite struct ColumnOrderTests {
  @Test func rowsAreReordered() throws {
    let order = try #require(ColumnOrder(of: ["x", "y", "z"], as: ["z", "x", "y"]))
    #expect(order.source == [2, 0, 1])
    #expect(order.rows([1, 2, 3, 4, 5, 6]) == [3, 1, 2, 6, 4, 5])
    #expect(order.reordered(["x", "y", "z"]) == ["z", "x", "y"])
  }

  @Test func equalAndOtherNamesHaveNoOrder() {
    #expect(ColumnOrder(of: ["x", "y"], as: ["x", "y"]) == nil)
    #expect(ColumnOrder(of: ["x", "y"], as: ["y"]) == nil)
    #expect(ColumnOrder(of: ["x", "y"], as: ["y", "z"]) == nil)
  }

  @Test func differencesAreNamed() {
    #expect(Schema.missingOrExtra(["x", "y"], expected: ["y", "x"]) == nil)
    #expect(Schema.missingOrExtra(["x"], expected: ["y", "x"]) == "'y' is missing")
    #expect(Schema.missingOrExtra(["x", "y", "z"], expected: ["z"]) == "'x' and 1 more are not expected")
    #expect(Schema.missingOrExtra([], expected: ["x", "y"]) == "'x' and 1 more are missing")
  }
}
