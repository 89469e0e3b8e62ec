import ArgumentParser

@main struct NormalizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "normalize")
}
