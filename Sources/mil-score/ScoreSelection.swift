import CommandSupport
import Models
import Records
import Scoring

/// Chooses the lines that are written: those with a high enough score as they come, or the k best of them at the end.
final class ScoreSelection {
  private let writer: TableWriter
  private let least: Double?
  private var best: TopK<[Field]>?
  private var low = 0

  /// Writes lines to `writer`; all of them without `least` and `top`.
  init(_ writer: TableWriter, least: Double?, top: Int?) {
    (self.writer, self.least) = (writer, least)
    best = top.map { TopK($0) }
  }

  /// Takes a line by its output on a scale; the closure that makes the line is called only if it may be written.
  func take(_ output: Float, _ scale: CalibratedScale, _ line: @autoclosure () throws -> [Field]) throws {
    // Compares the score as it is written.
    if let least, !(scale.score(output) >= least) {
      low += 1
      return
    }
    if best == nil { try writer.write(line()) } else { try best?.offer(output, line()) }
  }

  /// Writes the lines that were kept, and reports how many were left out.
  func finish(_ unit: String, _ context: ToolContext) throws {
    for line in best?.elements ?? [] { try writer.write(line) }
    func units(_ count: Int) -> String { count == 1 ? unit : unit + "s" }
    context.note("\(units(low)) with a score below --min-score left out", count: low)
    guard let best else { return }
    let more = max(0, best.seen - best.most)
    context.note("\(units(more)) beyond the --top \(best.most) left out", count: more)
  }
}
