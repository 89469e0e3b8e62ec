import ArgumentParser

@main struct SeqfeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "seqfeat")
}
