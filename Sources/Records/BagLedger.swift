import Bytes

/// The ids of the bags that a stream has had, to refuse one that comes a second time; checked for the first million
/// ids.
public struct BagLedger {
  private static let limit = 1_000_000
  private var slots: [UInt64] = []
  private var count = 0
  private var hasWarned = false
  private var last: String?

  /// An empty ledger.
  public init() {}

  /// Enters the id of a bag.
  /// - Parameters:
  ///   - hint: what to type against a second bag of the same id.
  ///   - report: takes one warning, once ids are no longer checked.
  /// - Throws: a `RecordError` for an id that was entered before.
  public mutating func enter(
    _ bag: String, at place: SourceLocation, hint: String = "the rows of a bag must be adjacent: sort the file by bag",
    report: (Diagnostic) -> Void
  ) throws {
    func repeated() -> RecordError {
      RecordError(.bag, "bag \(Diagnostic.quoted(bag)) is repeated", at: place, hint: hint)
    }
    if last == bag { throw repeated() }
    last = bag
    guard count < BagLedger.limit else {
      if !hasWarned {
        hasWarned = true
        report(Diagnostic(.data, "more than 1,000,000 bags: a bag that comes back is no longer noticed", at: place))
      }
      return
    }
    if (count + 1) * 2 > slots.count { grow() }
    var hasher = Hasher()
    var name = bag
    name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // 64 bits for at most a million ids: two of them meet by chance once in 3·10^7 such streams.
    let key = UInt64(bitPattern: Int64(hasher.finalize())) | 1
    if !insert(key) { throw repeated() }
    count += 1
  }

  private mutating func insert(_ key: UInt64) -> Bool {
    let mask = slots.count - 1
    var i = Int(truncatingIfNeeded: key >> 20) & mask
    while slots[i] != 0 {
      if slots[i] == key { return false }
      i = (i + 1) & mask
    }
    slots[i] = key
    return true
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(64, old.count * 2))
    for key in old where key != 0 { _ = insert(key) }
  }
}
