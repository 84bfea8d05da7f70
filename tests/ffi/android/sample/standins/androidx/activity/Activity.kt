// Stand-in for the part of androidx.activity that is used, written by hand from its documentation.
// A use that does not fit it is found; an error in it is not. It does nothing.

package androidx.activity

import android.app.Activity

open class ComponentActivity : Activity()
