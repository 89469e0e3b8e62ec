import Arrays
import Bytes
import Evaluation
import Models
import Testing
import Workbench

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ModelFileTests {
  private let folder = Scratch.folder()

  private func model(_ architecture: String = "logistic", features: Int = 8) throws -> ModelFile {
    let names = (0..<features).map { "ct.a.f\($0) \"quoted\" é" }
    var genes = TrainingGenes()
    for pair in [("CRK", "ELK3"), ("CRK", "CRK"), ("É", "ELK3")] {
      genes.add(pair.0, pair.1, positive: pair.0 == "CRK")
    }
    let network = try MethodChoice(architecture).network(features: features, seed: 3)
    let card = ModelCard(
      try MethodChoice(architecture), ports: [ModelCard.Port("x", features: names)], order: .symmetric, seed: .max,
      remedy: "output bias from the class ratio", trainingData: "00ff",
      toolVersion: "0.1.0",
      threshold: 0.5, normalizer: "{\"method\":\"zscore\"}", notes: ["epochs": "12"])
    return ModelFile(card: card, models: [network], genes: genes)
  }

  private func write(_ bytes: [UInt8], _ name: String) -> String {
    let path = "\(folder)/\(name)"
    #expect(Files.write(bytes, to: path))
    return path
  }

  private func read(_ bytes: [UInt8]) -> Result<ModelFile, any Error> {
    let path = write(bytes, "m.safetensors")
    return Result { try ModelFile.read(path) }
  }

  @Test(arguments: ["idmil", "mlp", "logistic"]) func whatIsWrittenIsRead(architecture: String) throws {
    let model = try model(architecture, features: 60)
    let bytes = model.bytes()
    #expect(bytes == (try self.model(architecture, features: 60)).bytes(), "the same model has the same bytes")
    let again = try read(bytes).get()
    #expect(again == model)
    let batch = randomBags([2, 3], features: 60, seed: 1)
    let network = try MethodChoice(architecture).network(features: 60, seed: 3)
    let (got, expected) = (again.model.score(batch, Tape(threads: 1)), network.score(batch, Tape(threads: 1)))
    #expect(difference(got[.bag], expected[.bag]) < 1e-5)
    #expect(again.genes.part(of: "CRK", "É") == .seen && again.genes.part(of: "CRK", "X") == .oneUnseen)
  }

  /// Three models in one file: its score is the mean of their instance scores, pooled.
  @Test func anEnsembleIsTheMeanOfItsModels() throws {
    var file = try model("mlp", features: 5)
    file.models = try (1...3).map { try MethodChoice("mlp").network(features: 5, seed: $0) }
    let again = try read(file.bytes()).get()
    #expect(again.card.members == 3 && again.models.count == 3)
    #expect(try TensorFile(reading: write(file.bytes(), "m"))["2.hidden.weight"] != nil)
    let batch = randomBags([2, 3], features: 5, seed: 1)
    let (tape, each) = (Tape(threads: 1), file.models.map { $0.score(batch, Tape(threads: 1))[.instance] })
    let got = again.model.score(batch, tape)
    for row in 0..<5 { #expect(abs(got[.instance][row] - (each[0][row] + each[1][row] + each[2][row]) / 3) < 1e-6) }
    #expect(got[.bag][0] == max(got[.instance][0], got[.instance][1]))
    var metadata = try TensorFile(reading: write(file.bytes(), "m")).metadata
    for members in ["0", "2", "4", "1001", "03"] {
      metadata["members"] = members
      let tensors = try TensorFile(reading: write(file.bytes(), "m")).tensors
      #expect(throws: ModelError.self) { try read(TensorFile(metadata: metadata, tensors: tensors).bytes()).get() }
    }
  }

  @Test(arguments: Goal.allCases) func aForestIsKept(goal: Goal) throws {
    let leaf = { (value: Double) in Forest.Node(value: value, weight: 2) }
    let root = Forest.Node(feature: 1, threshold: 0.5, left: 1, right: 2, value: 0.5, weight: 4)
    let forest = try Forest(features: 2, trees: [[root, leaf(0.25), leaf(1)], [leaf(0.5)]])
    let card = ModelCard(
      try MethodChoice("forest:trees=2"), goal: goal, ports: [ModelCard.Port("x", features: ["f", "g"])],
      order: .ordered, seed: 1, remedy: "", trainingData: "", toolVersion: "")
    let file = ModelFile(card: card, models: [ForestModel(forest)])
    let again = try read(file.bytes()).get()
    #expect(again == file && again.card.scale == (goal == .binary ? .probability : .number))
    let batch = Batch(bags: [0, 2], x: Matrix(rows: 2, columns: 2, values: [0, 0, 0, 1]))
    let scores = again.model.score(batch, Tape(threads: 1))
    #expect(scores[.instance] == [0.375, 0.75] && scores[.bag] == [0.75] && scores.witness == [1])
    // A forest of other columns than the card names.
    var other = file
    other.card.ports = [ModelCard.Port("x", features: ["f"])]
    #expect(throws: ModelError.self) { try read(other.bytes()).get() }
  }

  /// A file of version 1: options as numbers and truth values, ports without kinds, labels in place of a goal.
  @Test func filesOfVersionOneAreRead() throws {
    let model = try model("idmil", features: 60)
    let file = try TensorFile(reading: write(model.bytes(), "whole"))
    var card = file.metadata
    (card["goal"], card["members"], card["labels"], card["format_version"]) = (nil, nil, "0,1", "1")
    card["options"] = #"{"attention":true,"dropout":0.1,"kernel":3,"last_relu":true,"modules":3}"#
    card["ports"] = card["ports"]?.replacing(#""axis":"instance","kind":"dense","#, with: "")
    #expect(try read(TensorFile(metadata: card, tensors: file.tensors).bytes()).get() == model)
    for (key, value) in [
      ("options", #"{"attention":"yes"}"#), ("options", #"{"hidden":3}"#), ("labels", "number"),
      ("options", #"{"kernel":4}"#), ("format_version", "3"),
    ] {
      var bad = card
      bad[key] = value
      #expect(throws: ModelError.self) { try read(TensorFile(metadata: bad, tensors: file.tensors).bytes()).get() }
    }
  }

  @Test func theBestSingleFeatureIsReadAndChecked() throws {
    var model = try model()
    model.card.singleFeature = SingleFeature(columns: [2, 5], sign: -1)
    #expect(try read(model.bytes()).get() == model)
    let rows = Matrix(rows: 2, columns: 8, values: (0..<16).map { Float($0 * $0) })
    #expect(model.card.singleFeature?.values(rows) == [-14.5, -134.5])
    let file = try TensorFile(reading: write(model.bytes(), "single"))
    for text in [
      "{}", #"{"columns":[],"sign":1}"#, #"{"columns":[8],"sign":1}"#, #"{"columns":[-1],"sign":1}"#,
      #"{"columns":[1,2,3],"sign":1}"#, #"{"columns":["x"],"sign":1}"#, #"{"columns":[1],"sign":0}"#, "1",
    ] {
      var bad = file.metadata
      bad["best_feature"] = text
      #expect(throws: ModelError.self, "\(text)") {
        try read(TensorFile(metadata: bad, tensors: file.tensors).bytes()).get()
      }
    }
  }

  /// A calibrated model is version 3, which older tools refuse; one without is version 2 as before.
  @Test func calibrationsAreReadAndChecked() throws {
    #expect(try TensorFile(reading: write(model().bytes(), "plain")).metadata["format_version"] == "2")
    let rules = [
      Calibration.platt(a: -1.25, b: 0.1), .isotonic(scores: [-2, -0.5, 3], values: [0, 0.25, 1]),
    ]
    for rule in rules {
      var model = try model()
      model.card.calibration = rule
      #expect(try read(model.bytes()).get() == model)
      let scale = CalibratedScale(model.card.scale, try read(model.bytes()).get().card.calibration)
      #expect(scale.score(-0.5) == rule.probability(-0.5) && scale.logit(-0.5) == -0.5)
      let file = try TensorFile(reading: write(model.bytes(), "calibrated"))
      for (key, value) in [
        ("format_version", "2"), ("goal", "number"), ("calibration", "{}"), ("calibration", "{\"method\":\"platt\"}"),
        ("calibration", "{\"method\":\"platt\",\"a\":1,\"b\":0}"),
        ("calibration", "{\"method\":\"isotonic\",\"scores\":[],\"values\":[]}"),
        ("calibration", "{\"method\":\"isotonic\",\"scores\":[1],\"values\":[0,1]}"),
        ("calibration", "{\"method\":\"isotonic\",\"scores\":[1,1],\"values\":[0,1]}"),
        ("calibration", "{\"method\":\"isotonic\",\"scores\":[0,1],\"values\":[1,0]}"),
        ("calibration", "{\"method\":\"isotonic\",\"scores\":[0,1],\"values\":[0,2]}"),
      ] {
        var bad = file.metadata
        bad[key] = value
        let outcome = read(TensorFile(metadata: bad, tensors: file.tensors).bytes())
        #expect(throws: ModelError.self, "\(key) \(value)") { try outcome.get() }
      }
      var without = file.metadata
      without["calibration"] = nil
      #expect(throws: ModelError.self) { try read(TensorFile(metadata: without, tensors: file.tensors).bytes()).get() }
    }
  }

  @Test func baselineIsTheProductOfTheRates() throws {
    let genes = try model().genes
    // CRK: 2 of 2 positive, ELK3: 1 of 2; all: 2 of 3.
    let (crk, elk3) = ((2 + 2.0 / 3) / 3, (1 + 2.0 / 3) / 3)
    #expect(abs(genes.baseline(of: "CRK", "ELK3") - crk * elk3) < 1e-15)
    #expect(abs(genes.baseline(of: "new", "CRK") - crk * 2 / 3) < 1e-15)
  }

  @Test func everyCutAndChangeIsRefused() throws {
    let model = try model()
    let bytes = model.bytes()
    for count in bytes.indices { #expect(throws: (any Error).self) { try read(Array(bytes[..<count])).get() } }
    var mutations = Mutations(of: bytes, seed: 1)
    for _ in 0..<10_000 {
      if case .success(let accepted) = read(mutations.next()) { #expect(accepted == model) }
    }
  }

  @Test func whatTheArchitectureDoesNotHaveIsRefused() throws {
    let model = try model()
    let file = try TensorFile(reading: write(model.bytes(), "whole.safetensors"))
    func refused(_ metadata: [String: String], _ tensors: [TensorFile.Tensor]) -> String {
      guard case .failure(let error) = read(TensorFile(metadata: metadata, tensors: tensors).bytes()) else { return "" }
      return (error as? ModelError)?.diagnostic.message ?? ""
    }
    for key in file.metadata.keys where !["content_sha256", "normalizer", "note.epochs"].contains(key) {
      var less = file.metadata
      less[key] = nil
      #expect(refused(less, file.tensors).contains(key))
      less[key] = "?"
      let free = ["remedy", "training_data", "tool_version"].contains(key)
      #expect(refused(less, file.tensors).isEmpty == free)
    }
    #expect(refused(file.metadata, Array(file.tensors.dropLast())).contains("is missing"))
    let extra = TensorFile.Tensor("extra", .f32, [1], [Float(1)])
    #expect(refused(file.metadata, file.tensors + [extra]).contains("'extra'"))
    for bad in [Float.nan, .infinity] {
      let weight = TensorFile.Tensor("output.weight", .f32, [1, 8], [Float](repeating: bad, count: 8))
      #expect(
        refused(file.metadata, file.tensors.filter { $0.name != weight.name } + [weight]).contains("no model can have"))
    }
    let turned = TensorFile.Tensor("output.weight", .f32, [8, 1], [Float](repeating: 0, count: 8))
    #expect(
      refused(file.metadata, file.tensors.filter { $0.name != turned.name } + [turned]).contains("not F32 [1, 8]"))
    var huge = file.metadata
    huge["architecture"] = "mlp"
    huge["options"] = "{\"hidden\":\"65536\",\"dropout\":\"0.1\"}"
    #expect(refused(huge, file.tensors).contains("is missing"))
  }

  @Test func valuesInStringsOfTheCardAreCountedBeforeTheyAreMade() throws {
    let many = "[" + String(repeating: "0,", count: 600_000) + "0]"
    for (key, text, reason) in [
      ("ports", "{\"x\":{\"digest\":\"\",\"features\":\(many)}}", "bad ports"),
      ("options", "{\"hidden\":\(many)}", "bad options"), ("normalizer", many, "too many values"),
    ] {
      let file = try TensorFile(reading: write(try model().bytes(), "m"))
      var card = file.metadata
      card[key] = text
      guard case .failure(let error) = read(TensorFile(metadata: card, tensors: file.tensors).bytes()) else {
        Issue.record("accepted: \(key)")
        continue
      }
      #expect((error as? ModelError)?.diagnostic.message.contains(reason) == true, "\(error)")
    }
  }

  @Test func hostileHeadersAreRefused() throws {
    func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8) + data
    }
    let one = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}"
    let four: [UInt8] = [0, 0, 0, 0]
    let cases: [([UInt8], String)] = [
      ([], "0 bytes"), ([1, 0, 0, 0, 0, 0, 0], "7 bytes"),
      ([0, 0, 0, 0, 0, 0, 0, 0x80, 0x7B, 0x7D], "header of 9223372036854775808"),
      ([255, 255, 255, 255, 255, 255, 255, 255, 0x7B, 0x7D], "header of 18446744073709551615"),
      ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "header of 3"), ([0, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "'{'"),
      (file(" {\(one)}", four), "'{'"), (file("{\(one),\(one)}", four), "strict JSON"),
      (file("{\(one),}", four), "strict JSON"), (file("{\"a\":[[[[1]]]]}"), "strict JSON"),
      (file("{\(one)}"), "0 follow"), (file("{\(one)}", four + [1]), "5 follow"),
      (file("{\(one)}", four), "metadata lacks"),
      (file("{\(one),\(one.replacing("\"a\"", with: "\"b\""))}", four + four), "overlaps"),
      (file("{\(one.replacing("[0,4]", with: "[4,8]"))}", four + four), "hole"),
      (file("{\(one.replacing("[1]", with: "[-1]"))}", four), "shape"),
      (file("{\(one.replacing("[1]", with: "[4294967296,4294967296]"))}", four), "shape"),
      (
        file("{\(one.replacing("[1],", with: "[0,18446744073709551615],").replacing("[0,4]", with: "[0,0]"))}"),
        "shape"
      ),
      (file("{\(one.replacing("[1]", with: "[1.0]"))}", four), "shape"),
      (file("{\(one.replacing("F32", with: "F16"))}", four), "not F32"),
      (file("{\(one.replacing("}", with: ",\"more\":1}"))}", four), "no more"),
      (file("{\(one.replacing("\"a\"", with: "\"a/../b\""))}", four), "names a tensor"),
      (file("{\"__metadata__\":{\"k\":1},\(one)}", four), "not a string"),
      (file("{\"a\":[0\(String(repeating: ",0", count: 70000))]}"), "too many values"),
    ]
    for (bytes, reason) in cases {
      guard case .failure(let error) = read(bytes) else {
        Issue.record("accepted: \(reason)")
        continue
      }
      let message = (error as? ModelError)?.diagnostic.message ?? "\(error)"
      #expect(message.contains(reason), "\(message) should say \(reason)")
    }
    #expect(throws: ModelError.self) { try ModelFile.read("/dev/null") }
    #expect(throws: IOFailure.self) { try ModelFile.read("\(folder)/none") }
    #expect(throws: IOFailure.self) { try ModelFile.read(folder) }
  }

  /// Needs a `python3` with the packages safetensors and numpy.
  @Test(.enabled(if: output("python3 -c 'import safetensors.numpy'") != nil, "python3 with safetensors and numpy"))
  func thePythonPackageReadsAndWritesTheSame() throws {
    let model = try model("idmil", features: 60)
    let (ours, theirs) = (write(model.bytes(), "ours.safetensors"), "\(folder)/theirs.safetensors")
    let script = """
      import hashlib, sys
      from safetensors import safe_open
      from safetensors.numpy import load_file, save_file
      tensors = load_file(sys.argv[1])
      for name in sorted(tensors):
          value = tensors[name]
          print(name, value.dtype.str, list(value.shape), hashlib.sha256(value.tobytes()).hexdigest())
      with safe_open(sys.argv[1], 'np') as file:
          save_file(tensors, sys.argv[2], file.metadata())
      """
    let path = write(Array(script.utf8), "copy.py")
    let seen = try #require(output("python3 \(path) \(ours) \(theirs)"))
    let types: [TensorFile.Element: String] = [.f32: "<f4", .f64: "<f8", .i64: "<i8", .u64: "<u8"]
    let expected = try TensorFile(reading: ours).tensors.map { tensor in
      var digest = SHA256()
      digest.update(tensor.bytes)
      return "\(tensor.name) \(types[tensor.element] ?? "") \(tensor.shape) \(SHA256.hex(digest.finish()))\n"
    }
    #expect(seen == expected.joined())
    #expect(try ModelFile.read(theirs) == model)
  }
}

/// The output of a command; nil when it fails.
private func output(_ command: String) -> String? {
  guard let pipe = popen("\(command) 2>/dev/null", "r") else { return nil }
  var (text, block) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
  while true {
    let count = fread(&block, 1, block.count, pipe)
    if count == 0 { break }
    text += block[..<count]
  }
  return pclose(pipe) == 0 ? String(decoding: text, as: UTF8.self) : nil
}
