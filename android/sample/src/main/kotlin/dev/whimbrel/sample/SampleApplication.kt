package dev.whimbrel.sample

import android.app.Application
import dev.whimbrel.android.AndroidOptions
import dev.whimbrel.android.LogcatSink
import dev.whimbrel.android.WhimbrelAndroid

/** All that an app has to do before it can use the client. */
class SampleApplication : Application() {
    override fun onCreate() {
        super.onCreate()
        WhimbrelAndroid.install(
            this,
            AndroidOptions(
                server = BuildConfig.SERVER,
                pinnedFingerprint = BuildConfig.FINGERPRINT.ifEmpty { null },
                logSink = LogcatSink(),
            ),
        )
    }
}
