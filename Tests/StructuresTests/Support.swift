import Bytes
import Records
import Structures
import Testing
import Workbench

/// The files of these tests, and the full data outside the repository.
enum Fixtures {
  static let folder = Repository.root + "/Tests/StructuresTests/Fixtures/"
  static let shared = Shared.root.map { $0 + "/data/interface/" }.flatMap { Files.isFolder($0) ? $0 : nil }

  /// The fields of a table, gzip or plain, without its header.
  static func rows(_ path: String) throws -> [[String]] {
    let lines = LineReader(try Input.open(path))
    _ = try lines.next()
    var rows: [[String]] = []
    while let line = try lines.next() {
      rows.append(
        String(decoding: line, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
    }
    return rows
  }
}

/// Reads a structure from text.
func structure(
  _ text: String, _ options: StructureOptions = StructureOptions(), warn: (Diagnostic) -> Void = { _ in }
) throws -> Structure {
  try StructureReader.read(MemorySource(text, name: "s.pdb"), id: "s", options: options, warn: warn)
}

/// The message, place and hint of the error that a reading ends with; `accepted` without one.
func fault(_ text: String, _ options: StructureOptions = StructureOptions()) -> String {
  do {
    _ = try structure(text, options)
    return "accepted"
  } catch let error as StructureError {
    return error.diagnostic.text(tool: "t")
  } catch {
    return "another error: \(error)"
  }
}

/// A line of an atom in the columns of the PDB format.
func atom(
  _ name: String, _ residue: String = "GLY", _ number: Int = 1, chain: String = "A", insertion: String = " ",
  alternate: String = " ", at position: (Double, Double, Double) = (0, 0, 0), hetero: Bool = false,
  element: String = ""
) -> String {
  func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
  func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
  let place = [position.0, position.1, position.2].map { right(NumberText.fixed($0, digits: 3), 8) }.joined()
  let named = left(name.count < 4 && name.first?.isLetter == true ? " " + name : name, 4)
  return (hetero ? "HETATM" : "ATOM  ") + right("1", 5) + " " + named + alternate + right(residue, 3)
    + right(chain, 2) + right(String(number), 4) + insertion + "   " + place + "  1.00 20.00" + right("", 10)
    + right(element, 2) + "\n"
}

/// A line of an atom of a glycine in chain A.
func atom(_ name: String, _ number: Int, at position: (Double, Double, Double) = (0, 0, 0)) -> String {
  atom(name, "GLY", number, at: position)
}

/// A structure turned and shifted as a whole.
func moved(_ structure: Structure, seed: Double = 1) -> Structure {
  // A rotation from a quaternion, which need not be of length 1.
  let (w, i, j, k) = (0.3 + seed, -0.7 * seed, 0.55, 0.2 - seed)
  let s = 2 / (w * w + i * i + j * j + k * k)
  var result = structure
  for number in result.atoms.indices {
    let p = result.atoms[number].position
    result.atoms[number].position = Point(
      (1 - s * (j * j + k * k)) * p.x + s * (i * j - k * w) * p.y + s * (i * k + j * w) * p.z + 31.7,
      s * (i * j + k * w) * p.x + (1 - s * (i * i + k * k)) * p.y + s * (j * k - i * w) * p.z - 12.9,
      s * (i * k - j * w) * p.x + s * (j * k + i * w) * p.y + (1 - s * (i * i + j * j)) * p.z + 480.3)
  }
  return result
}
