import javax.inject.Inject
import org.gradle.process.ExecOperations

// The library for phones: native code for each kind of processor, and what Android asks for around
// a client. cargo-ndk (`cargo install cargo-ndk`) builds the native code.

plugins {
    id("com.android.library")
    `maven-publish`
}

/** Builds the native library for every ABI, as cargo's profile `mobile` has it. */
abstract class CargoNdk @Inject constructor(private val exec: ExecOperations) : DefaultTask() {
    @get:Input
    abstract val abis: ListProperty<String>

    @get:Input
    abstract val minSdk: Property<Int>

    @get:Internal
    abstract val workspace: DirectoryProperty

    @get:Internal
    abstract val ndk: DirectoryProperty

    @get:OutputDirectory
    abstract val libraries: DirectoryProperty

    init {
        // Cargo knows best whether anything has to be built.
        outputs.upToDateWhen { false }
    }

    @TaskAction
    fun build() {
        val targets = abis.get().flatMap { listOf("-t", it) }
        exec.exec {
            workingDir(workspace)
            environment("ANDROID_NDK_HOME", ndk.get().asFile.path)
            commandLine(
                listOf("cargo", "ndk", "-P", "${minSdk.get()}") + targets +
                    listOf("-o", libraries.get().asFile.path) +
                    listOf("build", "--locked", "--profile", "mobile") +
                    listOf("--package", "whimbrel-ffi", "--lib"),
            )
        }
    }
}

/** Checks that every library in an app loads on phones with memory pages of 16 KiB. */
abstract class CheckPageSize @Inject constructor(private val exec: ExecOperations) : DefaultTask() {
    @get:InputFiles
    abstract val libraries: ConfigurableFileCollection

    @get:InputFile
    abstract val script: RegularFileProperty

    @get:Internal
    abstract val ndk: DirectoryProperty

    @TaskAction
    fun check() {
        val readelf = ndk.get().dir("toolchains/llvm/prebuilt").asFile.listFiles().orEmpty()
            .map { it.resolve("bin/llvm-readelf") }
            .firstOrNull { it.exists() }
            ?: throw GradleException("there is no llvm-readelf in the NDK")
        val files = libraries.asFileTree.matching { include("**/*.so") }.files.map { it.path }
        val check = listOf("sh", script.get().asFile.path, readelf.path)
        exec.exec { commandLine(check + files.sorted()) }
    }
}

android {
    namespace = "dev.whimbrel.android"
    compileSdk = libs.versions.android.compile.sdk.get().toInt()
    ndkVersion = libs.versions.android.ndk.get()

    defaultConfig {
        minSdk = libs.versions.android.min.sdk.get().toInt()
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    explicitApi()
}

// The jar of JNA is for desktops. The archive for Android has the same classes and libraries for
// phones; with both in an app every class would be there twice.
val jnaAar: Configuration by configurations.creating { isTransitive = false }

dependencies {
    api(project(":whimbrel-jvm")) { exclude(group = "net.java.dev.jna", module = "jna") }
    implementation("${libs.jna.get()}@aar")
    implementation(libs.work)
    jnaAar("${libs.jna.get()}@aar")
}

val checkPageSize = tasks.register<CheckPageSize>("checkPageSize") {
    libraries.from({ jnaAar.map { zipTree(it) } })
    script = layout.projectDirectory.file("check-page-size.sh")
    ndk = androidComponents.sdkComponents.ndkDirectory
}

// A task for each variant, as the Android plugin wants it; cargo builds only once.
androidComponents.onVariants { variant ->
    val suffix = variant.name.replaceFirstChar { it.uppercase() }
    val cargoNdk = tasks.register<CargoNdk>("cargoNdk$suffix") {
        abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        minSdk = libs.versions.android.min.sdk.get().toInt()
        workspace = rootProject.layout.projectDirectory.dir("..")
        ndk = androidComponents.sdkComponents.ndkDirectory
    }
    variant.sources.jniLibs?.addGeneratedSourceDirectory(cargoNdk, CargoNdk::libraries)
    checkPageSize.configure { libraries.from(cargoNdk.flatMap { it.libraries }) }
}

tasks.named("check") { dependsOn(checkPageSize) }

afterEvaluate {
    publishing.publications.create<MavenPublication>("library") { from(components["release"]) }
}
