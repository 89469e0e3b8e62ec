import Bags
import Bytes
import Testing

@Suite struct FeatureTableTests {
  /// Numbers that a Float holds, that it rounds, and that it makes subnormal or zero.
  static let numbers = [0, -0.0, 1, 0.1, -1 / 3.0, 16_777_217, 1e-40, 1e-50, 3.4028234e38, 123_456.789]
  static var text: String {
    "id\t" + numbers.indices.map { "f\($0)" }.joined(separator: "\t") + "\nx\t"
      + numbers.map { NumberText.text($0) }.joined(separator: "\t") + "\n"
  }

  private func table(_ text: String, isPacked: Bool, gaps: FeatureTable.GapRule = .error) throws -> FeatureTable {
    var options = TableOptions()
    options.isPacked = isPacked
    options.gaps = gaps
    return try FeatureTable.read(MemorySource(text, name: "f.tsv"), options: options, tally: NoticeCounter())
  }

  @Test func packedNumbersAreTheNearestFloats() throws {
    let wide = try table(Self.text, isPacked: false)
    let packed = try table(Self.text, isPacked: true)
    #expect(wide.values("x") == Self.numbers)
    #expect(packed.values("x") == Self.numbers.map { Double(Float($0)) })
    #expect(packed.values("x") != wide.values("x"))
    #expect(packed.names == wide.names && packed.ids == wide.ids)
    #expect(packed.bytes == 4 * Self.numbers.count && wide.bytes == 8 * Self.numbers.count)
  }

  @Test(arguments: [3.5e38, -1e300]) func tooLargeForAFloat(value: Double) throws {
    let text = "id\tu\tv\nx\t1\t2\ny\t1\t\(NumberText.text(value))\n"
    #expect(try table(text, isPacked: false).values("y") == [1, value])
    let error = #expect(throws: BagsError.self) { _ = try table(text, isPacked: true) }
    #expect(error?.kind == .bag(.tooLarge(value, feature: "v", id: "y")))
    #expect(error?.place == Bytes.SourceLocation(source: "f.tsv", line: 3))
    #expect(error?.diagnostic.code == .data)
  }

  @Test func gapsOfPackedNumbers() throws {
    let text = "id\tu\tv\nx\t1\tNA\ny\t2\t4\nz\t3\t8\nw\tNA\tNA\n"
    #expect(try table(text, isPacked: true, gaps: .zero).values("x") == [1, 0])
    #expect(try table(text, isPacked: true, gaps: .mean).values("x") == [1, 6])
    #expect(try table(text, isPacked: true, gaps: .skip).values("x") == nil)
    let kept = try table(text, isPacked: true, gaps: .keep)
    #expect(try #require(kept.values("x"))[1].isNaN)
    #expect(kept.knows("w") && kept.row(of: "w") == nil)
  }

  @Test func blocksOfPackedNumbersHaveTheSameNames() throws {
    for kind in ["concat", "product", "absdiff", "sum", "correlate", "spearman", "dot"] {
      var packed = PairBlock.Options()
      packed.table.isPacked = true
      let one = try Given.block("p=\(kind):x", Self.text, options: packed)
      #expect(one.names == (try Given.block("p=\(kind):x", Self.text)).names)
    }
  }
}
