import Testing
import Training

@Suite struct ValidationSplitTests {
  let labels: [Float] = (0..<1000).map { $0 % 10 == 0 ? 1 : 0 }

  @Test func takesTheShareOfEachClass() {
    let split = ValidationSplit.byGroup(labels: labels, groups: (0..<1000).map(UInt64.init), fraction: 0.2, seed: 7)
    #expect(split.validation.count == 200)
    #expect(split.validation.count { labels[$0] == 1 } == 20)
    #expect(Set(split.train).isDisjoint(with: split.validation) && split.train.count == 800)
  }

  @Test func keepsRepeatedPairsTogetherAndFollowsKeysNotOrder() {
    let groups = (0..<1000).map { UInt64($0 / 2) }
    let split = ValidationSplit.byGroup(labels: labels, groups: groups, fraction: 0.2, seed: 3)
    let held = Set(split.validation.map { groups[$0] })
    #expect(split.train.allSatisfy { !held.contains(groups[$0]) })
    let backward = ValidationSplit.byGroup(
      labels: labels.reversed(), groups: groups.reversed(), fraction: 0.2, seed: 3)
    #expect(Set(backward.validation.map { 999 - $0 }) == Set(split.validation))
    #expect(ValidationSplit.byGroup(labels: labels, groups: groups, fraction: 0.2, seed: 4) != split)
  }

  @Test func byGeneKeepsHeldOutGenesOutOfTraining() {
    let genes = (0..<2000).map { (UInt64($0 % 97), UInt64(100 + $0 % 89)) }
    let split = ValidationSplit.byPartner(keys: genes, fraction: 0.2, seed: 1)
    #expect(!split.train.isEmpty && !split.validation.isEmpty)
    let seen = Set(split.train.flatMap { [genes[$0].0, genes[$0].1] })
    #expect(split.validation.allSatisfy { !seen.contains(genes[$0].0) || !seen.contains(genes[$0].1) })
  }

  @Test func noFractionNoValidation() {
    let groups = (0..<1000).map(UInt64.init)
    #expect(ValidationSplit.byGroup(labels: labels, groups: groups, fraction: 0, seed: 1).validation.isEmpty)
  }
}
