import Bytes

/// Faults of bags: while they are built, and while they are packed for a model.
public enum BagFault: BagsFault {
  case missingIsoform(String, block: String)
  case undefinedCorrelation(String, column: String)
  case largeBag(String, instances: Int, limit: Int)
  case nothingLeft([String], hint: String?)
  case noLabel(String)
  case badWeight(Double)
  case notBinary(Double)
  case otherWidth(Int, expected: Int)
  case missingValue(feature: String, id: String)
  case tooLarge(Double, feature: String, id: String)
  case noMemory(bytes: Int)

  /// The description of the fault, with the offending value.
  public var message: String {
    switch self {
    case .nothingLeft(let reasons, _):
      "no bag is left" + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", "))
    case .missingIsoform(let id, let block): "isoform \(quoted(id)) has no features in block \(quoted(block))"
    case .undefinedCorrelation(let id, let column): "\(quoted(column)) of \(quoted(id)) is undefined"
    case .largeBag(let id, let instances, let limit): "bag \(quoted(id)) has \(instances) instances, more than \(limit)"
    case .notBinary(let label): "label \(NumberText.text(label)) is neither 0 nor 1"
    case .badWeight(let weight): "weight \(NumberText.text(weight)) is not allowed: a weight is 0 or more"
    case .noLabel(let id): "bag \(quoted(id)) has no label"
    case .otherWidth(let width, let expected): "\(width) features where \(expected) are expected"
    case .missingValue(let feature, let id): "\(quoted(id)) has no value in \(quoted(feature))"
    case .tooLarge(let value, let feature, let id):
      "\(NumberText.text(value)) in \(quoted(feature)) of \(quoted(id)) is too large for a 32-bit number"
    case .noMemory(let bytes): "no memory for \(bytes) bytes"
    }
  }

  /// The hint: an option or value that helps; nil where there is none.
  public var hint: String? {
    switch self {
    case .nothingLeft(_, let hint): hint
    case .missingValue: "--missing skip or zero: the model has no means to fill in, because it keeps no scale"
    case .missingIsoform: "--missing-isoform drop|zero"
    case .undefinedCorrelation: "--undefined zero|drop"
    case .largeBag(_, let instances, _): "--max-instances \(instances)"
    case .notBinary: "labels that are numbers need --labels number"
    case .noLabel:
      "the pairs need a column label, without NA; --negatives 1x draws negatives where all known pairs are positive"
    case .tooLarge: "normalize first"
    default: nil
    }
  }

  /// A lack of memory has the status of a failed write, all else that of bad data.
  public var code: ExitCode { if case .noMemory = self { .io } else { .data } }
}
