import Arrays
import Bytes

/// The content of a model file: card, parameters, and the genes of the training bags.
public struct ModelFile: Sendable, Equatable {
  /// The description of the model.
  public var card: ModelCard
  /// Its tensors.
  public var parameters: Parameters
  /// The genes of the training bags; empty if the bags named no genes.
  public var genes: TrainingGenes
  /// The pairs it was trained on, those that chose its epoch excluded.
  public var pairs: TrainedPairs

  /// Makes the content of a file.
  public init(
    card: ModelCard, parameters: Parameters, genes: TrainingGenes = TrainingGenes(),
    pairs: TrainedPairs = TrainedPairs()
  ) {
    (self.card, self.parameters, self.genes, self.pairs) = (card, parameters, genes, pairs)
  }

  /// Reads a model file and checks all of it.
  /// Throws `IOFailure`, or `ModelError.file` when anything differs from what the card and its architecture say.
  public static func read(_ path: String) throws -> ModelFile {
    let file = try TensorFile(reading: path)
    func refuse(_ reason: String) -> ModelError { .file(name: path, reason: reason) }
    let card = try ModelCard(file.metadata, refuse)
    let plan: NetworkPlan
    do {
      plan = try Architectures.plan(card.architecture, features: card.features.count, options: card.options)
    } catch let error as ModelError {
      throw refuse(error.diagnostic.message)
    }
    guard card.ports.map(\.name) == plan.ports.map(\.name).sorted() else {
      throw refuse("its ports are not those of its model")
    }
    let known = Set(plan.requests.map(\.name) + Genes.names + Pairs.names)
    if let extra = file.tensors.first(where: { !known.contains($0.name) }) {
      throw refuse("tensor '\(extra.name)' is not one of a model of this architecture")
    }
    let parameters = try file.parameters(plan.requests, refuse)
    return ModelFile(
      card: card, parameters: parameters, genes: try Genes.read(file, refuse), pairs: try Pairs.read(file, refuse))
  }

  /// The bytes of the file; the same model has the same bytes. Throws `ModelError` for an unknown architecture.
  public func bytes() throws -> [UInt8] {
    TensorFile(
      metadata: try card.metadata(), tensors: parameters.tensors() + Genes.tensors(genes) + Pairs.tensors(pairs)
    ).bytes()
  }

  /// Returns the model in the fastest engine for its architecture.
  public func model() throws -> any Differentiable {
    var model = try Architectures.model(
      card.architecture, features: card.features.count, options: card.options, seed: card.seed)
    model.parameters = parameters
    return model
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
