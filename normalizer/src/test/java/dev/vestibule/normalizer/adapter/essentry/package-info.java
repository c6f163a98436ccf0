/** The canonical form against the published vectors. */
@NullMarked
package dev.vestibule.normalizer.adapter.essentry;

import org.jspecify.annotations.NullMarked;
