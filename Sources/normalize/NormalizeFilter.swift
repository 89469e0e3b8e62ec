import Arrays
import Bytes
import CommandSupport
import Features
import Records

/// Fits a state to a stream, or applies a state to a stream.
struct NormalizeFilter {
  let command: NormalizeCommand
  let context: ToolContext

  private var fillsMeans: Bool { command.input.records.missing == .mean }

  /// Fits the columns of a stream and writes the state.
  func fit(_ plan: ScalingPlan, to path: String) throws {
    try tryOut(path)
    let reader = try command.input.reader(context)
    var plan = plan
    plan.exchange = reader.schema.flatMap { ColumnSwap(names: $0.names) }?.effective?.source
    guard let normalizer = try NormalizerFit.fit(reader, plan) else { throw nothingToFit }
    for remark in normalizer.remarks() { context.warn(remark) }
    context.note(Self.leftOut, count: reader.gaps)
    try write(normalizer.json, to: path)
  }

  /// Fits the samples of a table and writes the state.
  func fitSamples(_ chain: ScalingChain, to path: String) throws {
    try tryOut(path)
    let reader = try command.input.reader(context)
    let table = try SampleQuantiles.table(reader, memory: command.memory.bytes)
    if table.isEmpty { throw nothingToFit }
    let missing = command.input.records.missing
    let quantiles = try SampleQuantiles.fit(table, names: reader.schema?.names, chain, missing: missing)
    context.note(Self.leftOut, count: reader.gaps)
    try write(quantiles.json, to: path)
  }

  /// Sees before a long fit that its state can be written, and that `--fit train.tsv` loses no data.
  private func tryOut(_ path: String) throws {
    if ScalingState.isOther(path) {
      throw ToolFailure(
        Diagnostic(
          .cannotCreate, "--fit would write the state over a file that is none", at: SourceLocation(source: path),
          hint: "name the state first: normalize --fit scale.json \(path)"))
    }
    // Nothing but an older state is replaced, which was read to see that it is one.
    try OutputFile.tryOut(path: path, mayReplaceInput: true)
  }

  private static let leftOut = "missing values counted for nothing"

  private var nothingToFit: ToolFailure {
    ToolFailure(Diagnostic(.data, "there is nothing to fit: the input has no records"))
  }

  private func write(_ state: String, to path: String) throws {
    let file = try OutputFile.open(path: path, mayReplaceInput: true)
    do {
      try file.sink.write(state)
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// Streams records through a state, record by record.
  func pass(_ normalizer: Normalizer, _ direction: NormalizedSource.Direction) throws {
    let reader = try command.input.reader(context)
    if reader.isEmpty { return }
    warnOfOldState(normalizer, direction)
    let source = try NormalizedSource(
      reader, normalizer, direction, digest: reader.digest, trustOrder: command.input.records.trustOrder,
      fillsMeans: fillsMeans)
    try write(reader, source.schema) { try source.next() }
    context.note("missing values took the mean of their feature", count: reader.gaps)
  }

  /// Reads a table, gives its samples the reference distribution and writes it.
  func pass(_ quantiles: SampleQuantiles) throws {
    let reader = try command.input.reader(context)
    if reader.isEmpty { return }
    var table = try SampleQuantiles.table(reader, memory: command.memory.bytes)
    let names = reader.schema?.names
    try quantiles.apply(&table, names: names, fillsMeans: fillsMeans)
    context.note("missing values took the mean of the reference", count: reader.gaps)
    let schema = try names.map { try Schema(names: $0.map { $0 + quantiles.suffix }) }
    var rows = table.makeIterator()
    try write(reader, schema) { rows.next() }
  }

  private func write(_ reader: RecordReader, _ schema: Schema?, _ next: () throws -> StreamRecord?) throws {
    try command.zeros.check(command.output, default: reader.format)
    let (file, format) = try command.output.open(default: reader.format)
    do {
      let writer = RecordWriter(
        file.sink, format: format, kind: reader.kind, schema: schema, columns: reader.columns,
        labels: reader.labels, header: command.output.header,
        form: reader.isCompact && format == .ndjson && command.output.header && !command.zeros.sparse
          ? .compact() : command.zeros.form,
        madeBy: NormalizeCommand.versionLine, seenEdges: reader.seenEdges)
      while let record = try next() { try writer.write(record) }
      try writer.finish()
      try file.commit()
    } catch {
      file.discard()
      throw error
    }
  }

  /// A state of version 1 does not say what it did to the two sides, so its suffix can't either.
  private func warnOfOldState(_ normalizer: Normalizer, _ direction: NormalizedSource.Direction) {
    guard direction == .apply, normalizer.fit.sides == nil,
      let exchange = ColumnSwap(names: normalizer.names)?.effective?.source,
      let column = normalizer.unlike(exchange)
    else { return }
    context.warn(
      Diagnostic(
        .data,
        "'\(normalizer.names[column])' and its partner on the other side are scaled separately, and the names will not "
          + "show it: the state is of an older version",
        hint: "fit it again, so that a model that scores both orders can refuse the stream"))
  }
}
