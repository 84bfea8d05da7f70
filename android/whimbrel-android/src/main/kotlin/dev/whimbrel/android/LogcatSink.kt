package dev.whimbrel.android

import android.util.Log
import dev.whimbrel.LogLevel
import dev.whimbrel.LogRecord
import dev.whimbrel.LogSink

private const val TAG = "Whimbrel"

/** Writes log lines where `adb logcat` shows them. They hold no content, name, key or token. */
public class LogcatSink : LogSink {
    override fun log(record: LogRecord) {
        val priority = when (record.level) {
            LogLevel.INFO -> Log.INFO
            LogLevel.WARNING -> Log.WARN
            LogLevel.ERROR -> Log.ERROR
        }
        Log.println(priority, TAG, record.text)
    }
}
