import Arrays
import Records

/// A few bags of gene pairs without the features that belong to one isoform: which isoforms meet, and what depends on
/// both of them.
public struct PairChunk: Sendable {
  /// The pairs, one a bag.
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
  /// On whom each feature depends: a block of kind `concat` on one isoform a side, every other block on both.
  public var columns: PairColumns {
    PairColumns(
      owners: blocks.flatMap { block -> [PairColumns.Owner] in
        guard block.spec.kind == .concat else { return [PairColumns.Owner](repeating: .both, count: block.width) }
        let sides = (block.table.width, block.table.width)
        return [PairColumns.Owner](repeating: .first, count: sides.0)
          + [PairColumns.Owner](repeating: .second, count: sides.1)
      })
  }

  /// The next bags: `bags` of them, or fewer where they have `instances` instances; nil at the end. What `next` says of
  /// bags and counts holds here.
  public func nextChunk(bags: Int, instances: Int) throws -> PairChunk? {
    var chunk = PairChunk()
    while chunk.pairs.count < bags, chunk.first.count < instances, let pair = try nextChosen() {
      let before = chunk.first.count
      let room = candidates.count * sharedWidth
      let values = try [Double](unsafeUninitializedCapacity: max(1, room)) { room, filled in
        let count = try writeCandidates(sharedBlocks, width: sharedWidth, of: pair, to: room.baseAddress) {
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

  /// Writes the features of an isoform on both sides of a row; what depends on two isoforms is 0.
  public func writeIsoform(_ isoform: Int32, to row: UnsafeMutableBufferPointer<Double>) {
    guard var out = row.baseAddress else { return }
    row.update(repeating: 0)
    for block in blocks {
      if block.spec.kind == .concat { _ = block.write(isoform, isoform, to: out) }
      out += block.width
    }
  }

  /// What is said of a bag of a chunk, without its instances.
  public func record(of chunk: PairChunk, _ bag: Int) throws -> BagRecord { try record(chunk.pairs[bag], [], []) }

  /// What is said of an instance of a chunk beside its features.
  public func instance(_ number: Int, of chunk: PairChunk, bag: Int) throws -> BagRecord.Instance {
    try instance(chunk.first[number], chunk.second[number], of: chunk.pairs[bag])
  }

  /// A bag of a chunk with all its features.
  public func wholeRecord(of chunk: PairChunk, _ bag: Int) throws -> BagRecord {
    let instances = chunk.instances(of: bag)
    var whole = try record(chunk.pairs[bag], instances.map { try instance($0, of: chunk, bag: bag) }, [])
    whole.values = [Double](unsafeUninitializedCapacity: instances.count * width) { room, filled in
      guard var out = room.baseAddress else { return }
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
