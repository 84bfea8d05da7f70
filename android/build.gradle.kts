plugins {
    alias(libs.plugins.kotlin.jvm) apply false
}

subprojects {
    group = "dev.whimbrel"
    version = providers.gradleProperty("whimbrelVersion").get()
}
