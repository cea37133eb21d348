// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "WearLink",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "WearLink", targets: ["WearLink"]),
        .library(name: "WearLinkCore", targets: ["WearLinkCore"]),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Everything that knows nothing of HealthKit: builds and is tested on Linux too.
        .target(name: "WearLinkCore", dependencies: ["CZlib"]),
        // HealthKit; empty elsewhere than on iOS.
        .target(name: "WearLink", dependencies: ["WearLinkCore"]),
        .testTarget(name: "WearLinkCoreTests", dependencies: ["WearLinkCore", "CZlib"], resources: [.copy("Fixtures")]),
    ]
)
