/**
 * essentry: snapshots of check-ins and access credentials without event id, version or time. A
 * snapshot yields the facts it proves (arrival, departure) and one event for its state.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.essentry;

import org.jspecify.annotations.NullMarked;
