import ArgumentParser
import Bags
import Bytes
import CommandSupport
import Features
import Models

/// The recipes of `--preset`.
enum Preset: String, CaseIterable, ExpressibleByArgument {
  /// Two towers and forests on two sets of features of proteins, and dense networks; genes held out per member.
  case millrace
}

/// A kind of member as `--member` says it: `METHOD[:settings]@BLOCK[+BLOCK…][*TIMES]`.
struct MemberKind {
  let choice: MethodChoice
  /// The blocks whose features it reads; nil reads all.
  let blocks: [String]?
  /// The number of members; nil is the usual one.
  let times: Int?

  /// The number of members of a kind that does not say it.
  static let usual = 3

  init(_ choice: MethodChoice, blocks: [String]?, times: Int? = nil) {
    (self.choice, self.blocks, self.times) = (choice, blocks, times)
  }

  /// Reads the text of `--member`; throws a usage error, `ModelError` or `SettingError`.
  init(parsing text: String) throws {
    func refuse(_ reason: String) -> ToolFailure {
      .usage(
        "--member \(Diagnostic.quoted(text)): \(reason)",
        hint: "METHOD[:key=value,…]@BLOCK[+BLOCK…][*TIMES], such as two-tower@lite+ct*3, or METHOD@all")
    }
    guard let mark = text.lastIndex(of: "@") else { throw refuse("no blocks behind an @") }
    var rest = text[text.index(after: mark)...]
    if let star = rest.lastIndex(of: "*") {
      guard let times = Int(rest[rest.index(after: star)...]), (1...100).contains(times) else {
        throw refuse("the number of members is 1 to 100")
      }
      self.times = times
      rest = rest[..<star]
    } else {
      times = nil
    }
    let names = rest.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    guard !names.contains("") else { throw refuse("a block has no name") }
    blocks = names == ["all"] ? nil : names
    choice = try MethodChoice(String(text[..<mark]))
    guard !choice.takesRowsOfOthers, !choice.isFittedInRounds, !choice.pooling.hasSuffix("attention") else {
      throw refuse("\(choice.text) can't be a member: methods on rows can, whose pooling is no attention")
    }
  }

  /// The columns of the features that it reads. Throws a usage error where a block has none.
  func columns(_ names: [String]) throws -> [Int] {
    guard let blocks else { return Array(names.indices) }
    func block(_ name: String) -> String { String(name.prefix { $0 != "." }) }
    let known = Set(names.map(block))
    if let missing = blocks.first(where: { !known.contains($0) }) {
      throw ToolFailure.usage(
        "--member …@\(missing): no feature is of a block \(Diagnostic.quoted(missing))",
        hint: "the blocks are \(known.sorted().joined(separator: ", "))")
    }
    return names.indices.filter { blocks.contains(block(names[$0])) }
  }

  /// The text that names it.
  var text: String { "\(choice.text)@\(blocks?.joined(separator: "+") ?? "all")" }
}

extension MethodChoice {
  /// Whether it reads anything else than a row of features per instance, or sides of one length.
  fileprivate var takesRowsOfOthers: Bool {
    method.readsSides || inputs.contains { $0.side != .pair }
  }
}

extension MilTrain {
  /// The block of the preset that proteins never seen are best told by, and those that others add.
  private static let lite = "lite"
  private static let encoders = [
    (lite, "aac+loglength+hydropathy+windows+complexity+charge+moments"), ("ct", "ct343"), ("paac", "paac"),
  ]

  /// The same command with what `--preset` says where it was not said otherwise. Throws usage errors.
  func withPreset() throws -> MilTrain {
    var options = self
    let isEnsemble = method.preset != nil || !method.member.isEmpty
    if isEnsemble, method.architecture != nil {
      throw ToolFailure.usage(
        "--architecture does not apply with --preset or --member, which name the methods",
        hint: "--member \(method.architecture ?? "")@all")
    }
    guard method.preset != nil else {
      if let file = method.sequences.first {
        throw ToolFailure.usage(
          "--sequences \(file) is for --preset, which knows how to encode them",
          hint: "--block NAME=concat:\(file),encode=ENCODER")
      }
      return options
    }
    if let file = method.sequences.first {
      if method.sequences.count > 1 { throw ToolFailure.usage("--sequences is given twice") }
      if bags.pairing.pairs == nil { throw ToolFailure.usage("--sequences needs --pairs FILE") }
      let own = Self.encoders.map { "\($0)=concat:\(file),encode=\($1)" }
      options.bags.features.blocks = own + bags.features.blocks
    }
    if case .auto = files.standardize, files.normalizer == nil {
      options.files.standardize = .methods(try ScalingChain(parsing: "zscore,clip"))
    }
    return options
  }

  /// The kinds of member of an ensemble, for features of these names; none for a single method. `--preset` without
  /// `--member` has five: two towers and a forest on the block `lite`, the same on all others, a dense network on all.
  func kinds(_ names: [String]?) throws -> [MemberKind] {
    let given = try method.member.map { try MemberKind(parsing: $0) }
    if !given.isEmpty || method.preset == nil { return given }
    let blocks = Set((names ?? []).map { String($0.prefix { $0 != "." }) })
    let others = blocks.subtracting([Self.lite]).sorted()
    let parts = blocks.contains(Self.lite) && !others.isEmpty ? [[Self.lite], others] : [nil]
    let pairs = try ["two-tower", "forest:trees=60,mil=max"].flatMap { text in
      try parts.map { MemberKind(try MethodChoice(text), blocks: $0) }
    }
    return pairs + [MemberKind(try MethodChoice("mlp"), blocks: nil)]
  }
}
