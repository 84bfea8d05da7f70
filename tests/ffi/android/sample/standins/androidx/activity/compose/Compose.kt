// Stand-ins for the part of androidx.activity.compose that is used; see ComponentActivity.

package androidx.activity.compose

import androidx.activity.ComponentActivity
import androidx.compose.runtime.Composable

@Suppress("UNUSED_PARAMETER")
fun ComponentActivity.setContent(content: @Composable () -> Unit): Unit = Unit

@Composable
@Suppress("UNUSED_PARAMETER")
fun BackHandler(enabled: Boolean, onBack: () -> Unit): Unit = Unit
