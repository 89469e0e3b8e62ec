import Arrays
import Bags
import Bytes
import Features
import Records
import Testing

@Suite struct PackedBagsTests {
  static let pairs = "gene_a\tgene_b\tlabel\nA\tB\t1\nB\tC\t0\nA\tC\t1\n"

  static func swap() throws -> ColumnSwap {
    try #require(ColumnSwap(names: ["f.a.u", "f.a.v", "f.b.u", "f.b.v"]))
  }

  @Test func storesAllBags() throws {
    let store = try PackedBags.read(Given.bags(Self.pairs), swap: Self.swap())
    #expect(store.count == 3)
    #expect(store.labels == [1, 0, 1])
    #expect((0..<3).map { store.size(of: $0) } == [6, 3, 2])
    #expect(store.ports == [PortSpec("x", .instance, .dense(width: 4))])
    #expect(store.genes == ["A", "B", "C"])
    #expect(store.geneA == [0, 1, 0] && store.geneB == [1, 2, 2])
    let summary = store.summary
    #expect(summary.bags == 3 && summary.positives == 2 && summary.unlabelled == 0 && summary.genes == 3)
    #expect(summary.instances == 11 && summary.largestBag == 6 && summary.labelledInstances == 0)
    #expect(summary.features == 4 && summary.bytes == 160)
  }

  @Test func batches() throws {
    let store = try PackedBags.read(Given.bags(Self.pairs), swap: Self.swap())
    let batch = store.batch([2, 1], Draw(seed: 1, epoch: 1, swapped: [false, true]))
    #expect(batch.segments("bag") == [0, 2, 5])
    #expect(batch.targets.label == [1, 0] && batch.targets.weight == [1, 1])
    let x = try #require(batch.dense("x"))
    #expect(x.row(0) == [1, 10, 6, 60])
    #expect(x.row(2) == [6, 60, 3, 30])
    #expect(store.batch([1], nil).dense("x")?.row(0) == [3, 30, 6, 60])
  }

