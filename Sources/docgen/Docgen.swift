import ArgumentParser
import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What docgen writes.
enum DocumentForm: String, CaseIterable, ExpressibleByArgument { case man, page, bash, zsh, fish }

@main struct Docgen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docgen",
    abstract: "Write a man page or a completion script from a tool's help and from prose.",
    discussion: """
      seqfeat --experimental-dump-help | docgen man --prose man/prose/seqfeat.md --changelog CHANGELOG.md > seqfeat.1
      """)

  @Argument(help: "What to write; 'page' is a manual page without a tool and reads no standard input.")
  var form: DocumentForm

  @Option(help: "The hand-written page.", completion: .file())
  var prose: String?

  @Option(help: "Sections that every tool's page ends with.", completion: .file())
  var shared: String?

  @Option(help: "The file whose first heading has version and date.", completion: .file())
  var changelog: String

  @Option(help: "What the installed tools' names start with.")
  var namePrefix = ""

  func run() throws {
    do {
      let output = try OutputFile.open(path: "-")
      try output.sink.write(document())
      try output.commit()
    } catch let error as any Diagnosable {
      // Nothing is left to do where standard error is closed too.
      try? ByteSink.standardError(error.diagnostic.text(tool: "docgen"))
      throw ExitCode(error.diagnostic.code.rawValue)
    }
  }

  private func document() throws -> String {
    let release = try Release(changelog: text(changelog))
    let names = ToolNames(prefix: namePrefix)
    switch form {
    case .man, .page:
      guard let prose else { throw DocgenError("a page needs --prose FILE") }
      return try ManPage.page(
        prose: Prose(text(prose), source: prose),
        shared: try shared.map { try Prose(text($0), source: $0, isFragment: true) },
        help: form == .man ? ToolHelp(bytes("-")) : nil, release: release, names: names)
    case .bash: return try completions(release, names).bash
    case .zsh: return try completions(release, names).zsh
    case .fish: return try completions(release, names).fish
    }
  }

  private func completions(_ release: Release, _ names: ToolNames) throws -> Completions {
    Completions(help: try ToolHelp(bytes("-")), release: release, names: names)
  }

  private func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  private func bytes(_ path: String) throws -> [UInt8] {
    let source = try DescriptorSource(path: path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try block.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
  }
}

extension ByteSink {
  /// Writes a message to standard error.
  fileprivate static func standardError(_ text: String) throws {
    let sink = ByteSink(descriptor: 2, name: "standard error")
    try sink.write(text)
    try sink.flush()
  }
}
