import org.jetbrains.kotlin.gradle.dsl.JvmTarget
import org.jetbrains.kotlin.gradle.tasks.KotlinCompile

// The library for the JVM: what UniFFI generates (src/generated), and the façade that apps use
// (src/main), in one jar. It has no Android classes, so that app teams can test without a phone.
// The native library itself comes from elsewhere: from the AAR on Android, from
// `jna.library.path` on a desktop.

plugins {
    alias(libs.plugins.kotlin.jvm)
    `java-library`
    `maven-publish`
}

val generated: SourceSet by sourceSets.creating

dependencies {
    "generatedImplementation"(libs.coroutines.core)
    "generatedImplementation"(libs.jna)

    compileOnly(generated.output)
    api(libs.coroutines.core)
    implementation(libs.jna)
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
    withSourcesJar()
}

tasks.withType<KotlinCompile>().configureEach {
    compilerOptions.jvmTarget = JvmTarget.JVM_17
}

tasks.named<KotlinCompile>("compileKotlin") {
    compilerOptions {
        allWarningsAsErrors = true
        freeCompilerArgs.add("-Xexplicit-api=strict")
    }
}

tasks.named<KotlinCompile>("compileGeneratedKotlin") {
    compilerOptions.suppressWarnings = true
}

tasks.named<Jar>("jar") {
    from(generated.output)
}

publishing {
    publications.create<MavenPublication>("library") {
        from(components["java"])
    }
}
