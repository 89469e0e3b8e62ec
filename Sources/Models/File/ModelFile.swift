import Arrays
import Bytes

/// A trained model as it lies on disk: its card, its parameters and the genes it was trained on.
public struct ModelFile: Sendable, Equatable {
  /// What the model says about itself.
  public var card: ModelCard
  /// Its tensors.
  public var parameters: Parameters
  /// The genes it was trained on; empty where its bags named none.
  public var genes: TrainingGenes

  /// A model of these parts.
  public init(card: ModelCard, parameters: Parameters, genes: TrainingGenes = TrainingGenes()) {
    (self.card, self.parameters, self.genes) = (card, parameters, genes)
  }

  /// Reads a model and checks all of it.
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
    guard card.ports.map(\.name) == plan.ports.keys.sorted() else {
      throw refuse("its ports are not those of its model")
    }
    let known = Set(plan.requests.map(\.name) + Genes.names)
    if let extra = file.tensors.first(where: { !known.contains($0.name) }) {
      throw refuse("tensor '\(extra.name)' is not one of a model of this architecture")
    }
    for request in plan.requests { _ = try tensor(request.name, .f32, request.shape, of: file, refuse) }
    var parameters = Parameters(plan.requests)
    for entry in parameters.entries {
      let values = try tensor(entry.name, .f32, entry.shape, of: file, refuse).values(as: Float.self)
      let allowed = entry.name.hasSuffix("running_var") ? Float(0) : -.greatestFiniteMagnitude
      guard values.allSatisfy({ $0.isFinite && $0 >= allowed }) else {
        throw refuse("tensor '\(entry.name)' holds a number that no model can have")
      }
      parameters.set(entry.name, to: values)
    }
    return ModelFile(card: card, parameters: parameters, genes: try Genes.read(file, refuse))
  }

  /// The bytes of the file; the same model has the same bytes. Throws `ModelError` for an unknown architecture.
  public func bytes() throws -> [UInt8] {
    let weights = parameters.entries.map { entry in
      TensorFile.Tensor(entry.name, .f32, entry.shape, parameters.values(entry.name) ?? [])
    }
    return TensorFile(metadata: try card.metadata(), tensors: weights + Genes.tensors(genes)).bytes()
  }

  /// The model, ready to score, in the best engine for its architecture.
  public func model() throws -> any Differentiable {
    var model = try Architectures.model(
      card.architecture, features: card.features.count, options: card.options, seed: card.seed)
    model.parameters = parameters
    return model
  }

  private static func tensor(
    _ name: String, _ element: TensorFile.Element, _ shape: [Int], of file: TensorFile,
    _ refuse: (String) -> ModelError
  ) throws -> TensorFile.Tensor {
    guard let tensor = file[name] else { throw refuse("tensor '\(name)' is missing") }
    guard tensor.element == element, tensor.shape == shape else {
      throw refuse("tensor '\(name)' is \(tensor.element.rawValue) \(tensor.shape), not \(element.rawValue) \(shape)")
    }
    return tensor
  }

  /// The training genes as tensors.
  private enum Genes {
    static let names = ["genes.hash", "genes.bags", "genes.positive", "genes.total"]

    static func tensors(_ genes: TrainingGenes) -> [TensorFile.Tensor] {
      let table = genes.table
      return [
        TensorFile.Tensor(names[0], .u64, [table.hashes.count], table.hashes),
        TensorFile.Tensor(names[1], .i64, [table.bags.count], table.bags),
        TensorFile.Tensor(names[2], .i64, [table.positives.count], table.positives),
        TensorFile.Tensor(names[3], .i64, [2], [genes.bags, genes.positives]),
      ]
    }

    static func read(_ file: TensorFile, _ refuse: (String) -> ModelError) throws -> TrainingGenes {
      let shape = file[names[0]]?.shape ?? []
      let hashes = try tensor(names[0], .u64, shape, of: file, refuse)
      let bags = try tensor(names[1], .i64, shape, of: file, refuse)
      let positives = try tensor(names[2], .i64, shape, of: file, refuse)
      let total = try tensor(names[3], .i64, [2], of: file, refuse).values(as: Int64.self)
      guard shape.count == 1,
        let genes = TrainingGenes(
          hashes: hashes.values(as: UInt64.self), bags: bags.values(as: Int64.self),
          positives: positives.values(as: Int64.self), allBags: total[0], allPositives: total[1])
      else { throw refuse("its table of training genes is impossible") }
      return genes
    }
  }
}
