import ArgumentParser
import Bytes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The version of the suite.
public let millraceVersion = "0.1.0"

/// A command-line tool of the suite: options, then a filter from sources to sinks.
///
/// `main()` is made here: parse, help through the checked sink, errors as `tool: …` with a hint, exit status.
public protocol Tool: ParsableCommand {
  /// The name the tool is called by.
  static var toolName: String { get }
  /// One or more command lines that work, shown first in the help.
  static var example: String { get }
  /// The options that every tool has.
  var common: CommonOptions { get }
  /// Does the work; throws `Diagnosable` errors.
  mutating func run(_ context: ToolContext) throws
}

extension Tool {
  /// No example by default.
  public static var example: String { "" }

  /// What `--version` prints: for the configuration of each tool.
  public static var versionLine: String { "\(toolName) \(millraceVersion) (Millrace)" }

  /// Runs the tool on the arguments of the process and ends the process.
  public static func main() {
    var arguments = CommandLine.arguments
    arguments.removeFirst()
    Standard.end(ToolRunner<Self>.run(arguments))
  }

  /// A tool is run by `main()` with a context; this is only there for the protocol that it refines.
  public mutating func run() throws {
    let context = ToolContext(tool: Self.toolName, options: common)
    try run(context)
    context.finish()
  }
}

/// An error with its text ready: usage faults that parsing can't see, conditions that the user set and that failed.
public struct ToolFailure: Diagnosable {
  /// The text, place and exit status of this error.
  public let diagnostic: Diagnostic

  /// Wraps a diagnostic.
  public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

  /// A fault in the command line, with status 64.
  public static func usage(_ message: String, hint: String? = nil) -> ToolFailure {
    ToolFailure(Diagnostic(.usage, message, hint: hint))
  }

  /// Throws a usage error where two outputs would be one, or one of them would take the place of an input.
  public static func refuse(outputs: [(name: String, path: String?)], over inputs: [String]) throws {
    let outputs = outputs.compactMap { output in output.path.map { (name: output.name, path: $0) } }
    for (number, output) in outputs.enumerated() {
      if let other = outputs[..<number].first(where: { OutputFile.areOne($0.path, output.path) }) {
        throw usage("\(other.name) and \(output.name) would write to one file, \(output.path)")
      }
      if let input = inputs.first(where: { OutputFile.isFile(output.path, $0 == "-" ? "/dev/stdin" : $0) }) {
        let name = input == "-" ? "standard input" : "the input \(input)"
        throw usage("\(output.name) \(output.path) would take the place of \(name)")
      }
    }
  }

  /// Throws a usage error for the first of the options that is given: it does nothing without `cause`, which is not.
  public static func refuse(_ options: [(name: String, isGiven: Bool)], without cause: String) throws {
    if let idle = options.first(where: \.isGiven) { throw usage("\(idle.name) does nothing without \(cause)") }
  }
}

/// Thrown when standard input is a terminal and no input was named: short help, status 64.
struct ShortHelp: Error {}

/// Parses, runs and reports: from arguments to an exit status.
enum ToolRunner<Command: Tool> {
  static func run(_ arguments: [String]) -> Int32 {
    Standard.openMissingDescriptors()
    Signals.install()
    let errors = ErrorForm(arguments: arguments)
    var context: ToolContext?
    do {
      var command = try Command.parse(arguments)
      let made = ToolContext(tool: Command.toolName, options: command.common)
      context = made
      try command.run(made)
      made.finish()
      return Bytes.ExitCode.success.rawValue
    } catch let error as Diagnosable {
      context?.finish()
      if (error as? IOFailure)?.isBrokenPipe == true { return Bytes.ExitCode.io.rawValue }
      return report(error.diagnostic, errors)
    } catch is ShortHelp {
      var hint = "\(Command.toolName) --help says more"
      if !Command.example.isEmpty { hint = "for example: " + Command.example.split(separator: "\n")[0] + "; " + hint }
      return report(Diagnostic(.usage, "no input: name a file, or pipe one in", hint: hint), errors)
    } catch {
      context?.finish()
      return parserMessage(error, errors)
    }
  }

  private static func report(_ diagnostic: Diagnostic, _ form: ErrorForm) -> Int32 {
    Standard.error.write(form.text(diagnostic, tool: Command.toolName))
    return diagnostic.code.rawValue
  }

  /// What the argument parser throws: help and version on standard output, usage faults in our own form.
  private static func parserMessage(_ error: Error, _ form: ErrorForm) -> Int32 {
    let status = Command.exitCode(for: error)
    if status.isSuccess { return output(Command.fullMessage(for: error), form) }
    let isUsage = status == .validationFailure
    guard isUsage else {
      return report(Diagnostic(.software, "internal error: \(error)", hint: "please report this as a bug"), form)
    }
    var message = Command.message(for: error).split(separator: "\n").joined(separator: " ")
    var hint = "\(Command.toolName) --help lists the options"
    for mark in [". Did you mean ", ". did you mean "] {
      guard let range = message.firstRange(of: mark) else { continue }
      hint = "did you mean " + message[range.upperBound...]
      message = String(message[..<range.lowerBound])
    }
    if message.hasSuffix(".") { message.removeLast() }
    return report(Diagnostic(.usage, lowerFirst(message), hint: hint), form)
  }

  private static func lowerFirst(_ text: String) -> String {
    guard let first = text.first else { return text }
    return first.lowercased() + text.dropFirst()
  }

  /// Prints help or a version; an example stands before the help.
  private static func output(_ text: String, _ form: ErrorForm) -> Int32 {
    var text = text
    if text.hasPrefix("OVERVIEW:") && !Command.example.isEmpty {
      let lines = Command.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      text = "EXAMPLE:\n" + lines.joined(separator: "\n") + "\n\n" + text
    }
    if !text.hasSuffix("\n") { text += "\n" }
    do {
      let sink = ByteSink(descriptor: STDOUT_FILENO, name: "standard output")
      try sink.write(text)
      try sink.close()
      return Bytes.ExitCode.success.rawValue
    } catch let failure as IOFailure {
      if failure.isBrokenPipe { return Bytes.ExitCode.io.rawValue }
      return report(failure.diagnostic, form)
    } catch {
      return Bytes.ExitCode.software.rawValue
    }
  }
}
