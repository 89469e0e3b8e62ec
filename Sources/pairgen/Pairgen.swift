import ArgumentParser

@main struct PairgenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pairgen")
}
