import Arrays
import Bags
import Features
import Records

/// The features of pairs for a model, isoform by isoform, packed as in `StreamModel.batch`.
///
/// One thread may call `batch` while one other calls `write`.
public final class PairRows {
  /// The partner that each feature depends on.
  public let columns: PairColumns
  private let bags: PairBags
  /// Puts the columns of the bags in the model's order, and those that depend on both isoforms in theirs.
  private let order: ColumnOrder?
  private let sharedOrder: ColumnOrder?
  private let packer: RowPacker
  private let shared: RowPacker
  private var row: [Double]
  private var sharedRow: [Double]

  /// Returns nil if the model's normaliser does not scale each column independently.
  public init?(_ model: StreamModel, _ bags: PairBags) {
    order = model.order
    let found = bags.columns
    let columns = order.map { PairColumns(owners: $0.reordered(found.owners)) } ?? found
    sharedOrder = order.flatMap { order in
      ColumnOrder(of: found.shared.map(String.init), as: columns.shared.map { String(order.source[$0]) })
    }
    guard let shared = model.packer.restricted(to: columns.shared) else { return nil }
    (packer, self.shared) = (model.packer, shared)
    (self.bags, self.columns) = (bags, columns)
    row = [Double](repeating: 0, count: columns.owners.count)
    sharedRow = [Double](repeating: 0, count: columns.shared.count)
  }

  /// Returns a batch of the bags of a chunk; throws for a value out of the range of Float32.
  public func batch(_ chunk: PairChunk) throws -> PairBatch {
    let width = columns.shared.count
    var x = Matrix(uninitializedRows: chunk.first.count, columns: width)
    if width > 0 {
      try x.withUnsafeMutableBufferPointer { out in
        try (sharedOrder?.rows(chunk.shared) ?? chunk.shared).withUnsafeBufferPointer { values in
          try sharedRow.withUnsafeMutableBufferPointer { row in
            for start in stride(from: 0, to: values.count, by: width) {
              let place = start..<start + width
              _ = row.update(fromContentsOf: values[place])
              if let column = try shared.pack(row, into: UnsafeMutableBufferPointer(rebasing: out[place])) {
                throw BagsError(.tooLarge(values[start + column], feature: "", id: ""))
              }
            }
          }
        }
      }
    }
    return PairBatch(offsets: chunk.offsets, first: chunk.first, second: chunk.second, shared: x)
  }

  /// Writes the row of an isoform, its features on both sides; throws for a value out of the range of Float32.
  public func write(_ isoform: Int32, to out: UnsafeMutableBufferPointer<Float>) throws {
    try row.withUnsafeMutableBufferPointer { row in
      bags.writeIsoform(isoform, to: row)
      if let order { _ = row.update(fromContentsOf: order.rows(Array(row))) }
      if let column = try packer.pack(row, into: out) {
        throw BagsError(.tooLarge(row[column], feature: "", id: ""))
      }
    }
  }
}
