import Arrays
import Bytes
import Models
import Scoring
import Testing

@Suite struct ScorerTests {
  /// An instance has one score, whatever stands beside it.
  @Test(arguments: ["mlp", "logistic", "idmil", "idmil:kernel=5"]) func aScoreDoesNotDependOnItsNeighbours(name: String)
    throws
  {
    let features = 161
    let model = try MethodChoice(name).model(features: features, seed: 2)
    var stream = RandomStream(seed: 4)
    let x = Matrix(rows: 150, columns: features, values: (0..<150 * features).map { _ in Float(stream.normal()) })
    func units(_ rows: Range<Int>, threads: Int) -> [Float] {
      let batch = Batch(bags: [0, Int32(rows.count)], x: x.rows(rows))
      return Scorer(model: model, threads: threads).score(batch)[.instance]
    }
    let all = units(0..<150, threads: 1)
    for threads in 1...3 { #expect(units(0..<150, threads: threads) == all) }
    for start in 0..<40 { #expect(units(start..<start + 1, threads: 1) == [all[start]], "alone") }
    for count in [2, 3, 5, 7, 16, 17, 63, 64, 65] {
      #expect(units(11..<11 + count, threads: 2) == Array(all[11..<11 + count]), "with \(count - 1) others")
    }
  }
}
