// Stand-in for what the Android build generates from build.gradle.kts.

package dev.whimbrel.sample

internal object BuildConfig {
    const val SERVER = "https://localhost"
    const val FINGERPRINT = ""
}
