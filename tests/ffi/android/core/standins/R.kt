// Stand-in for what the Android build generates from res/.

package dev.whimbrel.android

internal object R {
    object string {
        const val whimbrel_syncing = 1
    }
}
