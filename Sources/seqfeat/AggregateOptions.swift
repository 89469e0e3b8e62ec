import ArgumentParser
import CommandSupport
import Features
import Records

extension Grouping.Unmapped: ExpressibleByArgument {}

/// Means over groups of records in place of the records.
struct AggregateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the mean of each group of records: prefix:SEP groups ids by what stands before SEP, map:FILE by a table.",
      valueName: "rule"))
  var aggregate: String?

  @Option(
    help: "An id without a group: an error, left out, or its own group; if not given, keep with prefix, error with map."
  )
  var unmapped: Grouping.Unmapped?

  /// The file of the map; nil for another rule.
  var map: String? {
    guard let aggregate, aggregate.hasPrefix("map:") else { return nil }
    return String(aggregate.dropFirst("map:".count))
  }

  /// The grouping of ids, nil without `--aggregate`; throws a usage error, and what is wrong with the map.
  func grouping() throws -> Grouping? {
    guard let aggregate else {
      try ToolFailure.refuse([("--unmapped", unmapped != nil)], without: "--aggregate")
      return nil
    }
    if let map, !map.isEmpty { return Grouping(try GroupMap(reading: Input.open(map)), unmapped: unmapped ?? .error) }
    let prefix = "prefix:"
    guard aggregate.hasPrefix(prefix), aggregate.utf8.count > prefix.utf8.count else {
      throw ToolFailure.usage(
        "--aggregate '\(aggregate)' is no rule", hint: "--aggregate 'prefix:|', or --aggregate map:FILE")
    }
    return Grouping(prefix: String(aggregate.dropFirst(prefix.count)), unmapped: unmapped ?? .keep)
  }

  /// Says at the end how many records became how many rows.
  func note(_ counts: FeatureStream.Counts, _ context: ToolContext) {
    context.note("records in \(counts.groups) groups (--aggregate \(aggregate ?? ""))", count: counts.written)
    context.note(
      (unmapped ?? .keep) == .drop
        ? "records with an id that names no group, left out (--unmapped drop)"
        : "records with an id that names no group: the id is taken for it (--unmapped keep)",
      count: counts.ungrouped)
  }
}
