import Bytes
import Models
import Peaks
import Tensors

/// engine kernels [ROUNDS]
/// engine read|write TEXT
/// engine train|score DATA.bin [--threads N] [--bags N] [--epochs N] [--batch N] [--layers] [--avx2]
///                                [--kernel N]
/// engine forest|boosted|logistic|logistic-std|linear-svm TRAIN.bin TEST.bin SCORES [--seeds N] [--threads N]
///
/// Prints one JSON line. `--layers` runs the layer network, as any other kernel than 3 does, `--avx2` the fused engine
/// without AVX-512.
@main struct Engine {
  static func main() {
    do {
      try work()
    } catch {
      stop("engine: \(error)\n")
    }
  }

  private static func work() throws {
    var words = Array(CommandLine.arguments.dropFirst())
    func option(_ name: String, _ standard: Int) -> Int {
      guard let place = words.firstIndex(of: name), place + 1 < words.count else { return standard }
      defer { words.removeSubrange(place...place + 1) }
      return Int(words[place + 1]) ?? standard
    }
    func flag(_ name: String) -> Bool {
      guard let place = words.firstIndex(of: name) else { return false }
      words.remove(at: place)
      return true
    }
    let (threads, bags) = (option("--threads", 1), option("--bags", 0))
    let (epochs, batch) = (option("--epochs", 3), option("--batch", 128))
    let seeds = option("--seeds", 1)
    let (layers, narrow, kernel) = (flag("--layers"), flag("--avx2"), option("--kernel", 3))
    if words.first == "kernels" {
      kernels(rounds: words.count > 1 ? Int(words[1]) ?? 20 : 20)
    } else if words.count == 2, words[0] == "read" {
      print(try Text.read(words[1]))
    } else if words.count == 2, words[0] == "write" {
      print(try Text.write(words[1]))
    } else if words.count == 4, ["forest", "boosted", "logistic", "logistic-std", "linear-svm"].contains(words[0]) {
      guard let train = Fitters.Table(path: words[1]) else { throw Wrong.data(words[1]) }
      guard let test = Fitters.Table(path: words[2]) else { throw Wrong.data(words[2]) }
      if words[0] == "forest" {
        print(try Fitters.forest(train, test, seeds: seeds, threads: threads, scores: words[3]))
      } else if words[0] == "boosted" {
        print(try Fitters.boosted(train, test, threads: threads, scores: words[3]))
      } else {
        print(
          try Fitters.linear(
            train, test, words[0] == "linear-svm" ? .squaredHinge : .logistic, isStandardized: words[0] != "logistic",
            threads: threads, scores: words[3]))
      }
    } else if words.count == 2, ["train", "score"].contains(words[0]) {
      guard let data = try SyntheticBags(path: words[1], most: bags) else { throw Wrong.data(words[1]) }
      let model = try self.model(data.features, kernel: kernel, layers: layers, narrow: narrow)
      run(words[0], Epochs(data, model, threads: threads, batch: batch), epochs, threads, layers || kernel != 3)
    } else {
      throw Wrong.usage
    }
  }

  private enum Wrong: Error {
    case usage
    case data(String)
  }

  private static func model(
    _ features: Int, kernel: Int, layers: Bool, narrow: Bool
  ) throws -> any Differentiable {
    var options = IDMIL.Options()
    options.kernel = kernel
    let network = try IDMIL.network(features: features, options: options, seed: 1)
    if layers { return network }
    if narrow, let fused = FusedIDMIL(network: network, options: options, kernels: FusedKernels(.avx2)) { return fused }
    return FusedIDMIL(network: network, options: options) ?? network
  }

  private static func run(_ what: String, _ start: Epochs, _ count: Int, _ threads: Int, _ layers: Bool) {
    var epochs = start
    let bags = epochs.data.count
    func pass(_ bags: Int) { _ = what == "train" ? epochs.train(bags: bags) : epochs.score(bags: bags) }
    pass(min(bags, 4 * epochs.batch))
    var (walls, seconds) = ([Double](), [Double]())
    for _ in 0..<count {
      let (wall, cpu) = (Clock.wall, Clock.process)
      pass(bags)
      walls.append(Clock.wall - wall)
      seconds.append(Clock.process - cpu)
    }
    let (wall, cpu) = (median(walls), median(seconds))
    let scale = 1e4 / Double(bags)
    print(
      "{\"mode\":\"\(layers ? "layers" : "fused")\",\"what\":\"\(what)\",\"bags\":\(bags),"
        + "\"instances\":\(epochs.data.instances),\"threads\":\(threads),\"cpu_s_per_10k\":\(short(cpu * scale)),"
        + "\"median_s_per_10k\":\(short(wall * scale)),\"bags_per_s\":\(Int(Double(bags) / wall)),"
        + "\"cpu_us_per_instance\":\(short(cpu / Double(epochs.data.instances) * 1e6)),"
        + "\"peak_rss_mb\":\(Clock.peakMegabytes)}")
  }

  private static func kernels(rounds: Int) {
    let rates = Kernels.rates(rounds: rounds).map {
      "\"\($0.name)\":{\"best\":\(short($0.best)),\"median\":\(short($0.median))}"
    }
    print(
      "{\"what\":\"kernels\",\"instructions\":\"\(FusedKernels.strongest)\","
        + "\"blas\":\"\(String(cString: peak_blas_name()))\",\"gflops\":{\(rates.joined(separator: ","))}}")
  }
}
