import Arrays
import Bytes

/// The content of a model file: card, models, and the genes of the training bags.
public struct ModelFile: Sendable, Equatable {
  /// The description of the model.
  public var card: ModelCard
  /// The models, one or those of an ensemble, each in the fastest engine for its method.
  public var models: [any Model]
  /// The genes of the training bags; empty if the bags named no genes.
  public var genes: TrainingGenes
  /// The pairs it was trained on, those that chose its epoch excluded.
  public var pairs: TrainedPairs
  /// The odds of node pairs by their kinds, for the baseline of a model of node pairs; nil for others.
  public var odds: NodeOdds?

  /// Makes the content of a file; the card says how many models there are.
  public init(
    card: ModelCard, models: [any Model], genes: TrainingGenes = TrainingGenes(), pairs: TrainedPairs = TrainedPairs()
  ) {
    (self.card, self.models, self.genes, self.pairs) = (card, models, genes, pairs)
    self.card.members = models.count
  }

  /// Reads a model file and checks all of it.
  /// Throws `IOFailure`, or `ModelError.file` when anything differs from what the card and its method say.
  public static func read(_ path: String) throws -> ModelFile {
    let file = try TensorFile(reading: path)
    func refuse(_ reason: String) -> ModelError { .file(name: path, reason: reason) }
    let card = try ModelCard(file.metadata, refuse)
    let ports = card.ports.map(\.spec)
    var (models, known) = ([any Model](), Set(Genes.names + Pairs.names + NodeOdds.names))
    do {
      let kinds = card.ensemble?.kinds ?? [EnsembleCard.Kind(card.choice, columns: [], members: card.members)]
      let swap = card.order == .symmetric ? ColumnSwap(names: card.features)?.effective : nil
      if let ensemble = card.ensemble, let swap,
        ensemble.kinds.contains(where: { swap.restricted(to: $0.columns) == nil })
      {
        throw refuse("its ensemble reads a column without its counterpart")
      }
      for kind in kinds.flatMap({ [EnsembleCard.Kind](repeating: $0, count: $0.members) }) {
        let prefix = card.members == 1 ? "" : "\(models.count)."
        let own = card.ensemble?.ports(of: kind, names: card.features) ?? ports
        let (model, names) = try kind.choice.read(file, prefix: prefix, own, card.goal, refuse)
        models.append(model)
        known.formUnion(names)
      }
    } catch let error as ModelError {
      if case .file = error { throw error }
      throw refuse(error.diagnostic.message)
    }
    if let extra = file.tensors.first(where: { !known.contains($0.name) }) {
      throw refuse("tensor '\(extra.name)' is not one of a model of this architecture")
    }
    var result = ModelFile(
      card: card, models: models, genes: try Genes.read(file, refuse), pairs: try Pairs.read(file, refuse))
    let nodes = card.ports.first { $0.name == "nodes" }?.features ?? []
    result.odds = try NodeOdds.read(file, features: nodes, refuse)
    return result
  }

  /// The tensors of the models.
  private var tensors: [TensorFile.Tensor] { MeanOf(models).tensors(prefix: "") }
  /// The number of values in the tensors of the models.
  public var weightCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// The bytes of the file; the same model has the same bytes.
  public func bytes() -> [UInt8] {
    var card = card
    card.members = models.count
    let own = Genes.tensors(genes) + Pairs.tensors(pairs) + (odds?.tensors ?? [])
    return TensorFile(metadata: card.metadata(), tensors: tensors + own).bytes()
  }

  /// The model: the one in the file, or the mean of all, or of several kinds their weighted sum.
  public var model: any Model { model(swap: nil) }

  /// The same; with `swap`, both orders of the partners are scored where the method is not symmetric by itself.
  public func model(swap: ColumnSwap?) -> any Model {
    if let ensemble = card.ensemble { return ensemble.model(models, width: card.features.count, swap: swap) }
    let given = models.count == 1 ? models[0] : MeanOf(models)
    guard let swap, !card.choice.method.isSymmetric else { return given }
    return MeanOf([given], exchange: [given.ports[0].name: swap])
  }

