import Arrays
import Records

/// Consecutive bags without the features that depend on one isoform: the isoforms of each instance, and the features
/// that depend on both.
public struct PairChunk: Sendable {
  /// The pairs, one per bag.
  public fileprivate(set) var pairs: [GenePair] = []
  /// Bag i holds the instances `offsets[i]..<offsets[i + 1]`.
  public fileprivate(set) var offsets: [Int32] = [0]
  /// The isoform of the first gene in each instance, by its number among the members.
  public fileprivate(set) var first: [Int32] = []
  /// The isoform of the second gene in each instance, by its number among the members.
  public fileprivate(set) var second: [Int32] = []
  /// The features that depend on both, instances × shared columns, row-major.
  public fileprivate(set) var shared: [Double] = []

  /// The instances of a bag.
  public func instances(of bag: Int) -> Range<Int> { Int(offsets[bag])..<Int(offsets[bag + 1]) }
}

extension PairBags {
  /// The isoforms that each feature depends on: one of them in a block of kind `concat`, `a` or `b`, both in others.
  public var columns: PairColumns {
    PairColumns(
      owners: blocks.flatMap { block -> [PairColumns.Owner] in
        guard block.spec.kind.isOfPartners else { return [PairColumns.Owner](repeating: .both, count: block.width) }
        return block.spec.kind.sides.flatMap { side in
          [PairColumns.Owner](repeating: side == .a ? .first : .second, count: block.table.width)
        }
      })
  }

  /// The next `bags` bags, or fewer once they have `instances` instances; nil at the end. Leaves out, counts and throws
  /// as
  /// `next` does.
  public func nextChunk(bags: Int, instances: Int) throws -> PairChunk? {
    var chunk = PairChunk()
    while chunk.pairs.count < bags, chunk.first.count < instances, let pair = try nextChosen() {
      let before = chunk.first.count
      let size = candidates.count * sharedWidth
      let values = try [Double](unsafeUninitializedCapacity: max(1, size)) { buffer, filled in
        let count = try writeCandidates(sharedBlocks, width: sharedWidth, of: pair, to: buffer.baseAddress) {
          chunk.first.append($0)
          chunk.second.append($1)
        }
        filled = count * sharedWidth
      }
      if chunk.first.count == before {
        countEmptyBag()
        continue
      }
      chunk.shared += values
      chunk.pairs.append(pair)
      countBags(1)
      chunk.offsets.append(Int32(chunk.first.count))
    }
    return chunk.pairs.isEmpty ? nil : chunk
  }

  /// Writes the features of an isoform to both sides of a row; features that depend on two isoforms are 0.
  public func writeIsoform(_ isoform: Int32, to row: UnsafeMutableBufferPointer<Double>) {
    guard var out = row.baseAddress else { return }
    row.update(repeating: 0)
    for block in blocks {
      if block.spec.kind.isOfPartners { _ = block.write(isoform, isoform, to: out) }
      out += block.width
    }
  }

  /// The record of a bag of a chunk, without instances.
  public func record(of chunk: PairChunk, _ bag: Int) throws -> StreamRecord { try record(chunk.pairs[bag], [], []) }

  /// The record of an instance of a chunk, without features.
  public func instance(_ number: Int, of chunk: PairChunk, bag: Int) throws -> StreamRecord.Instance {
    try instance(chunk.first[number], chunk.second[number], of: chunk.pairs[bag])
  }

  /// The record of a bag of a chunk with all features.
  public func wholeRecord(of chunk: PairChunk, _ bag: Int) throws -> StreamRecord {
    let instances = chunk.instances(of: bag)
    var whole = try record(chunk.pairs[bag], instances.map { try instance($0, of: chunk, bag: bag) }, [])
    whole.values = [Double](unsafeUninitializedCapacity: instances.count * width) { buffer, filled in
      guard var out = buffer.baseAddress else { return }
      for instance in instances {
        for block in blocks {
          _ = block.write(chunk.first[instance], chunk.second[instance], to: out)
          out += block.width
        }
      }
      filled = instances.count * width
    }
    return whole
  }
}
