import Arrays
import Bytes
import Features
import Records

/// All bags of a data set once, as float32: what is of one partner once for all its instances (`InstanceRows`), and a
/// few numbers per bag. Memory: 4 bytes per feature of a partner, and per instance 4 bytes per feature of both partners
/// and 8 bytes; about 40 bytes per bag, the id of each gene once.
///
/// Filled by one thread, then only read, so it may be shared. `scaled` and `filled` are views of the same bags with a
/// scale that was fitted on some of them.
public final class PackedBags: BatchStore, @unchecked Sendable {
  /// The names of the features, nil where they were taken by position.
  public let schema: Schema?
  /// The number of features of an instance.
  public let width: Int
  let rows: InstanceRows
  private var offsets: [Int] = [0]
  /// The label of each bag, NaN where there is none.
  public private(set) var labels: [Float] = []
  /// The weight of each bag, 1 where none was given.
  public private(set) var weights: [Float] = []
  /// The label of each instance, NaN where there is none; empty where no instance has one.
  public private(set) var instanceLabels: [Float] = []
  /// The ids of the genes, each once.
  public private(set) var genes: [String] = []
  /// The number of the first gene of each bag, −1 where the record names none.
  public private(set) var geneA: [Int32] = []
  /// The number of the second gene of each bag, −1 where the record names none.
  public private(set) var geneB: [Int32] = []
  /// A stable 64-bit hash of each bag: of its unordered genes, or of its id where it names none.
  public private(set) var keys: [UInt64] = []
  private var geneNumbers: [String: Int32] = [:]
  private let swap: ColumnSwap?
  private let packer: RowPacker
  private var scratch: [Double]
  private var narrowed: [Float]
  /// The partners of the first rows, which wait until the offsets of their columns are chosen.
  private var waiting: [(a: String?, b: String?)] = []
  /// The narrowing of columns far from 0; nil for a store that is filled by `append` alone.
  private var narrowing: ColumnOffsets?
  /// The number to add to each stored value, per column; empty where nothing is added.
  private(set) var columnOffsets: [Double] = []

  /// An empty store for bags of `width` features; `swap` is needed for batches with exchanged sides. Rows are changed
  /// by `scale` before they are narrowed; with `keepGaps` a missing value stays NaN.
  public init(
    width: Int, schema: Schema? = nil, swap: ColumnSwap? = nil, scale: RowPacker.Scale = .none, keepGaps: Bool = false
  ) {
    precondition(width >= 0, "no negative width")
    precondition(swap.map { $0.source.count == width } ?? true, "the exchange is of these features")
    self.width = width
    self.schema = schema
    self.swap = swap
    packer = RowPacker(width: width, names: schema?.names, scale: scale, keepsGaps: keepGaps)
    rows = InstanceRows(width: width, names: schema?.names)
    scratch = [Double](repeating: 0, count: width)
    narrowed = [Float](repeating: 0, count: width)
  }

  /// Reads all bags of a source; where labels are needed a bag without one is an error (`BagsError`), and so is another
  /// label than 0 and 1 unless the source says that its labels are numbers.
  ///
  /// With `needsGenes` a bag that does not name both genes is an error, because it cannot be split by gene.
  ///
  /// `scale` changes each row in Double, before it is narrowed. With `keepGaps` a missing value stays NaN, for `filled`
  /// or `scaled` to fill. With `isScaledLater`, columns far from 0 are stored as differences from an offset, which
  /// keeps their spread for `scaled`; `row` gives those differences.
  public static func read(
    _ source: BagSource, swap: ColumnSwap? = nil, labelled: Bool = true, needsGenes: Bool = false,
    keepGaps: Bool = false, isScaledLater: Bool = false, scale: RowPacker.Scale = .none,
    progress: ((Int) -> Void)? = nil
  ) throws -> PackedBags {
    precondition(!isScaledLater || scale == .none, "rows are scaled once")
    var store: PackedBags?
    while let record = try source.next() {
      let bags =
        store
        ?? PackedBags(width: record.width, schema: source.schema, swap: swap, scale: scale, keepGaps: keepGaps)
      if store == nil { bags.narrowing = ColumnOffsets(width: record.width, shifts: isScaledLater) }
      store = bags
      if labelled {
        guard let label = record.label else { throw BagsError(.noLabel(record.bag), at: record.place) }
        if label != 0, label != 1, source.labels != .number { throw BagsError(.notBinary(label), at: record.place) }
      }
      if needsGenes, record.geneA == nil || record.geneB == nil {
        throw BagsError(.noGenes(record.name, hint: "--validation 0.2 splits bags without genes"), at: record.place)
      }
      try bags.append(record)
      progress?(bags.count)
    }
    try store?.chooseOffsets()
    return store ?? PackedBags(width: source.schema?.names.count ?? 0, schema: source.schema, swap: swap)
  }

