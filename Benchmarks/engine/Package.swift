// swift-tools-version:6.0
import PackageDescription

// What the benchmarks time: the library's training and scoring loops on packed synthetic bags, and its kernels.
let package = Package(
  name: "engine",
  dependencies: [.package(name: "millrace", path: "../..")],
  targets: [
    .target(name: "Peaks", linkerSettings: [.linkedLibrary("openblas")]),
    .executableTarget(
      name: "engine", dependencies: ["Peaks", .product(name: "MillraceCore", package: "millrace")]),
  ],
  cLanguageStandard: .c11
)
