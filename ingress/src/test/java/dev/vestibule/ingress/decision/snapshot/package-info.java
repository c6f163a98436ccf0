/** Tests of the snapshots. */
@NullMarked
package dev.vestibule.ingress.decision.snapshot;

import org.jspecify.annotations.NullMarked;
