// A small chat app, to copy from. Its release build is minified: it also tries the rules for R8.

plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.plugin.compose")
}

android {
    namespace = "dev.whimbrel.sample"
    compileSdk = libs.versions.android.compile.sdk.get().toInt()

    defaultConfig {
        applicationId = "dev.whimbrel.sample"
        minSdk = libs.versions.android.min.sdk.get().toInt()
        targetSdk = libs.versions.android.compile.sdk.get().toInt()
        versionCode = 1
        versionName = "1"

        // An emulator reaches the computer that it runs on at 10.0.2.2.
        val server = providers.gradleProperty("whimbrelServer").orElse("https://10.0.2.2:8443")
        val fingerprint = providers.gradleProperty("whimbrelFingerprint").orElse("")
        buildConfigField("String", "SERVER", "\"${server.get()}\"")
        buildConfigField("String", "FINGERPRINT", "\"${fingerprint.get()}\"")
    }
    buildFeatures {
        compose = true
        buildConfig = true
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
            // For trying it only; an app has a key of its own.
            signingConfig = signingConfigs.getByName("debug")
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    implementation(project(":whimbrel-android"))
    implementation(project(":whimbrel-android-fcm"))
    implementation(platform(libs.compose.bom))
    implementation(libs.compose.material3)
    implementation(libs.activity.compose)
}
