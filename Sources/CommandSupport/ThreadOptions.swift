import ArgumentParser

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// How many threads a stream may use.
public struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads; 0 is one a processor. The output is the same for any number.", valueName: "n"))
  public var threads = 1

  public init() {}

  public func validate() throws { try Self.check(threads) }

  /// The number of threads that is meant.
  public var count: Int { Self.count(threads) }

  /// Refuses a number that is out of bounds; also for `mil-train`, whose default is another.
  public static func check(_ threads: Int) throws {
    if !(0...1024).contains(threads) { throw ValidationError("--threads \(threads): 0 to 1024") }
  }

  /// The number of threads that is meant by `threads`.
  public static func count(_ threads: Int) -> Int { threads == 0 ? processorCount : threads }
}
