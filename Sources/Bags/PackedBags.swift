import Arrays
import Bytes
import Features
import Records

/// A function that changes one row of features in place, in Double, such as a normaliser.
public typealias RowTransform = (UnsafeMutableBufferPointer<Double>) throws -> Void

/// All bags of a data set once, as float32: the features in one allocation that grows without copying, and a few
/// numbers per bag. Memory: 4 bytes per feature of an instance, about 40 bytes per bag, the id of each gene once.
///
/// Filled by one thread, then only read, so it may be shared.
public final class PackedBags: BatchStore, @unchecked Sendable {
  /// The names of the features, nil where they were taken by position.
  public let schema: Schema?
  /// The number of features of an instance.
  public let width: Int
  private let values = GrowingBuffer<Float>()
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
  private var scratch: [Double]
  private var keepsGaps = false
  /// The narrowing of columns far from 0; nil for a store that is filled by `append` alone.
  private var narrowing: ColumnOffsets?
  /// The number to add to each stored value, per column; empty where nothing is added.
  private(set) var columnOffsets: [Double] = []

  /// An empty store for bags of `width` features; `swap` is needed for batches with exchanged sides.
  public init(width: Int, schema: Schema? = nil, swap: ColumnSwap? = nil) {
    precondition(width >= 0, "no negative width")
    precondition(swap.map { $0.source.count == width } ?? true, "the exchange is of these features")
    self.width = width
    self.schema = schema
    self.swap = swap
    scratch = [Double](repeating: 0, count: width)
  }

  /// Reads all bags of a source; where labels are needed a bag without one, or with another than 0 and 1, is
  /// an error (`BagsError`).
  ///
  /// With `needsGenes` a bag that does not name both genes is an error, because it cannot be split by gene.
  ///
  /// `normalize` acts on each row in Double, before it is narrowed. With `keepGaps` a missing value stays NaN, until
  /// `fillGaps` or a normaliser that is fitted on these bags fills it. With `isScaledLater`, columns far from 0 are
  /// stored as differences from an offset, which keeps their spread: `transform` must then follow, and until it has,
  /// `row` and `batch` give those differences.
  public static func read(
    _ source: BagSource, swap: ColumnSwap? = nil, labelled: Bool = true, needsGenes: Bool = false,
    keepGaps: Bool = false, isScaledLater: Bool = false, normalize: RowTransform? = nil,
    progress: ((Int) -> Void)? = nil
  ) throws -> PackedBags {
    precondition(!isScaledLater || normalize == nil, "rows are scaled once")
    var store: PackedBags?
    while let record = try source.next() {
      let bags = store ?? PackedBags(width: record.width, schema: source.schema, swap: swap)
      if store == nil {
        bags.keepsGaps = keepGaps
        bags.narrowing = ColumnOffsets(width: record.width, shifts: isScaledLater)
      }
      store = bags
      if labelled {
        guard let label = record.label else { throw BagsError(.noLabel(record.bag), at: record.place) }
        if label != 0 && label != 1 { throw BagsError(.notBinary(label), at: record.place) }
      }
      if needsGenes, record.geneA == nil || record.geneB == nil {
        throw BagsError(.noGenes(record.name, hint: "--validation-by bag splits bags without genes"), at: record.place)
      }
      try bags.append(record, normalize: normalize)
      progress?(bags.count)
    }
    store?.chooseOffsets()
    return store ?? PackedBags(width: source.schema?.names.count ?? 0, schema: source.schema, swap: swap)
  }

