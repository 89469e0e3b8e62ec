import Bytes
import Evaluation
import Testing
import Workbench

/// The cases of Fixtures/tests.json: computed by definition, asserted against SciPy and scikit-learn.
private func cases(_ name: String) throws -> [JSON] {
  let text = try #require(Repository.text("Tests/EvaluationTests/Fixtures/tests.json"))
  return try #require(JSON.parse(Array(text.utf8))[name]?.array)
}

private func numbers(_ json: JSON?) throws -> [Double] { try #require(json?.array).map { try #require($0.double) } }

@Suite struct PairedTestsTests {
  @Test func delong() throws {
    for row in try cases("delong") {
      let labels = try numbers(row["y"]).map { $0 > 0 }
      let test = DeLong(labels: labels, try numbers(row["a"]), try numbers(row["b"]))
      let name = row["name"]?.string ?? ""
      guard let expected = row["auc"]?.array else {
        #expect(test == nil, "\(name)")
        continue
      }
      #expect(near(test?.auroc.a, try #require(expected[0].double)), "\(name)")
      #expect(near(test?.auroc.b, try #require(expected[1].double)), "\(name)")
      if let rows = row["covariance"]?.array {
        #expect(near(test?.covariance?.aa, try numbers(rows[0])[0]), "\(name)")
        #expect(near(test?.covariance?.ab, try numbers(rows[0])[1]), "\(name)")
        #expect(near(test?.covariance?.bb, try numbers(rows[1])[1]), "\(name)")
      } else {
        #expect(test?.covariance == nil, "\(name)")
      }
      for (found, key) in [(test?.z, "z"), (test?.p, "p")] {
        if let expected = row["paired"]?[key]?.double {
          #expect(near(found, expected), "\(name): \(key)")
        } else {
          #expect(found == nil, "\(name): \(key)")
        }
      }
    }
    // The variance of one score is that of the closed form.
    let (scores, labels) = drawnCase(rows: 500, levels: 64, seed: 2)
    let test = DeLong(labels: labels, scores, scores)
    #expect(near(test?.covariance?.aa, 0.00011271079142439219, within: 1e-15) && test?.p == 1)
  }

  @Test func wilcoxon() throws {
    let rows = try cases("wilcoxon")
    #expect(rows.count == 8)
    for row in rows {
      let test = Wilcoxon(try numbers(row["d"]))
      let name = row["name"]?.string ?? ""
      #expect(test.count == row["n"]?.int && test.method.rawValue == row["method"]?.string, "\(name)")
      #expect(test.positiveRanks == row["wplus"]?.double && test.negativeRanks == row["wminus"]?.double, "\(name)")
      #expect(near(test.p, try #require(row["p"]?.double)), "\(name)")
    }
  }

  @Test func holm() throws {
    for row in try cases("holm") {
      let adjusted = Holm.adjusted(try numbers(row["p"]))
      let expected = try numbers(row["adjusted"])
      #expect(adjusted.count == expected.count)
      for (found, wanted) in zip(adjusted, expected) { #expect(near(found, wanted)) }
    }
  }

  /// Rows that resamples share: the same score differs nowhere, and a better one has a small p.
  @Test func bootstrap() throws {
    let (scores, labels) = drawnCase(rows: 400, levels: 64, seed: 5)
    let worse = scores.enumerated().map { $0.offset % 3 == 0 ? 1 - $0.element : $0.element }
    let rows = PairedBootstrap.Rows(labels: labels.map { $0 ? 1 : 0 })
    let metrics: [Metric] = [.auroc, .auprc, .ece, .precision(top: .rows(50))]
    let settings = JudgementSettings(tops: [.rows(50)])
    func drawn(_ rows: PairedBootstrap.Rows, seed: UInt64) -> PairedBootstrap {
      PairedBootstrap(
        rows, base: scores, others: [worse, scores], metrics: metrics, settings, replicates: 200, seed: seed)
    }
    let once = drawn(rows, seed: 3)
    for metric in metrics {
      #expect(once.p(metric, other: 1) == 1 && once.interval(metric, other: 1) == Interval(lower: 0, upper: 0))
      #expect(once.interval(metric, other: 0) == drawn(rows, seed: 3).interval(metric, other: 0))
    }
    #expect(once.interval(.auroc, other: 0) != drawn(rows, seed: 4).interval(.auroc, other: 0))
    #expect(once.p(.auroc, other: 0).map { $0 < 0.02 } == true)
    let delong = try #require(DeLong(labels: labels, scores, worse)?.interval)
    #expect(near(once.interval(.auroc, other: 0)?.lower, delong.lower, within: 0.02))
    // A partner in many rows makes the interval wider.
    var partners = rows
    partners.partners = labels.indices.map { ($0 % 12, 12 + $0 % 35) }
    let (wide, narrow) = (drawn(partners, seed: 3).interval(.auroc, other: 0), once.interval(.auroc, other: 0))
    #expect(try #require(wide).upper - #require(wide).lower > #require(narrow).upper - #require(narrow).lower)
  }
}

@Suite struct CalibrationTests {
  @Test func equalsTheDefinition() throws {
    for row in try cases("calibration") {
      let (scores, labels) = (try numbers(row["score"]), try numbers(row["y"]).map { $0 > 0 })
      let name = row["name"]?.string ?? ""
      let platt = Calibration(.platt, scores: scores, labels: labels)
      if let expected = row["platt"]?["p"]?.array {
        for (score, p) in zip(scores, expected) {
          #expect(near(platt?.probability(score), try #require(p.double)), "\(name) at \(score)")
        }
        if name != "all_equal", case .platt(let a, let b) = platt {
          #expect(near(a, try #require(row["platt"]?["A"]?.double), within: 1e-10), "\(name)")
          #expect(near(b, try #require(row["platt"]?["B"]?.double), within: 1e-10), "\(name)")
        }
      } else {
        #expect(platt == nil, "\(name)")
      }
      guard let isotonic = Calibration(.isotonic, scores: scores, labels: labels) else {
        #expect(Set(labels).count == 1, "\(name)")
        continue
      }
      for (score, value) in zip(try numbers(row["isotonic"]?["at"]), try numbers(row["isotonic"]?["value"])) {
        #expect(near(isotonic.probability(score), value), "\(name) at \(score)")
      }
    }
  }

  @Test func errorsOfBins() throws {
    for row in try cases("calibration") {
      let (scores, labels) = (try numbers(row["prob"]), try numbers(row["y"]).map { $0 > 0 })
      let sample = ScoreSample(scores: scores, labels: labels)
      for (bins, key) in [(10, "ece10"), (15, "ece15")] {
        let found = Judgement([sample], JudgementSettings(bins: bins)).value(.ece)
        #expect(near(found, try #require(row[key]?.double)), "\(row["name"]?.string ?? ""): \(key)")
      }
      #expect(near(Judgement(sample).value(.brier), try #require(row["brier"]?.double)))
    }
  }

  /// 0 is in the first bin, 1 in the last, and a limit belongs to the bin above it.
  @Test func everyScoreHasABin() throws {
    let sample = ScoreSample(scores: [0, 0.1, 0.55, 1, 1], labels: [false, true, true, true, false])
    let table = try #require(ReliabilityBin.table([sample]))
    #expect(table.map(\.count) == [1, 1, 0, 0, 0, 1, 0, 0, 0, 2])
    #expect(table[9].share == 0.5 && table[9].meanScore == 1 && table[9].upper == 1 && table[2].share == nil)
    #expect(near(Judgement(sample).value(.ece), (0.9 + 0.45 + 1) / 5))
    #expect(ReliabilityBin.table([ScoreSample(scores: [1.5], labels: [true])]) == nil)
    #expect(Judgement(scores: [1.5], labels: [true]).value(.ece) == nil)
  }

  /// The first rows by score; of ties at the cut each counts its share.
  @Test func firstRows() throws {
    let sample = ScoreSample(scores: [0.9, 0.8, 0.7, 0.7, 0.1], labels: [true, false, true, false, false])
    let cuts = try ["1", "2", "3", "5", "6", "40%", "41%"].map { try #require(TopCut($0)) }
    let judgement = Judgement([sample], JudgementSettings(tops: cuts))
    let expected: [Double?] = [1, 0.5, 0.5, 0.4, nil, 0.5, 0.5]
    for (cut, wanted) in zip(cuts, expected) {
      #expect(judgement.value(.precision(top: cut)) == wanted, "\(cut)")
      #expect(judgement.value(.enrichment(top: cut)) == wanted.map { $0 / 0.4 }, "\(cut)")
    }
    #expect(judgement.undefinedReason(.precision(top: cuts[4])) == "there are fewer rows")
    for text in ["", "0", "-1", "1.5", "0%", "101%", "x", "1%%"] { #expect(TopCut(text) == nil, "\(text)") }
    #expect(Metric.named("precision_top40%") == .precision(top: .percent(40)))
    // Shares of a length: 5/2 is rounded up to 3 rows; without a length nothing is defined.
    let lengths = try ["L", "L/2", "L/5"].map { try #require(TopCut($0)) }
    var settings = JudgementSettings(tops: lengths)
    #expect(lengths.allSatisfy { Judgement([sample], settings).value(.precision(top: $0)) == nil })
    settings.length = 5
    let shares = lengths.map { Judgement([sample], settings).value(.precision(top: $0)) }
    #expect(shares == [0.4, 0.5, 1] && lengths.map(\.text) == ["L", "L/2", "L/5"])
    for text in ["L/", "L/0", "L5", "L/1.5", "l", "L/5%"] { #expect(TopCut(text) == nil, "\(text)") }
    #expect(Metric.named("enrichment_top0") == nil && Metric.named("enrichment_top100")?.top == .rows(100))
  }
}
