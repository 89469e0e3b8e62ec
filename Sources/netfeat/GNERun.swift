import Bytes
import CommandSupport
import Models
import Networks
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A run of GNE with its checkpoint and its log.
struct GNERun {
  private let method: GNE
  private let task: EmbeddingTask
  private let validation: [LabelledPair]
  private let checkpoint: String?
  private let log: String?
  private let facts: [String: String]
  private static let format = "netfeat-checkpoint"

  init(_ method: GNE, _ task: EmbeddingTask, _ network: NetworkInput, _ command: NetfeatCommand) {
    (self.method, self.task, validation) = (method, task, network.validation)
    (checkpoint, log) = (command.checkpoint, command.log)
    var (nodes, rows) = (SHA256(), SHA256())
    for id in network.graph.nodes { nodes.update(id + "\n") }
    network.profiles?.values.withUnsafeBytes { rows.update($0) }
    for pair in validation { rows.update("\(pair.a) \(pair.b) \(pair.isEdge)\n") }
    facts = [
      "format": Self.format, "format_version": "1", "method": command.method ?? "", "seed": String(command.seed),
      "edges": network.graph.digest, "nodes": String(SHA256.hex(nodes.finish()).prefix(12)),
      "data": String(SHA256.hex(rows.finish()).prefix(12)),
    ]
  }

  /// Runs all epochs that are left; throws an `IOFailure`, a `NetworkError`.
  func run() throws -> Networks.Embedding {
    let trainer = try GNETrainer(method, task, validation: validation)
    if let checkpoint, access(checkpoint, F_OK) == 0 { try resume(trainer, checkpoint) }
    let lines = try log.map { try LiveFile(path: $0) }
    for number in trainer.reports.indices { try lines?.write(line(trainer, number)) }
    while !trainer.isDone {
      try trainer.epoch()
      try lines?.write(line(trainer, trainer.reports.count - 1))
      if let checkpoint { try save(trainer, checkpoint) }
    }
    try lines?.close()
    return trainer.embedding
  }

  private func line(_ trainer: GNETrainer, _ number: Int) -> [UInt8] {
    let report = trainer.reports[number]
    let body = JSON.object([
      "epoch": .integer(number + 1), "loss": .number(report.loss), "auroc": report.auroc.map(JSON.number) ?? .null,
    ])
    return Array((body.text + "\n").utf8)
  }

  private func save(_ trainer: GNETrainer, _ path: String) throws {
    var metadata = facts
    metadata["epochs"] = String(trainer.reports.count)
    let losses = trainer.reports.map(\.loss)
    let aurocs = trainer.reports.map { $0.auroc ?? .nan }
    var tensors = trainer.state.map { TensorFile.Tensor($0.name, .f32, [$0.values.count], $0.values) }
    tensors += [
      TensorFile.Tensor("report.loss", .f64, [losses.count], losses),
      TensorFile.Tensor("report.auroc", .f64, [aurocs.count], aurocs),
    ]
    let file = try OutputFile.open(path: path, mayReplaceInput: true)
    do {
      try file.sink.write(TensorFile(metadata: metadata, tensors: tensors).bytes())
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  private func resume(_ trainer: GNETrainer, _ path: String) throws {
    let place = SourceLocation(source: path)
    let file: TensorFile
    do {
      file = try TensorFile(reading: path)
    } catch ModelError.file(_, let reason) {
      throw NetworkError(.state(reason: reason), at: place)
    }
    for (name, value) in facts.sorted(by: { $0.key < $1.key }) where file.metadata[name] != value {
      let other = file.metadata[name].map { Diagnostic.quoted($0) } ?? "missing"
      throw NetworkError(
        .state(reason: "its \(name) is \(other), and that of this run \(Diagnostic.quoted(value))"), at: place)
    }
    guard let losses = file["report.loss"]?.values(as: Double.self),
      let aurocs = file["report.auroc"]?.values(as: Double.self), losses.count == aurocs.count
    else { throw NetworkError(.state(reason: "it has no reports"), at: place) }
    let reports = zip(losses, aurocs).map { GNETrainer.Report(loss: $0, auroc: $1.isNaN ? nil : $1) }
    var state: [String: [Float]] = [:]
    for tensor in file.tensors where tensor.element == .f32 { state[tensor.name] = tensor.values(as: Float.self) }
    do {
      try trainer.resume(state, reports: reports)
    } catch let error as NetworkError {
      throw NetworkError(error.kind, at: place)
    }
  }
}
