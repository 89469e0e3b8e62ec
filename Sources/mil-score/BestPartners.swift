import ArgumentParser
import ModelSupport
import Records

/// The lines of `--by`.
enum ScoreGrouping: String, CaseIterable, ExpressibleByArgument { case residue }

/// For each member of either side of a bag, such as each residue of two proteins, the instance with the highest score:
/// its best partner. Those with high scores are the patch.
struct BestPartners {
  /// A member of a side with its best instance.
  private struct Member {
    let side: String
    let name: String
    let partner: String
    let id: String
    var row: Int
    /// The largest label of its instances; nil without labels.
    var label: Double?
  }

  static let columns = [
    Column("bag"), Column("side"), Column("id"), Column("partner"), Column("instance"),
    Column("instance_label", .double), Column("score", .double), Column("logit", .double), Column("part"),
  ]

  private let scored: ScoredBags
  private let bag: String
  private let line: ScoreLine
  private var members: [Member] = []

  /// Finds the members of bag `number`, side a first, each in the order in which it comes; of equal scores the first
  /// counts. Instances that name no members have none.
  init(_ scored: ScoredBags, _ number: Int, _ line: ScoreLine) throws {
    (self.scored, self.line) = (scored, line)
    bag = try scored.bags.bag(number).bag
    var index: [[String: Int]] = [[:], [:]]
    var sides: [[Member]] = [[], []]
    for row in Int(scored.bags.offsets[number])..<Int(scored.bags.offsets[number + 1]) {
      let (instance, _) = try scored.bags.instance(row, of: number)
      guard let a = instance.isoformA, let b = instance.isoformB else { continue }
      for (side, (name, partner)) in [(a, b), (b, a)].enumerated() {
        let label = instance.label
        var member = Member(
          side: side == 0 ? "a" : "b", name: name, partner: partner, id: instance.id, row: row, label: label)
        guard let known = index[side][name] else {
          index[side][name] = sides[side].count
          sides[side].append(member)
          continue
        }
        let earlier = sides[side][known]
        let highest = [earlier.label, label].compactMap { $0 }.max()
        if scored.scores.instances[row] <= scored.scores.instances[earlier.row] { member = earlier }
        member.label = highest
        sides[side][known] = member
      }
    }
    members = sides[0] + sides[1]
  }

  /// The scores of the members and their lines.
  var lines: [(output: Float, fields: [Field])] {
    members.map { member in
      let output = scored.scores.instances[member.row]
      let label: Field = member.label.map { .double($0) } ?? .missing
      let names = [bag, member.side, member.name, member.partner, member.id].map { Field.text($0) }
      return (output, names + [label] + line.values(output) + [line.part])
    }
  }
}
