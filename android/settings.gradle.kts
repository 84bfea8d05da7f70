pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "whimbrel"

include(":whimbrel-jvm", ":whimbrel-testing")

// These need the Android SDK. Without one, everything else still builds.
val androidModules = listOf("whimbrel-android", "whimbrel-android-fcm", "sample")
    .filter { file("$it/build.gradle.kts").exists() }

fun androidSdk(): String? {
    val properties = java.util.Properties()
    file("local.properties").takeIf { it.exists() }?.inputStream()?.use { properties.load(it) }
    return listOfNotNull(
        properties.getProperty("sdk.dir"),
        System.getenv("ANDROID_HOME"),
        System.getenv("ANDROID_SDK_ROOT"),
    ).firstOrNull { file(it).isDirectory }
}

if (androidSdk() != null) {
    androidModules.forEach { include(":$it") }
} else if (androidModules.isNotEmpty()) {
    println("No Android SDK (ANDROID_HOME): without ${androidModules.joinToString()}.")
}
