import CommandSupport
import Records
import Scoring
import Tensors

/// Which lines are written: those with a score high enough at once, or of them the best at the end.
final class ScoreSelection {
  private let writer: TableWriter
  private let least: Double?
  private var best: Best<[Field]>?
  private var low = 0

  /// Lines go to `writer`; without `least` and `top` all of them do.
  init(_ writer: TableWriter, least: Double?, top: Int?) {
    (self.writer, self.least) = (writer, least)
    best = top.map { Best($0) }
  }

  /// Takes the line of a logit, which is made only if it is written or may be one of the best.
  func take(_ logit: Float, _ line: @autoclosure () throws -> [Field]) throws {
    // The number that is written is compared.
    if let least, !(sigmoid(Double(logit)) >= least) {
      low += 1
      return
    }
    if best == nil { try writer.write(line()) } else { try best?.offer(logit, line()) }
  }

  /// Writes what waits, and says what was left out.
  func finish(_ unit: Level, _ context: ToolContext) throws {
    for line in best?.elements ?? [] { try writer.write(line) }
    func units(_ count: Int) -> String { count == 1 ? unit.rawValue : unit.rawValue + "s" }
    context.note("\(units(low)) with a score below --min-score left out", count: low)
    guard let best else { return }
    let more = max(0, best.seen - best.most)
    context.note("\(units(more)) beyond the --top \(best.most) left out", count: more)
  }
}