  /// Adds a bag; throws `BagsError` for a missing value, one too large for float32 and for another number of features.
  public func append(_ record: StreamRecord, normalize: RowTransform? = nil) throws {
    guard record.values.count == record.instances.count * width else {
      throw BagsError(.otherWidth(record.width, expected: width), at: record.place)
    }
    if let weight = record.weight, !(weight >= 0) || !Float(weight).isFinite {
      throw BagsError(.badWeight(weight), at: record.place)
    }
    let before = values.count
    do {
      try appendValues(record, normalize)
    } catch {
      values.shorten(to: before)
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

  private func appendValues(_ record: StreamRecord, _ normalize: RowTransform?) throws {
    let room = try values.extend(by: record.values.count)
    let change: RowTransform? =
      narrowing == nil
      ? normalize
      : { [self] row in
        try normalize?(row)
        narrowing?.take(row)
      }
    try record.values.withUnsafeBufferPointer { all in
      for row in record.instances.indices {
        let from = UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
        let to = UnsafeMutableBufferPointer(rebasing: room[row * width..<(row + 1) * width])
        if narrowing?.isFull == true { chooseOffsets() }
        try scratch.withUnsafeMutableBufferPointer { scratch in
          do {
            try Packing.narrow(
              from, into: to, scratch: scratch, gaps: keepsGaps, normalize: change
            ) { Packing.fault(record, row: row, feature: $0, names: schema?.names) }
          } catch let error as ScalingError { throw error.at(record, row: row) }
        }
      }
    }
  }

  private func chooseOffsets() {
    narrowing?.choose(values.start)
    if let narrowing, narrowing.isShifted { columnOffsets = narrowing.offsets }
  }

  /// The extremes of each column as it was read (after `normalize`); empty for a store that was filled by `append`.
  public var ranges: [ColumnRange] { narrowing?.ranges ?? [] }

  /// Says that the offsets are part of the stored values from now on.
  func dropOffsets() { columnOffsets = [] }

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
  public var bytes: Int { values.bytes }

  /// The features of one instance.
  public func row(_ instance: Int) -> UnsafeBufferPointer<Float> {
    precondition(instance >= 0 && instance < instanceCount, "an instance of this store")
    return UnsafeBufferPointer(rebasing: values.buffer[instance * width..<(instance + 1) * width])
  }

  /// Copies the features of one instance, in Double and with the offsets of their columns, into `out`.
  public func copyRow(_ instance: Int, into out: UnsafeMutableBufferPointer<Double>) {
    let row = row(instance)
    for column in 0..<width { out[column] = Double(row[column]) }
    for column in columnOffsets.indices { out[column] += columnOffsets[column] }
  }

  /// The same, to be changed by its one owner while the store is filled.
  func mutableRow(_ instance: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(instance >= 0 && instance < instanceCount, "an instance of this store")
    return UnsafeMutableBufferPointer(start: values.start.map { $0 + instance * width }, count: width)
  }

  /// A batch of these bags in this order, weight 0 where one has no label; sides exchanged where `swapped` says so.
  public func batch(_ units: [Int], _ draw: Draw?) -> Batch {
    let swapped = draw?.swapped
    precondition(swapped == nil || swap != nil, "sides are exchanged only where the features have sides")
    var segments: [Int32] = [0]
    segments.reserveCapacity(units.count + 1)
    for unit in units { segments.append(segments[segments.count - 1] + Int32(size(of: unit))) }
    var x = Matrix(uninitializedRows: Int(segments[segments.count - 1]), columns: width)
    x.withUnsafeMutableBufferPointer { out in
      for (place, unit) in units.enumerated() {
        let rows = Int(segments[place])..<Int(segments[place + 1])
        copy(
          unit, to: UnsafeMutableBufferPointer(rebasing: out[rows.lowerBound * width..<rows.upperBound * width]),
          swapped: swapped?[place] ?? false)
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

  private func copy(_ unit: Int, to out: UnsafeMutableBufferPointer<Float>, swapped: Bool) {
    let from = UnsafeBufferPointer(rebasing: values.buffer[offsets[unit] * width..<offsets[unit + 1] * width])
    guard let start = out.baseAddress, let first = from.baseAddress else { return }
    guard swapped, let swap else {
      start.update(from: first, count: from.count)
      return
    }
    for row in 0..<size(of: unit) {
      swap.apply(
        to: UnsafeBufferPointer(start: first + row * width, count: width),
        into: UnsafeMutableBufferPointer(start: start + row * width, count: width))
    }
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
