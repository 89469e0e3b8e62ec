import Arrays
import Bytes

/// The one feature whose order fits the training labels best: a baseline that scores carry beside those of the model.
public struct SingleFeature: Sendable, Equatable {
  /// The columns whose mean it is: one, or of a symmetric model the same feature of both partners.
  public let columns: [Int]
  /// -1 where smaller values speak for label 1, else 1.
  public let sign: Int

  /// The feature of these columns.
  public init(columns: [Int], sign: Int) { (self.columns, self.sign) = (columns, sign) }

  /// Its value in each row, greater where label 1 is likelier.
  public func values(_ x: Matrix) -> [Float] {
    let factor = Float(sign) / Float(columns.count)
    return (0..<x.rows).map { row in factor * columns.reduce(0) { $0 + x[row, $1] } }
  }

  /// The JSON object `{"columns":[3,5],"sign":-1}`.
  var json: JSON {
    .object([JSON.Member("columns", .array(columns.map(JSON.integer))), JSON.Member("sign", .integer(sign))])
  }

  /// The feature that JSON describes, of rows of `width` columns; nil where it describes none.
  init?(_ json: JSON, width: Int) {
    guard let list = json["columns"]?.array, case let columns = list.compactMap(\.int), columns.count == list.count,
      (1...2).contains(columns.count), columns.allSatisfy({ (0..<width).contains($0) }),
      let sign = json["sign"]?.int, abs(sign) == 1
    else { return nil }
    (self.columns, self.sign) = (columns, sign)
  }
}
