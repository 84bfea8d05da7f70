// All plugins are loaded here, in one place, because those for Android must see the one for Kotlin.
// Without an Android SDK (see settings.gradle.kts) they are not even downloaded.
buildscript {
    repositories {
        google()
        mavenCentral()
    }
    dependencies {
        if (findProject(":whimbrel-android") != null) {
            classpath(libs.android.gradle)
            classpath(libs.compose.gradle)
        }
    }
}

plugins {
    alias(libs.plugins.kotlin.jvm) apply false
}

subprojects {
    group = "dev.whimbrel"
    version = providers.gradleProperty("whimbrelVersion").get()
}
