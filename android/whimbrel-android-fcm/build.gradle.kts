// Pushes by Firebase. A module of its own, so that whimbrel-android needs no Play services.

plugins {
    id("com.android.library")
    `maven-publish`
}

android {
    namespace = "dev.whimbrel.android.fcm"
    compileSdk = libs.versions.android.compile.sdk.get().toInt()

    defaultConfig {
        minSdk = libs.versions.android.min.sdk.get().toInt()
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

dependencies {
    api(project(":whimbrel-android"))
    // Apps derive from the service.
    api(libs.firebase.messaging)
}

afterEvaluate {
    publishing.publications.create<MavenPublication>("library") { from(components["release"]) }
}
