import Arrays
import Bytes

/// The description of an ensemble of several kinds of member in its file: the kinds, their weights, and how the
/// history of seen partners is added.
public struct EnsembleCard: Sendable, Equatable {
  /// The members of one kind.
  public struct Kind: Sendable, Equatable {
    /// The method and its settings.
    public var choice: MethodChoice
    /// The columns of the port `x` that they read, by their places, ascending.
    public var columns: [Int]
    /// The number of members.
    public var members: Int
    /// The factor of their mean score.
    public var weight: Double

    /// A kind of member.
    public init(_ choice: MethodChoice, columns: [Int], members: Int, weight: Double = 1) {
      (self.choice, self.columns, self.members, self.weight) = (choice, columns, members, weight)
    }
  }

  /// The rule by which a score and what the training labels of seen partners say (`TrainingGenes.history`) become one
  /// probability: 1/(1 + exp(−(offset + score · logit + history · h))).
  public struct History: Sendable, Equatable {
    /// The constant.
    public var offset: Double
    /// The factor of the model's logit, above 0: among pairs without history the order stays.
    public var score: Double
    /// The factor of the history, 0 or above.
    public var history: Double

    /// A rule; nil where a factor is out of range or a number is not finite.
    public init?(offset: Double, score: Double, history: Double) {
      guard offset.isFinite, score > 0, score.isFinite, history >= 0, history.isFinite else { return nil }
      (self.offset, self.score, self.history) = (offset, score, history)
    }

    /// The log odds of a pair with this logit and history.
    public func logOdds(_ logit: Double, history value: Double) -> Double {
      offset + score * logit + history * value
    }
  }

  /// The kinds of member, at least one; the models of a file are theirs, one kind after the other.
  public var kinds: [Kind]
  /// The constant that is added to the weighted sum of the kinds.
  public var offset: Double
  /// The rule for seen partners; nil where there is none.
  public var history: History?

  /// The description of an ensemble.
  public init(_ kinds: [Kind], offset: Double = 0, history: History? = nil) {
    (self.kinds, self.offset, self.history) = (kinds, offset, history)
  }

  /// The number of models.
  public var members: Int { kinds.reduce(0) { $0 + $1.members } }

  /// The ports of a member, with the names of its columns where they are known.
  public func ports(of kind: Kind, names: [String]) -> [PortSpec] {
    MethodChoice.ports(names: kind.columns.map { names[$0] })
  }

  /// The model of these members, one kind after the other. With `swap` members whose method is not symmetric score both
  /// orders of the partners.
  public func model(_ models: [any Model], width: Int, swap: ColumnSwap?) -> any Model {
    precondition(models.count == members, "the models of all kinds")
    var rest = models[...]
    let parts = kinds.map { kind in
      let own = Array(rest.prefix(kind.members))
      rest = rest.dropFirst(kind.members)
      let exchange = kind.choice.method.isSymmetric ? nil : swap?.restricted(to: kind.columns)?.effective
      let isOne = own.count == 1 && exchange == nil
      return Ensemble.Kind(
        isOne ? own[0] : MeanOf(own, exchange: exchange.map { ["x": $0] } ?? [:]), columns: kind.columns,
        weight: kind.weight)
    }
    return Ensemble(parts, offset: offset, width: width)
  }
}

extension EnsembleCard {
  /// The card as JSON: columns are runs of first place and number.
  var json: JSON {
    let list = kinds.map { kind in
      let options = kind.choice.values.members.map { JSON.Member($0.name, .string($0.value)) }
      let columns = kind.columns.consecutiveRuns.map {
        JSON.array([.integer($0.lowerBound), .integer($0.count)])
      }
      return JSON.object([
        "architecture": .string(kind.choice.method.name), "options": .object(options), "columns": .array(columns),
        "members": .integer(kind.members), "weight": .number(kind.weight),
      ])
    }
    var members = [JSON.Member("kinds", .array(list)), JSON.Member("offset", .number(offset))]
    if let history {
      members.append(
        JSON.Member(
          "history",
          .object([
            "offset": .number(history.offset), "score": .number(history.score), "history": .number(history.history),
          ])))
    }
    return .object(members)
  }

  /// The card of JSON for rows of `width` columns; nil for one that no training could have written. `values` reads the
  /// settings of a method.
  init?(_ json: JSON, width: Int, values: (JSON, Method) -> SettingValues?) {
    guard let list = json["kinds"]?.array, !list.isEmpty, let offset = json["offset"]?.double, offset.isFinite else {
      return nil
    }
    kinds = []
    for item in list {
      guard let method = item["architecture"]?.string.flatMap({ try? Methods.find($0) }),
        let settings = item["options"].flatMap({ values($0, method) }),
        let members = item["members"]?.int, (1...ModelCard.maximumMembers).contains(members),
        let weight = item["weight"]?.double, weight.isFinite, weight >= 0,
        let columns = item["columns"]?.array.flatMap({ Self.columns($0, width: width) })
      else { return nil }
      kinds.append(Kind(MethodChoice(method, settings), columns: columns, members: members, weight: weight))
    }
    self.offset = offset
    guard members <= ModelCard.maximumMembers, Set(kinds.map(\.choice.pooling)).count == 1 else { return nil }
    guard let rule = json["history"] else { return }
    guard let offset = rule["offset"]?.double, let score = rule["score"]?.double,
      let factor = rule["history"]?.double,
      let history = History(offset: offset, score: score, history: factor)
    else { return nil }
    self.history = history
  }

  /// The columns of some runs, ascending and below `width`; nil for others.
  private static func columns(_ runs: [JSON], width: Int) -> [Int]? {
    var columns: [Int] = []
    for run in runs {
      guard let pair = run.array, pair.count == 2, let first = pair[0].int, let count = pair[1].int,
        first > (columns.last ?? -1), count > 0, count <= width, first <= width - count
      else { return nil }
      columns += first..<first + count
    }
    return columns.isEmpty ? nil : columns
  }
}

extension MethodChoice {
  /// The name of the pooling of a bag; the maximum where the method has no choice.
  public var pooling: String {
    if values.settings.contains(where: { $0.name == "pooling" }) { return values.text("pooling") }
    let isMean = values.settings.contains { $0.name == "mil" } && MIL(values) == .mean
    return isMean ? Pooling.mean.rawValue : Pooling.max.rawValue
  }
}
