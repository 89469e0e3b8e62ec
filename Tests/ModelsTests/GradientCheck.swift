import Arrays
import Bytes
import Models
import Testing

/// A network on a batch, whose backward pass is held beside central differences of its forward pass.
struct GradientCheck {
  var network: Network
  var batch: Batch
  var mode = Mode.inference

  /// A network of one output node.
  init(_ batch: Batch, seed: UInt64 = 5, _ draw: (inout NetworkBuilder) throws -> NetworkBuilder.Handle) throws {
    var figure = NetworkBuilder()
    let output = try draw(&figure)
    network = figure.plan(unit: output, target: output).network(seed: seed)
    self.batch = batch
  }

  /// A network of the caller.
  init(_ network: Network, _ batch: Batch) { (self.network, self.batch) = (network, batch) }

  /// The attention node's values.
  func attention() -> [Float]? { network.forward(batch, mode, Tape(threads: 1)).attention }

  /// The values of the output node.
  func values(threads: Int = 1) -> [Float] { values(network, batch, Tape(threads: threads)) }

  private func values(_ network: Network, _ batch: Batch, _ tape: Tape) -> [Float] {
    network.forward(batch, mode, tape)[network.target]
  }

  /// A factor for each value of the output; their weighted sum is what is differentiated.
  private func weights(_ count: Int) -> [Float] {
    var stream = RandomStream(seed: 99)
    return (0..<count).map { _ in Float(stream.normal()) }
  }

  /// The derivatives of Σ weight · output in all parameters and at all ports; other weights where they are given.
  func gradients(_ start: [Float]? = nil, threads: Int = 1) -> (parameters: Parameters, ports: [String: Matrix]) {
    let tape = Tape(threads: threads)
    let start = start ?? weights(values(network, batch, tape).count)
    _ = values(network, batch, tape)
    var gradient = network.parameters.zeros()
    network.backward(batch, Start(network.target, start), tape, into: &gradient)
    return (gradient, network.portGradients(batch, Start(network.target, start), .gradient, tape))
  }

  private func sum(_ network: Network, _ batch: Batch) -> Double {
    let values = values(network, batch, Tape(threads: 1))
    return zip(values, weights(values.count)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// Compares up to `most` derivatives of each parameter and each dense port, and the bytes at two threads.
  ///
  /// With `kinks`, a derivative is left out where the differences to its left and right disagree, as a ReLU between
  /// them has its kink there; three of four must remain.
  func run(_ name: String, most: Int = 12, step: Float = 2e-3, tolerance: Double = 2e-3, kinks: Bool = false) {
    #expect(network.fault(in: batch) == nil, "\(name)")
    #expect(values(threads: 3) == values(), "\(name): other bytes at three threads")
    let (gradient, ports) = gradients()
    let many = gradients(threads: 3)
    #expect(many.parameters == gradient && many.ports == ports, "\(name): other gradients at three threads")
    let middle = kinks ? sum(network, batch) : 0
    var (compared, all) = (0, 0)
    func agrees(_ analytic: Float, _ what: String, _ moved: (Float) -> Double) {
      let (right, left) = (moved(step), moved(-step))
      let numeric = (right - left) / Double(2 * step)
      all += 1
      if kinks, abs(right + left - 2 * middle) / Double(step) > tolerance * max(1, abs(numeric)) { return }
      compared += 1
      #expect(
        abs(numeric - Double(analytic)) < tolerance * max(1, abs(numeric)),
        "\(name): \(what), \(numeric) by differences")
    }
    for entry in network.parameters.entries where entry.kind == .weight {
      for place in places(entry.count, most) {
        agrees(gradient.storage[0, entry.offset + place], "\(entry.name)[\(place)]") { by in
          var other = network
          other.parameters.storage[0, entry.offset + place] += by
          return sum(other, batch)
        }
      }
    }
    for port in network.ports.map(\.name) {
      guard let matrix = batch.dense(port) else { continue }
      for place in places(matrix.rows * matrix.columns, 2 * most) {
        let (row, column) = (place / matrix.columns, place % matrix.columns)
        agrees(ports[port]?[row, column] ?? .nan, "\(port)[\(row), \(column)]") { by in
          var (other, moved) = (batch, matrix)
          moved[row, column] += by
          other.ports[port] = .dense(moved)
          return sum(network, other)
        }
      }
    }
    #expect(4 * compared >= 3 * all, "\(name): only \(compared) of \(all) derivatives have no kink")
  }

  private func places(_ count: Int, _ most: Int) -> [Int] {
    count <= most ? Array(0..<count) : (0..<most).map { $0 * (count - 1) / (most - 1) }
  }
}

/// Normal numbers.
func normal(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed)
  return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(stream.normal()) })
}

/// A batch of dense and token ports.
func batch(
  _ count: [Axis: Int], _ dense: [String: Matrix] = [:], tokens: [String: [Int32]] = [:],
  _ relations: [String: Relation] = [:]
) -> Batch {
  let ports = dense.mapValues { Port.dense($0) }.merging(tokens.mapValues { .tokens($0) }) { dense, _ in dense }
  return Batch(count: count, ports: ports, relations: relations)
}

extension Axis {
  static let atom = Axis("atom")
  static let bond = Axis("bond")
  static let drug = Axis("drug")
  static let protein = Axis("protein")
  static let pair = Axis("pair")
  static let cell = Axis("cell")
}
