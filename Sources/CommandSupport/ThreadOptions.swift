import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// The help of each option is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
/// The number of threads of a stream.
public struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads; 0 is one per processor. The output is the same for any number.", valueName: "n"))
  public var threads = 1

  public init() {}

  public func validate() throws { try Self.check(threads) }

  /// The number of threads, that of the processors for 0.
  public var count: Int { Self.count(threads) }

  /// Throws a usage error for a number out of bounds; also for `mil-train`, which has another default.
  public static func check(_ threads: Int) throws {
    if !(0...1024).contains(threads) { throw ValidationError("--threads \(threads): 0 to 1024") }
  }

  /// The number of threads that the option `threads` means.
  public static func count(_ threads: Int) -> Int {
    threads == 0 ? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : threads
  }
}
