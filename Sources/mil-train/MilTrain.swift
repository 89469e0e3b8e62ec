import ArgumentParser

@main struct MilTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mil-train")
}
