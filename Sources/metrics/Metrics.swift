import ArgumentParser

@main struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "metrics")
}