  /// Of a bag with more instances than are drawn some rows are taken, with the label of the bag.
  @Test func drawnInstances() throws {
    let store = try PackedBags.read(Given.bags(Self.pairs), swap: Self.swap())
    let (whole, all) = (store.batch([0, 1], nil), try #require(store.batch([0], nil).dense("x")))
    var seen: Set<[Float]> = []
    for epoch in 1...20 {
      let drawn = store.batch([0, 1], Draw(seed: 1, epoch: epoch, limits: [4, 4]))
      #expect(drawn.segments("bag") == [0, 4, 7] && drawn.targets == whole.targets)
      let x = try #require(drawn.dense("x"))
      let places = (0..<4).map { row in (0..<all.rows).firstIndex { all.row($0) == x.row(row) } ?? -1 }
      #expect(places[0] >= 0 && zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
      for row in 0..<4 { seen.insert(x.row(row)) }
      for row in 0..<3 { #expect(x.row(4 + row) == whole.dense("x")?.row(6 + row)) }
    }
    #expect(seen.count == 6)
  }

  @Test func streamedBatchesAreTheSame() throws {
    let store = try PackedBags.read(Given.bags(Self.pairs), swap: Self.swap())
    let records = try Given.bags(Self.pairs).all()
    let plain = try RowPacker(width: 4).batch(of: records)
    #expect(plain.dense("x") == store.batch([0, 1, 2], nil).dense("x"))
    #expect(plain.relations == store.batch([0, 1, 2], nil).relations)
    let draw = Draw(seed: 1, epoch: 1, swapped: [true, true, true])
    #expect(plain.exchanged(["x": try Self.swap()]).dense("x") == store.batch([0, 1, 2], draw).dense("x"))
  }

  @Test func scalingComesBeforeExchangeEverywhere() throws {
    let names = ["f.a.u", "f.a.v", "f.b.u", "f.b.v"]
    let store = try PackedBags.read(Given.bags(Self.pairs), swap: Self.swap())
    let normalizer = try store.fit(ScalingPlan(ScalingChain(.zscore)), on: [0, 1], source: "0")
    let scaled = try store.scaled(by: normalizer)
    let packer = RowPacker(width: 4, names: names, scale: .normalizer(normalizer, fillsMeans: false))
    let records = try Given.bags(Self.pairs).all()
    let plain = try packer.batch(of: records)
    #expect(plain.dense("x") == scaled.batch([0, 1, 2], nil).dense("x"))
    let draw = Draw(seed: 1, epoch: 1, swapped: [false, true, true])
    let turned = try #require(scaled.batch([0, 1, 2], draw).dense("x"))
    let straight = try #require(plain.dense("x"))
    for row in 0..<6 { #expect(turned.row(row) == straight.row(row)) }
    let swap = try Self.swap()
    for row in 6..<11 { #expect(turned.row(row) == swap.apply(to: straight.row(row))) }
  }

  @Test func aSecondFoldHasItsOwnScaleOfTheSameRawBags() throws {
    let store = try PackedBags.read(Given.bags(Self.pairs))
    let raw = store.batch([0, 1, 2], nil).dense("x")
    let digest = store.digest
    func fold(_ bags: [Int]) throws -> Matrix? {
      try store.scaled(by: store.fit(ScalingPlan(ScalingChain(.minmax)), on: bags, source: "0"))
        .batch([0, 1, 2], nil).dense("x")
    }
    let (first, second, again) = (try fold([0, 1]), try fold([1, 2]), try fold([0, 1]))
    #expect(first != second && first == again)
    #expect(store.batch([0, 1, 2], nil).dense("x") == raw && store.digest == digest)
  }

  @Test func aScaleThatARowCannotTakeIsAnErrorBeforeAnyBatch() throws {
    let store = try PackedBags.read(
      Given.bags("gene_a\tgene_b\tlabel\nA\tC\t1\nB\tC\t0\n", features: "id\tu\nA-1\t1\nB-1\t-3\nC-1\t1\n"))
    let normalizer = try store.fit(ScalingPlan(ScalingChain(parsing: "log1p")), on: [0], source: "0")
    #expect(throws: ScalingError.self) { _ = try store.scaled(by: normalizer) }
  }

  @Test func missingLabelsAndValues() throws {
    #expect(throws: BagsError.self) { _ = try PackedBags.read(Given.bags("gene_a\tgene_b\nA\tB\n")) }
    let store = try PackedBags.read(Given.bags("gene_a\tgene_b\nA\tB\n"), labelled: false)
    #expect(store.batch([0], nil).targets.weight == [0])
    #expect(store.summary.unlabelled == 1)
    let large = "id\tu\nA-1\t1e39\nC-1\t1\n"
    let error = #expect(throws: BagsError.self) {
      _ = try PackedBags.read(Given.bags("gene_a\tgene_b\tlabel\nA\tC\t1\n", features: large))
    }
    #expect(error?.kind == .bag(.tooLarge(1e39, feature: "f.a.u", id: "A-1:C-1")))
  }

  @Test func gapsAreFilledWithTheMeanOfTheBagsThatTrain() throws {
    let text = "id\tbag\tlabel\tu\tv\np\tp\t1\t1\tNA\nq\tq\t0\tNA\tNA\nr\tr\t0\t4\tNA\n"
    var options = ReaderOptions()
    options.missing = .mean
    func reader() throws -> RecordReader { try RecordReader(MemorySource(text), options: options) }
    func filled(from bags: [Int]) throws -> [[Float]] {
      let reader = try reader()
      let store = try PackedBags.read(reader, keepGaps: true)
      #expect(reader.gaps == 4)
      let x = try store.filled(from: bags).batch([0, 1, 2], nil).dense("x")
      #expect((0..<3).contains { store.row($0)[0].isNaN })
      return (0..<3).compactMap { x?.row($0) }
    }
    #expect(try filled(from: [0, 1, 2]) == [[1, 0], [2.5, 0], [4, 0]])
    #expect(try filled(from: [1, 2]) == [[1, 0], [4, 0], [4, 0]])
    #expect(try filled(from: [1]) == [[1, 0], [0, 0], [4, 0]])
    let error = #expect(throws: BagsError.self) { _ = try PackedBags.read(reader()) }
    #expect(error?.kind == .bag(.missingValue(feature: "v", id: "p")))
  }

  /// 1000 rows, more than are looked at for the offsets: columns far from 0, near 0, constant, and with gaps.
  @Test func aColumnFarFromZeroKeepsItsSpreadUntilItIsScaled() throws {
    var random = RandomStream(seed: 3)
    let rows = (0..<1000).map { row -> [Double] in
      [1e9, 0, 1e-3, -1e8].map { $0 + random.normal() * ($0 == 1e-3 ? 1e-9 : 1) } + [
        123456789, row % 9 == 0 ? .nan : 1e6,
      ]
    }
    let text = rows.enumerated().map { row, values in
      "i\(row)\tb\(row / 3)\t1" + values.map { "\t" + ($0.isNaN ? "NA" : NumberText.text($0)) }.joined() + "\n"
    }
    func read(isScaledLater: Bool) throws -> PackedBags {
      var options = ReaderOptions()
      options.missing = .mean
      let source = MemorySource("id\tbag\tlabel\tu\tv\tw\tx\tc\tg\n" + text.joined())
      return try PackedBags.read(
        RecordReader(source, options: options), keepGaps: true, isScaledLater: isScaledLater)
    }
    let store = try read(isScaledLater: true)
    var row = [Double](repeating: 0, count: 6)
    let spreads = [1, 1, 1e-9, 1, 1, 1]
    for instance in rows.indices {
      row.withUnsafeMutableBufferPointer { store.copyRow(instance, into: $0) }
      for column in row.indices where !rows[instance][column].isNaN {
        #expect((row[column] - rows[instance][column]).magnitude < 3e-7 * spreads[column])
      }
      #expect(row[4] == 123456789 && row[5].isNaN == rows[instance][5].isNaN)
    }
    #expect(store.ranges.map { $0.offset == 0 } == [false, true, false, false, false, false])
    #expect(store.digest != (try read(isScaledLater: false)).digest)
    // What is not scaled is as it was.
    let plain = try read(isScaledLater: false)
    #expect(plain.row(7)[0] == Float(rows[7][0]) && plain.ranges[0].step == 64)
    #expect(plain.ranges[0].low == rows.map { $0[0] }.min() && store.ranges[3].high == rows.map { $0[3] }.max())
    // A batch holds the values as they were read, and a scale sees their spread.
    #expect(store.batch([0], nil).dense("x")?.row(0)[0] == Float(rows[0][0]))
    let normalizer = try store.fit(ScalingPlan(ScalingChain(.zscore)), on: Array(0..<store.count), source: "0")
    let x = try store.scaled(by: normalizer, fillsMeans: true).batch([333], nil).dense("x")
    let expected = (rows[999][0] - normalizer.centers[0]) / normalizer.scales[0]
    #expect((Double(x?.row(0)[0] ?? 0) - expected).magnitude < 1e-6)
  }

  /// Bags with features of either partner and of both, some far from 0; now and then a partner's features are others.
  private final class Source: BagSource {
    let schema: Schema?
    let kind = RecordKind.bag
    let labels: LabelKind? = nil
    var records: ArraySlice<StreamRecord>
    init(seed: UInt64, hasIds: Bool = true) throws {
      schema = try Schema(names: ["f.a.u", "g.cor", "f.b.u", "f.a.v", "f.b.v"])
      var random = RandomStream(seed: seed)
      func partner(_ number: Int) -> [Double] {
        var own = RandomStream(seed: 7, UInt64(number))
        return [own.normal(), 1e7 + own.normal()]
      }
      records =
        (0..<200).map { bag in
          let ids = (0..<1 + random.below(3)).map { _ in (random.below(9), random.below(9)) }
          var record = StreamRecord(
            bag: "b\(bag)",
            instances: ids.map {
              StreamRecord.Instance(id: "i", isoformA: hasIds ? "p\($0.0)" : nil, isoformB: hasIds ? "p\($0.1)" : nil)
            },
            values: ids.flatMap { a, b in
              let other = random.below(20) == 0 ? 0.5 : 0
              return [partner(a)[0] + other, random.normal(), partner(b)[0], partner(a)[1], partner(b)[1]]
            })
          record.label = Double(bag % 2)
          return record
        }[...]
    }
    func next() -> StreamRecord? { records.popFirst() }
  }

  @Test(arguments: ["zscore", "minmax", "unit", "log1p", "none"]) func partnersHeldOnceGiveTheSameRows(method: String)
    throws
  {
    let swap = try #require(ColumnSwap(names: ["f.a.u", "g.cor", "f.b.u", "f.a.v", "f.b.v"]))
    let records = try Array(Source(seed: 5).records).map { record in
      var record = record
      if method == "log1p" { record.values = record.values.map(\.magnitude) }
      return record
    }
    for hasIds in [true, false] {
      let source = try Source(seed: 5, hasIds: hasIds)
      if method == "log1p" {
        source.records = ArraySlice(
          source.records.map { record in
            var record = record
            record.values = record.values.map(\.magnitude)
            return record
          })
      }
      let store = try PackedBags.read(source, swap: swap)
      let bags = (0..<200).filter { $0 % 3 != 1 } + [7, 7, 4]
      let normalizer = try store.fit(ScalingPlan(ScalingChain(parsing: method)), on: Array(0..<150), source: "0")
      let packer = RowPacker(width: 5, scale: .normalizer(normalizer, fillsMeans: false))
      // What is stored are 32-bit numbers: the plain way scales the same ones.
      let plain = bags.map { bag in
        var record = records[bag]
        record.values = record.values.map { Double(Float($0)) }
        return record
      }
      let expected = try packer.batch(of: plain).dense("x")
      let scaled = try store.scaled(by: normalizer)
      #expect(scaled.batch(bags, nil).dense("x") == expected)
      let all = Draw(seed: 1, epoch: 1, swapped: bags.map { _ in true })
      #expect(scaled.batch(bags, all).dense("x") == expected.map(swap.apply(to:)))
      let raw = try RowPacker(width: 5).batch(of: plain).dense("x")
      #expect(store.batch(bags, nil).dense("x") == raw)
    }
  }

  @Test func partnersTakeMemoryOnce() throws {
    let apart = try PackedBags.read(Source(seed: 5, hasIds: false))
    let once = try PackedBags.read(Source(seed: 5), isScaledLater: true)
    #expect(once.instanceCount == apart.instanceCount && once.ranges[3].offset != 0)
    let perInstance = apart.instanceCount * (4 + 8)
    #expect(apart.bytes == perInstance + 16 * apart.instanceCount)
    #expect(once.bytes < perInstance + 8 * apart.instanceCount / 3)
  }

  @Test func instanceLabels() throws {
    let tested = "isoform_a\tisoform_b\tlabel\nC-1\tB-2\t1\n"
    let store = try PackedBags.read(Given.bags(Self.pairs, tested: tested))
    #expect(store.instanceLabels.count == 11)
    #expect(store.instanceLabels[7] == 1)
    #expect(store.summary.labelledInstances == 1)
  }

  @Test func keysAreTheSameBothWaysRound() throws {
    let store = try PackedBags.read(Given.bags("gene_a\tgene_b\tlabel\nA\tB\t1\nB\tA\t1\nA\tC\t1\n"))
    #expect(store.keys[0] == store.keys[1])
    #expect(store.keys[0] != store.keys[2])
  }

  @Test func nothingIn() throws {
    let store = try PackedBags.read(Given.bags("gene_a\tgene_b\tlabel\n"))
    #expect(store.count == 0 && store.width == 4)
  }
}
