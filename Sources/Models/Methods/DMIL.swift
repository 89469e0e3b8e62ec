import Bytes

/// DMIL-III: the convolution modules of IDMIL-III without its attention, trained with plain cross entropy.
enum DMIL {
  static let method = Method(
    "dmil", "three convolution modules, maximum over the bag, cross entropy (DMIL-III)",
    settings: [
      IDMIL.kernel, IDMIL.modules,
      Setting("dropout", .real(0...0.999, default: 0.3), "share of the hidden values that are set to 0 in training"),
      Setting("channels", .integer(1...1024, default: 64), "channels of the hidden modules"),
    ] + Pooling.settings,
    form: .network(
      plan: { ports, values in try IDMIL.plan(features: ports[0].width, options(values)) },
      engine: { network, values in (try? options(values)).flatMap { FusedIDMIL(network: network, options: $0) } }),
    defaults: Method.Defaults(loss: "ce", optimiser: "adam:learning-rate=0.0005,weight-decay=1e-4", batch: 256),
    description: """
      The network of idmil:attention=no, with the loss, step size, batch and penalty of the method that the IDMIL-III
      paper compares itself with.
      """)

  @Sendable private static func options(_ values: SettingValues) throws -> IDMIL.Options {
    var options = try IDMIL.Options(values)
    (options.attention, options.lastReLU, options.channels) = (false, true, values.integer("channels"))
    return options
  }
}
