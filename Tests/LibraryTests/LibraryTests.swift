import Arrays
import Bags
import Bytes
import Features
import Models
import Records
import Scoring
import Testing
import Training
import Workbench

/// The code of docs/library.md, compiled and run; a test holds each block of that page beside the code here.
@Suite struct LibraryTests {
  /// Forty genes with one isoform each: pairs whose sequences are rich in leucine interact.
  private func example() -> Workbench {
    let bench = Workbench()
    var (fasta, features, members, pairs) = ("", "id\tleucine\tlysine\n", "isoform\tgene\n", "gene_a\tgene_b\tlabel\n")
    for gene in 0..<40 {
      let share = Double(gene % 10) / 10
      fasta +=
        ">G\(gene)-1\n" + String(repeating: "MKVLAAG", count: 3) + String(repeating: "L", count: gene % 10) + "\n"
      features += "G\(gene)-1\t\(share)\t\(1 - share)\n"
      members += "G\(gene)-1\tG\(gene)\n"
    }
    for a in 0..<40 {
      for b in stride(from: a + 1, to: 40, by: 3) {
        pairs += "G\(a)\tG\(b)\t\((a % 10) + (b % 10) > 9 ? 1 : 0)\n"
      }
    }
    for (name, text) in [
      ("proteins.fa", fasta), ("features.tsv", features), ("members.tsv", members), ("pairs.tsv", pairs),
    ] { bench.write(text, to: name) }
    return bench
  }

  @Test func sequencesAreEncoded() throws {
    let bench = example()
    defer { withExtendedLifetime(bench) {} }
    let rows = try encode(bench.folder)
    #expect(rows.count == 40 && rows["G3-1"]?.count == 22)
  }

  @Test func bagsAreBuiltTrainedOnAndScored() throws {
    let bench = example()
    defer { withExtendedLifetime(bench) {} }
    let bags = try build(bench.folder)
    #expect(bags.count == 273 && bags.width == 4)
    let model = try train(bags)
    let scores = score(bags, model)
    #expect(scores.count == bags.count)
    var right = 0
    for (logit, label) in zip(scores, bags.labels) where (logit > 0) == (label == 1) { right += 1 }
    #expect(right > bags.count * 9 / 10, "\(right) of \(bags.count)")
  }

  private func encode(_ folder: String) throws -> [String: [Double]] {
    // block: encode
    let encoder = try EncoderCatalog.encoder("paac:lambda=2")
    let reader = try FastaReader(Input.open("\(folder)/proteins.fa"))
    var rows: [String: [Double]] = [:]
    while try reader.next() {
      let sequence = String(decoding: reader.record.sequence, as: UTF8.self)
      rows[reader.record.id] = try encoder.features(of: sequence)
    }
    // end
    return rows
  }

  private func build(_ folder: String) throws -> PackedBags {
    // block: bags
    var plan = BagPlan(
      pairs: .file("\(folder)/pairs.tsv"), blocks: [try BlockSpec(parsing: "f=concat:\(folder)/features.tsv")])
    plan.members = [BagPlan.MemberFile("\(folder)/members.tsv")]
    let source = try plan.open().source
    let names = source.schema?.names ?? []
    let bags = try PackedBags.read(source, swap: ColumnSwap(names: names)?.effective)
    // end
    return bags
  }

  private func train(_ bags: PackedBags) throws -> any Differentiable {
    // block: train
    var plan = TrainingPlan()
    (plan.epochs, plan.batchSize, plan.optimiser.learningRate, plan.drawsOrder) = (200, 32, 0.05, true)
    let split = ValidationSplit.byGroup(labels: bags.labels, groups: bags.keys, fraction: 0.2, seed: plan.seed)
    let trainer = Trainer(plan: plan, objective: ClassLoss.classBalancedFocal(gamma: 1))
    let (model, outcome) = try trainer.train(
      store: bags, split: split,
      makeModel: { attempt in try MethodChoice("logistic").model(features: bags.width, seed: UInt64(attempt)) })
    // end
    #expect(outcome.bestEpoch >= 1)
    return model
  }

  private func score(_ bags: PackedBags, _ model: any Differentiable) -> [Float] {
    // block: score
    let scorer = Scorer(model: model, threads: 1)
    let scores = scorer.score(bags.batch(Array(0..<bags.count), nil))
    let logits = scores[model.target]
    let best = scores.witness ?? []
    // end
    #expect(best.count == bags.count)
    return logits
  }

  /// Each block of Swift on the page is, but for its margin, the code between `// block:` and `// end` above.
  @Test func thePageShowsThisCode() throws {
    let page = try #require(Repository.text("docs/library.md"))
    let source = try #require(Repository.text("Tests/LibraryTests/LibraryTests.swift"))
    func blocks(_ text: String, from begin: String, to end: String) -> [String] {
      var (result, lines): ([String], [Substring]?) = ([], nil)
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let bare = line.drop { $0 == " " }
        if let open = lines {
          if bare.hasPrefix(end) {
            result.append(open.map { $0.drop { $0 == " " } }.joined(separator: "\n"))
            lines = nil
          } else {
            lines = open + [line]
          }
        } else if bare.hasPrefix(begin) {
          lines = []
        }
      }
      return result
    }
    let shown = blocks(page, from: "```swift", to: "```")
    let code = blocks(source, from: "// block: ", to: "// end")
    #expect(shown.count == 4 && shown == code)
  }
}