  /// Adds a bag; throws `BagsError` for a missing value, one too large for float32 and for another number of features,
  /// and `ScalingError` for a value that the scale can't take.
  public func append(_ record: StreamRecord) throws {
    try packer.check(record)
    if let weight = record.weight, !(weight >= 0) || !Float(weight).isFinite {
      throw BagsError(.badWeight(weight), at: record.place)
    }
    let before = rows.count
    do {
      try appendRows(record)
    } catch {
      rows.shorten(to: before)
      throw error
    }
    offsets.append(offsets[offsets.count - 1] + record.instances.count)
    labels.append(record.label.map { Float($0) } ?? .nan)
    weights.append(record.weight.map { Float($0) } ?? 1)
    appendInstanceLabels(record)
    geneA.append(intern(record.geneA))
    geneB.append(intern(record.geneB))
    keys.append(Self.key(of: record))
  }

  private func appendRows(_ record: StreamRecord) throws {
    try scratch.withUnsafeMutableBufferPointer { scratch in
      try narrowed.withUnsafeMutableBufferPointer { narrowed in
        try packer.pack(record, scratch: scratch) { [self] row in
          if narrowing?.isFull == true { try chooseOffsets() }
          try packer.change(row)
          narrowing?.take(row)
        } into: {
          _ in
          narrowed
        } take: { [self] number in
          let instance = record.instances[number]
          if narrowing?.isOpen == true { return waiting.append((instance.isoformA, instance.isoformB)) }
          try rows.append(UnsafeBufferPointer(narrowed), instance.isoformA, instance.isoformB)
        }
      }
    }
  }

  /// Chooses the offsets of columns far from 0, and stores the rows that waited for it.
  private func chooseOffsets() throws {
    guard let first = narrowing?.choose() else { return }
    if let narrowing, narrowing.isShifted { columnOffsets = narrowing.offsets }
    for (number, partners) in waiting.enumerated() {
      let row = first[number * width..<(number + 1) * width].map { Float($0) }
      try row.withUnsafeBufferPointer { try rows.append($0, partners.a, partners.b) }
    }
    waiting = []
  }

  /// The extremes of each column as it was read (after `scale`); empty for a store that was filled by `append`.
  public var ranges: [ColumnRange] { narrowing?.ranges ?? [] }

  /// The number to add to a stored value of a column.
  func columnOffset(_ column: Int) -> Double { columnOffsets.isEmpty ? 0 : columnOffsets[column] }

  private func appendInstanceLabels(_ record: StreamRecord) {
    if instanceLabels.isEmpty {
      guard record.instances.contains(where: { $0.label != nil }) else { return }
      instanceLabels = [Float](repeating: .nan, count: offsets[offsets.count - 2])
    }
    for instance in record.instances { instanceLabels.append(instance.label.map { Float($0) } ?? .nan) }
  }

  private func intern(_ gene: String?) -> Int32 {
    guard let gene else { return -1 }
    if let number = geneNumbers[gene] { return number }
    let number = Int32(genes.count)
    genes.append(gene)
    geneNumbers[gene] = number
    return number
  }

  /// A stable hash of a bag: of its unordered genes, or of its id where it names none.
  public static func key(of record: StreamRecord) -> UInt64 {
    guard let a = record.geneA, let b = record.geneB else { return TrainedPairs.key(bag: record.bag) }
    return TrainedPairs.key(a, b)
  }

  /// The genes of a bag in words, for messages.
  public func pair(_ bag: Int) -> String {
    [geneA[bag], geneB[bag]].map { $0 < 0 ? "?" : genes[Int($0)] }.joined(separator: ":")
  }

  // MARK: BatchStore

  /// The number of bags.
  public var count: Int { labels.count }
  /// The features of the instances, as the port `x`.
  public var ports: [PortSpec] { [PortSpec("x", .instance, .dense(width: width))] }
  /// The number of instances of a bag.
  public func size(of unit: Int) -> Int { offsets[unit + 1] - offsets[unit] }

  /// The instances of a bag, by their indices among all.
  public func instances(of unit: Int) -> Range<Int> { offsets[unit]..<offsets[unit + 1] }

  /// All instances of all bags.
  public var instanceCount: Int { offsets[offsets.count - 1] }

  /// The memory of the features, in bytes.
  public var bytes: Int { rows.bytes }

