// Stand-in for what the Android build generates from res/.

package dev.whimbrel.android.fcm

internal object R {
    object string {
        const val whimbrel_messages = 1
        const val whimbrel_new_message = 2
        const val whimbrel_me = 3
    }
}
