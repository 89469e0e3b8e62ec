// swift-tools-version:6.0
import PackageDescription

// The modules, in the order in which data passes through them. Who may import whom is held by a test
// (Tests/HouseTests/ImportTableTests.swift).
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let modules: [(name: String, needs: [Target.Dependency])] = [
  ("Bytes", ["CDigest"]),
  ("Records", ["Bytes", "CHTSlib"]),
  ("Features", ["Bytes", "Records"]),
  ("Molecules", ["Bytes", "Records", "Features"]),
  ("Structures", ["Bytes", "Records"]),
  ("Arrays", ["Bytes"]),
  ("Bags", ["Bytes", "Records", "Features", "Arrays", "Networks"]),
  ("Tensors", ["Bytes", "Arrays", "CKernels"]),
  ("Models", ["Bytes", "Tensors", "Arrays", "Evaluation"]),
  ("Training", ["Bytes", "Models", "Tensors", "Arrays"]),
  ("Scoring", ["Bytes", "Models", "Tensors", "Arrays"]),
  ("Evaluation", ["Bytes"]),
  ("Networks", ["Bytes", "Tensors", "Evaluation"]),
  ("Ontologies", ["Bytes", "Records", "Evaluation"]),
  ("Attribution", ["Bytes", "Models", "Tensors", "Arrays", "Scoring"]),
  ("Figures", ["Bytes"]),
]

let tools: [(name: String, needs: [Target.Dependency])] = [
  ("seqfeat", ["Features"]),
  ("molfeat", ["Features", "Molecules"]),
  ("resfeat", ["Structures"]),
  ("netfeat", ["Features", "Bags", "Arrays", "Networks", "Ontologies", "Tensors", "Models", "Figures"]),
  ("pairgen", ["Features", "Bags"]),
  ("normalize", ["Features", "Arrays"]),
  (
    "mil-train",
    [
      "ModelSupport", "Features", "Bags", "Arrays", "Tensors", "Models", "Training", "Scoring", "Evaluation",
      "Figures",
    ]
  ),
  ("mil-score", ["ModelSupport", "Features", "Bags", "Arrays", "Tensors", "Models", "Scoring"]),
  ("metrics", ["Features", "Bags", "Evaluation", "Ontologies", "Figures"]),
  (
    "explain",
    ["ModelSupport", "Features", "Bags", "Arrays", "Tensors", "Models", "Scoring", "Attribution", "Figures"]
  ),
  ("docgen", []),
]

func tests(_ name: String, _ needs: [Target.Dependency], fixtures: Bool = false) -> Target {
  .testTarget(
    name: name, dependencies: needs, resources: fixtures ? [.copy("Fixtures")] : [])
}

let package = Package(
  name: "millrace",
  products: [.library(name: "MillraceCore", targets: modules.map(\.name))]
    + tools.map { .executable(name: $0.name, targets: [$0.name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CHTSlib", pkgConfig: "htslib", providers: [.apt(["libhts-dev"])]),
    .target(name: "CDigest"),
    .target(name: "CKernels"),
  ]
    + modules.map { .target(name: $0.name, dependencies: $0.needs) }
    + [
      .target(
        name: "CommandSupport", dependencies: ["Bytes", "Records", "Features", "Bags", "Arrays", argumentParser])
    ]
    + [.target(name: "ModelSupport", dependencies: ["Bytes", "Records", "Features", "Bags", "Arrays", "Models"])]
    + tools.map {
      .executableTarget(name: $0.name, dependencies: ["Bytes", "Records", "CommandSupport", argumentParser] + $0.needs)
    }
    + [
      tests("BytesTests", ["Bytes", "Workbench"]),
      tests("RecordsTests", ["Bytes", "Records", "Workbench"]),
      tests("FeaturesTests", ["Bytes", "Records", "Features", "Workbench"], fixtures: true),
      tests("MoleculesTests", ["Bytes", "Records", "Features", "Molecules", "Workbench"], fixtures: true),
      tests("StructuresTests", ["Bytes", "Records", "Structures", "Workbench"], fixtures: true),
      tests("BagsTests", ["Bytes", "Records", "Features", "Arrays", "Bags", "Workbench"], fixtures: true),
      tests("TensorsTests", ["Bytes", "Arrays", "Tensors", "CKernels"]),
      tests(
        "ModelsTests", ["Bytes", "Arrays", "Tensors", "Models", "Evaluation", "Attribution", "Workbench"], fixtures: true),
      tests(
        "TrainingTests", ["Bytes", "Arrays", "Tensors", "Models", "Training", "Scoring", "Workbench"],
        fixtures: true),
      tests("ScoringTests", ["Bytes", "Arrays", "Tensors", "Models", "Scoring"]),
      tests("EvaluationTests", ["Bytes", "Evaluation", "Workbench"], fixtures: true),
      tests("AttributionTests", ["Bytes", "Arrays", "Tensors", "Models", "Scoring", "Attribution"]),
      tests("NetworksTests", ["Bytes", "Tensors", "Networks", "Workbench"], fixtures: true),
      tests("OntologiesTests", ["Bytes", "Records", "Ontologies", "Workbench"], fixtures: true),
      tests("FiguresTests", ["Bytes", "Figures"]),
      tests(
        "LibraryTests",
        ["Bytes", "Records", "Features", "Bags", "Arrays", "Models", "Training", "Scoring", "Workbench"]),
      // What runs commands and reads the repository, for the two suites below.
      .target(name: "Workbench", path: "Tests/Workbench"),
      tests("HouseTests", ["Workbench"] + tools.map { .target(name: $0.name) }),
      .testTarget(
        name: "CommandTests", dependencies: ["Workbench"] + tools.map { .target(name: $0.name) },
        exclude: ["Cases"]),
    ],
  cLanguageStandard: .c11
)
