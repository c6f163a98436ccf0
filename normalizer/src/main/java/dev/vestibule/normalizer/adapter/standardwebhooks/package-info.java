/**
 * Any sender that follows the Standard Webhooks specification. What its events mean is told by the
 * source's mapping; without one they pass as {@code OTHER}.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.standardwebhooks;

import org.jspecify.annotations.NullMarked;
