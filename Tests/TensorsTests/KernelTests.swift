import Bytes
import Tensors
import Testing

/// Every kernel beside its plain reference, with one thread and with several.
@Suite struct KernelTests {
  private func random(_ count: Int, _ key: UInt64) -> [Float] {
    var stream = RandomStream(seed: 7, key)
    return (0..<count).map { _ in Float(stream.normal()) }
  }

  private func difference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { worst, pair in
      let distance = abs(pair.0 - pair.1)
      // `max` would pass over what is no number.
      return distance <= worst ? worst : distance.isNaN ? .infinity : distance
    }
  }

  static let sizes = [
    ConvolutionSize(instances: 5, length: 23, inputs: 1, outputs: 64, kernel: 3),
    ConvolutionSize(instances: 61, length: 40, inputs: 8, outputs: 6, kernel: 5),
    ConvolutionSize(instances: 3, length: 7, inputs: 4, outputs: 1, kernel: 7),
    ConvolutionSize(instances: 2600, length: 1, inputs: 20, outputs: 5, kernel: 1),
  ]

  @Test(arguments: sizes) func convolutionEqualsItsDefinition(size: ConvolutionSize) {
    let x = random(size.instances * size.length * size.inputs, 1)
    let weight = random(size.outputs * size.taps, 2).map { $0 / Float(size.taps).squareRoot() }
    let bias = random(size.outputs, 3)
    let dY = random(size.instances * size.positions * size.outputs, 4)
    let nought = [Float](repeating: 0, count: max(x.count, dY.count))
    var results: [[[Float]]] = []
    for (plain, threads) in [(true, 1), (false, 1), (false, 2)] {
      let work = Workspace(threads: threads)
      var y = [Float](nought[..<dY.count])
      var (dX, dWeight, dBias) = ([Float](nought[..<x.count]), weight.map { _ in Float(0) }, bias.map { _ in Float(0) })
      if plain {
        PlainConvolution.forward(size, x: x, weight: weight, bias: bias, y: &y, work)
        PlainConvolution.backward(
          size, x: x, weight: weight, dY: dY, dX: &dX, dWeight: &dWeight, dBias: &dBias, work)
      } else {
        ConvolutionKernel.forward(size, x: x, weight: weight, bias: bias, y: &y, work)
        ConvolutionKernel.backward(
          size, x: x, weight: weight, dY: dY, dX: &dX, dWeight: &dWeight, dBias: &dBias, work)
      }
      results.append([y, dX, dWeight, dBias])
    }
    let scale = Float(size.instances * size.positions).squareRoot()
    for (index, tolerance) in [1e-5, 1e-5, 1e-5 * scale, 1e-5 * scale].enumerated() {
      #expect(difference(results[0][index], results[1][index]) < tolerance)
      #expect(results[1][index] == results[2][index], "the same bits with any number of threads")
    }
  }

  @Test(arguments: [true, false]) func batchNormEqualsItsDefinition(throughStatistics: Bool) {
    let (rows, channels) = (5000, 6)
    let x = random(rows * channels, 1).map { 3 * $0 + 5 }
    let (weight, bias, dY) = (random(channels, 2), random(channels, 3), random(rows * channels, 4))
    var results: [[[Float]]] = []
    for (plain, threads) in [(true, 1), (false, 1), (false, 2)] {
      let work = Workspace(threads: threads)
      var (mean, deviation) = ([Float](repeating: 0, count: channels), [Float](repeating: 0, count: channels))
      var (y, dX) = (dY, [Float](repeating: 0, count: dY.count))
      var (dWeight, dBias) = (mean, mean)
      if plain {
        PlainBatchNorm.statistics(rows: rows, channels: channels, x: x, mean: &mean, variance: &deviation, work)
      } else {
        BatchNormKernel.statistics(rows: rows, channels: channels, x: x, mean: &mean, variance: &deviation, work)
      }
      deviation = deviation.map { 1 / ($0 + BatchNormKernel.epsilon).squareRoot() }
      if plain {
        PlainBatchNorm.forward(
          rows: rows, channels: channels, x: x, weight: weight, bias: bias, mean: mean, deviation: deviation, y: &y,
          work)
        PlainBatchNorm.backward(
          rows: rows, channels: channels, x: x, weight: weight, mean: mean, deviation: deviation,
          throughStatistics: throughStatistics, dY: dY, dX: &dX, dWeight: &dWeight, dBias: &dBias, work)
      } else {
        BatchNormKernel.forward(
          rows: rows, channels: channels, x: x, weight: weight, bias: bias, mean: mean, deviation: deviation, y: &y,
          work)
        BatchNormKernel.backward(
          rows: rows, channels: channels, x: x, weight: weight, mean: mean, deviation: deviation,
          throughStatistics: throughStatistics, dY: dY, dX: &dX, dWeight: &dWeight, dBias: &dBias, work)
      }
      results.append([mean, deviation, y, dX, dWeight, dBias])
    }
    for index in results[0].indices {
      #expect(difference(results[0][index], results[1][index]) < (index < 4 ? 1e-5 : 1e-3))
      #expect(results[1][index] == results[2][index], "the same bits with any number of threads")
    }
  }

  @Test func maxPoolTakesTheFirstOfEqualsAndDropsTheRest() {
    let work = Workspace(threads: 1)
    // One instance, 8 positions, 2 channels: two windows of three, two positions left over.
    let x: [Float] = [1, 9, 3, 9, 3, 2, -5, -1, -4, -2, -9, -3, 100, 100, 100, 100]
    var (y, winner) = ([Float](repeating: 0, count: 4), [UInt8](repeating: 9, count: 4))
    MaxPoolKernel.forward(instances: 1, length: 8, channels: 2, size: 3, x: x, y: &y, winner: &winner, work)
    #expect(y == [3, 9, -4, -1])
    #expect(winner == [1, 0, 1, 0])
    var dX = [Float](repeating: 0, count: 16)
    MaxPoolKernel.backward(
      instances: 1, length: 8, channels: 2, size: 3, winner: winner, dY: [1, 2, 3, 4], dX: &dX, work)
    #expect(dX == [0, 2, 1, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func theWitnessIsTheFirstOfEquals() {
    var (y, witness) = ([Float](repeating: 0, count: 3), [Int32](repeating: 9, count: 3))
    SegmentMaxKernel.forward(offsets: [0, 1, 4, 6], x: [-2, 1, 5, 5, 7, 7], y: &y, witness: &witness)
    #expect(y == [-2, 5, 7])
    #expect(witness == [0, 2, 4])
    var dX = [Float](repeating: 0, count: 6)
    SegmentMaxKernel.backward(segments: 3, witness: witness, dY: [1, 2, 3], dX: &dX)
    #expect(dX == [1, 0, 2, 0, 3, 0])
  }

  @Test func guidedReLUPassesWhatIsPositiveBothWays() {
    let work = Workspace(threads: 1)
    var dX = [Float](repeating: 0, count: 4)
    ElementKernels.reluBackward(4, y: [1, 0, 1, 0], dY: [2, 2, -2, -2], guided: true, dX: &dX, work)
    #expect(dX == [2, 0, 0, 0])
    ElementKernels.reluBackward(4, y: [1, 0, 1, 0], dY: [2, 2, -2, -2], guided: false, dX: &dX, work)
    #expect(dX == [4, 0, -2, 0])
  }
}
