#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file, and the chains of its structure that are meant: `FILE`, or `A,B=FILE`.
public struct ChainFile: Sendable, Equatable {
  /// The chains; nil for all. The empty name is that of a blank chain.
  public let chains: [String]?
  /// The path of the file.
  public let path: String

  /// Takes a text apart at its first `=`, unless a file has the whole text for its name.
  public init(_ text: String) {
    guard let sign = text.firstIndex(of: "="), access(text, F_OK) != 0 else {
      (chains, path) = (nil, text)
      return
    }
    chains = Self.names(String(text[..<sign]))
    path = String(text[text.index(after: sign)...])
  }

  /// The names of chains in a list such as `A,B`.
  public static func names(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