  /// The features of one instance as they are stored.
  public func row(_ instance: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: width) { row, count in
      rows.copy(instance, into: UnsafeMutableBufferPointer(rebasing: row[..<width]))
      count = width
    }
  }

  /// Calls `body` with the features of each instance of a bag as they are stored.
  func eachRow(of bag: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Void) rethrows {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
      for instance in instances(of: bag) {
        rows.copy(instance, into: row)
        try body(UnsafeBufferPointer(row))
      }
    }
  }

  /// Copies the features of one instance, in Double and with the offsets of their columns, into `out`.
  public func copyRow(_ instance: Int, into out: UnsafeMutableBufferPointer<Double>) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
      rows.copy(instance, into: row)
      for column in 0..<width { out[column] = Double(row[column]) }
    }
    for column in columnOffsets.indices { out[column] += columnOffsets[column] }
  }

  /// A batch of these bags in this order, as they were read; weight 0 where one has no label; sides exchanged, and
  /// instances drawn, where `draw` says so.
  public func batch(_ units: [Int], _ draw: Draw?) -> Batch {
    batch(units, draw, columnOffsets.isEmpty ? nil : RowView(packer: RowPacker(width: width, keepsGaps: true)))
  }

  /// The same with changed rows; nil copies them as they are stored.
  func batch(_ units: [Int], _ draw: Draw?, _ view: RowView?) -> Batch {
    let swapped = draw?.swapped
    precondition(swapped == nil || swap != nil, "sides are exchanged only where the features have sides")
    let chosen = units.enumerated().map { place, unit in draw?.units(of: unit, at: place, size: size(of: unit)) }
    var segments: [Int32] = [0]
    segments.reserveCapacity(units.count + 1)
    for (place, unit) in units.enumerated() {
      segments.append(segments[place] + Int32(chosen[place]?.count ?? size(of: unit)))
    }
    var x = Matrix(uninitializedRows: Int(segments[segments.count - 1]), columns: width)
    x.withUnsafeMutableBufferPointer { out in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { narrowed in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { scratch in
          for (place, unit) in units.enumerated() {
            let exchange = swapped?[place] ?? false ? swap : nil
            let all = instances(of: unit)
            for row in Int(segments[place])..<Int(segments[place + 1]) {
              let number = row - Int(segments[place])
              let instance = all.lowerBound + (chosen[place]?[number] ?? number)
              let to = UnsafeMutableBufferPointer(rebasing: out[row * width..<(row + 1) * width])
              write(instance, to: to, view, exchange, narrowed, scratch)
            }
          }
        }
      }
    }
    var batch = Batch(bags: segments, x: x)
    batch.targets = targets(of: units)
    return batch
  }

  /// The labels of bags, weight 0 where one has none.
  public func targets(of units: [Int]) -> Targets {
    Targets(
      .bag, label: units.map { labels[$0].isNaN ? 0 : labels[$0] },
      weight: units.map { labels[$0].isNaN ? 0 : weights[$0] })
  }

  /// Writes one row of a batch: scaled, then exchanged. `narrowed` has room for two rows, `scratch` for one.
  private func write(
    _ instance: Int, to out: UnsafeMutableBufferPointer<Float>, _ view: RowView?, _ exchange: ColumnSwap?,
    _ narrowed: UnsafeMutableBufferPointer<Float>, _ scratch: UnsafeMutableBufferPointer<Double>
  ) {
    let row = exchange == nil ? out : UnsafeMutableBufferPointer(rebasing: narrowed[..<width])
    // Views scale every value once before they are made, so that none can fail here.
    var isPacked = true
    if let view, view.partners == nil {
      copyRow(instance, into: scratch)
      isPacked = (try? view.packer.pack(scratch, into: row) == nil) ?? false
    } else {
      rows.copy(instance, into: row, view?.partners)
      if let shared = view?.shared {
        isPacked =
          (try? pack(row, shared, UnsafeMutableBufferPointer(rebasing: narrowed[width...]), scratch) == nil) ?? false
      }
    }
    precondition(isPacked, "a row that was checked")
    exchange?.apply(to: UnsafeBufferPointer(row), into: out)
  }
}

extension PackedBags {
  /// SHA-256, in hexadecimal, of what was read: each bag's key, label, size and weight, all features as float32, and
  /// the offsets of their columns where any has one.
  public var digest: String {
    var hash = SHA256()
    for bag in 0..<count {
      var facts = (
        keys[bag].littleEndian, labels[bag].bitPattern.littleEndian, Int32(size(of: bag)).littleEndian,
        weights[bag].bitPattern.littleEndian
      )
      withUnsafeBytes(of: &facts.0) { hash.update($0) }
      withUnsafeBytes(of: &facts.1) { hash.update($0) }
      withUnsafeBytes(of: &facts.2) { hash.update($0) }
      withUnsafeBytes(of: &facts.3) { hash.update($0) }
    }
    for bag in 0..<count { eachRow(of: bag) { hash.update(UnsafeRawBufferPointer($0)) } }
    columnOffsets.withUnsafeBytes { hash.update($0) }
    return SHA256.hex(hash.finish())
  }
}

extension PackedBags {
  /// Counts of a data set, for a plan before training starts.
  public struct Summary: Sendable, Equatable {
    /// The number of bags.
    public var bags = 0
    /// The number of bags with the label 1.
    public var positives = 0
    /// The number of bags without a label.
    public var unlabelled = 0
    /// The number of instances.
    public var instances = 0
    /// The number of instances with a label.
    public var labelledInstances = 0
    /// The number of instances of the largest bag.
    public var largestBag = 0
    /// The number of different genes.
    public var genes = 0
    /// The number of features of an instance.
    public var features = 0
    /// The memory of the features.
    public var bytes = 0
  }

  /// Counts of what is stored.
  public var summary: Summary {
    Summary(
      bags: count, positives: labels.reduce(0) { $0 + ($1 == 1 ? 1 : 0) },
      unlabelled: labels.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }, instances: instanceCount,
      labelledInstances: instanceLabels.reduce(0) { $0 + ($1.isNaN ? 0 : 1) },
      largestBag: (0..<count).reduce(0) { max($0, size(of: $1)) }, genes: genes.count, features: width, bytes: bytes)
  }
}
