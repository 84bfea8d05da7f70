package dev.whimbrel.android

import android.app.Activity
import android.app.Application
import android.os.Bundle
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** Whether a screen of the app is on the display, or about to be. */
internal class Visibility : Application.ActivityLifecycleCallbacks {
    private val showing = mutableSetOf<Activity>()
    private val mutableIsVisible = MutableStateFlow(false)

    val isVisible: StateFlow<Boolean> = mutableIsVisible.asStateFlow()

    // From its making on, so that its first query already meets a running client.
    override fun onActivityCreated(activity: Activity, state: Bundle?): Unit = show(activity)

    override fun onActivityStarted(activity: Activity): Unit = show(activity)

    override fun onActivityStopped(activity: Activity): Unit = hide(activity)

    // One that ends while it is made is never stopped.
    override fun onActivityDestroyed(activity: Activity): Unit = hide(activity)

    override fun onActivityResumed(activity: Activity): Unit = Unit

    override fun onActivityPaused(activity: Activity): Unit = Unit

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle): Unit = Unit

    private fun show(activity: Activity) {
        showing += activity
        mutableIsVisible.value = true
    }

    private fun hide(activity: Activity) {
        showing -= activity
        mutableIsVisible.value = showing.isNotEmpty()
    }
}
