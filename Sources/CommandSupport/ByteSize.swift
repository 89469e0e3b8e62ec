import ArgumentParser
import Bytes

/// A number of bytes, written as a number or with K, M or G (powers of 1024).
public struct ByteSize: ExpressibleByArgument, CustomStringConvertible, Sendable {
  /// The number of bytes.
  public let bytes: Int

  /// Makes a size.
  public init(_ bytes: Int) { self.bytes = bytes }

  /// Reads a size; nil for any other text.
  public init?(argument: String) {
    var digits = argument
    var shift = 0
    switch digits.last {
    case "K", "k": shift = 10
    case "M", "m": shift = 20
    case "G", "g": shift = 30
    default: break
    }
    if shift > 0 { digits.removeLast() }
    guard let count = digits.withUTF8({ NumberText.integer($0) }), count >= 0, count <= Int.max >> (shift + 1) else {
      return nil
    }
    bytes = count << shift
  }

  /// The size with the largest unit that divides it.
  public var description: String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "K")] where bytes > 0 && bytes & ((1 << shift) - 1) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes)"
  }

  /// The default in the help.
  public var defaultValueDescription: String { description }
}