  /// Whether both have the same card, tensors, genes and pairs.
  public static func == (one: ModelFile, other: ModelFile) -> Bool {
    one.card == other.card && one.tensors == other.tensors && one.genes == other.genes && one.pairs == other.pairs
      && one.odds == other.odds
  }

  /// The trained pairs as tensors; a file without them knows none.
  private enum Pairs {
    static let names = ["pairs.count", "pairs.hash", "pairs.filter"]

    static func tensors(_ pairs: TrainedPairs) -> [TensorFile.Tensor] {
      [
        TensorFile.Tensor(names[0], .i64, [1], [Int64(pairs.count)]),
        TensorFile.Tensor(names[1], .u64, [pairs.hashes.count], pairs.hashes),
        TensorFile.Tensor(names[2], .u64, [pairs.filter.count], pairs.filter),
      ]
    }

    static func read(_ file: TensorFile, _ refuse: (String) -> ModelError) throws -> TrainedPairs {
      guard names.contains(where: { file[$0] != nil }) else { return TrainedPairs() }
      let count = try file.tensor(names[0], .i64, [1], refuse).values(as: Int64.self)
      let (hashes, filter) = (file[names[1]]?.shape ?? [], file[names[2]]?.shape ?? [])
      let pairs = TrainedPairs(
        count: Int(count[0]), hashes: try file.tensor(names[1], .u64, hashes, refuse).values(as: UInt64.self),
        filter: try file.tensor(names[2], .u64, filter, refuse).values(as: UInt64.self))
      guard let pairs, hashes.count == 1, filter.count == 1 else {
        throw refuse("its table of trained pairs is impossible")
      }
      return pairs
    }
  }

  /// The training genes as tensors.
  private enum Genes {
    static let names = ["genes.hash", "genes.bags", "genes.positive", "genes.total", "genes.sum", "genes.total_sum"]

    static func tensors(_ genes: TrainingGenes) -> [TensorFile.Tensor] {
      let table = genes.table
      let tensors = [
        TensorFile.Tensor(names[0], .u64, [table.hashes.count], table.hashes),
        TensorFile.Tensor(names[1], .i64, [table.bags.count], table.bags),
        TensorFile.Tensor(names[2], .i64, [table.positives.count], table.positives),
        TensorFile.Tensor(names[3], .i64, [2], [genes.bags, genes.positives]),
      ]
      // Only where labels are numbers: a table of classes keeps its bytes.
      guard let sum = genes.sum, let sums = genes.sums else { return tensors }
      return tensors + [
        TensorFile.Tensor(names[4], .f64, [sums.count], sums), TensorFile.Tensor(names[5], .f64, [1], [sum]),
      ]
    }

    static func read(_ file: TensorFile, _ refuse: (String) -> ModelError) throws -> TrainingGenes {
      let shape = file[names[0]]?.shape ?? []
      let hashes = try file.tensor(names[0], .u64, shape, refuse)
      let bags = try file.tensor(names[1], .i64, shape, refuse)
      let positives = try file.tensor(names[2], .i64, shape, refuse)
      let total = try file.tensor(names[3], .i64, [2], refuse).values(as: Int64.self)
      guard shape.count == 1,
        let genes = TrainingGenes(
          hashes: hashes.values(as: UInt64.self), bags: bags.values(as: Int64.self),
          positives: positives.values(as: Int64.self), allBags: total[0], allPositives: total[1])
      else { throw refuse("its table of training genes is impossible") }
      guard file[names[4]] != nil || file[names[5]] != nil else { return genes }
      let sums = try file.tensor(names[4], .f64, shape, refuse).values(as: Double.self)
      let sum = try file.tensor(names[5], .f64, [1], refuse).values(as: Double.self)
      guard let genes = genes.withSums(sums, sum: sum[0]) else {
        throw refuse("its sums of training labels are impossible")
      }
      return genes
    }
  }
}
