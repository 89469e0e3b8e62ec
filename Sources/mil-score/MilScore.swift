import ArgumentParser

@main struct MilScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mil-score")
}
