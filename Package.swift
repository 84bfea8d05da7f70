// swift-tools-version: 6.0
//
// The Swift package of Whimbrel. It stands at the root, because Swift packages are fetched by
// repository; everything that it names is in ios/.

import PackageDescription

// Apple platforms link a static library that `cargo xtask ios` builds. On Linux, where this
// package is tested, the library comes from `cargo build`: `cargo xtask test` says where it is.
#if os(Linux)
    let ffi = Target.systemLibrary(name: "WhimbrelFFI", path: "ios/Sources/WhimbrelFFI")
#else
    let ffi = Target.binaryTarget(name: "WhimbrelFFI", path: "ios/WhimbrelFFI.xcframework")
#endif

let package = Package(
    name: "whimbrel",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "Whimbrel", targets: ["Whimbrel"]),
        .library(name: "WhimbrelNotifications", targets: ["WhimbrelNotifications"]),
        .library(name: "WhimbrelTesting", targets: ["WhimbrelTesting"]),
    ],
    targets: [
        ffi,
        .target(
            name: "WhimbrelBindings",
            dependencies: ["WhimbrelFFI"],
            path: "ios/Sources/WhimbrelBindings",
            // The generated code does not compile in Swift 6 mode.
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: [.linkedLibrary("whimbrel_ffi", .when(platforms: [.linux]))]
        ),
        .target(
            name: "Whimbrel",
            dependencies: ["WhimbrelBindings"],
            path: "ios/Sources/Whimbrel",
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .target(
            name: "WhimbrelNotifications",
            dependencies: ["Whimbrel"],
            path: "ios/Sources/WhimbrelNotifications"
        ),
        .target(
            name: "WhimbrelTesting",
            dependencies: ["Whimbrel"],
            path: "ios/Sources/WhimbrelTesting"
        ),
        .executableTarget(
            name: "whimbrel-probe",
            dependencies: ["Whimbrel"],
            path: "ios/Tests/Probe"
        ),
        .testTarget(
            name: "WhimbrelTests",
            dependencies: ["Whimbrel", "WhimbrelBindings", "WhimbrelTesting", "whimbrel-probe"],
            path: "ios/Tests/WhimbrelTests"
        ),
    ],
    swiftLanguageModes: [.v6]
)
