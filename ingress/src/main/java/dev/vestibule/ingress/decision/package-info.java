/**
 * Decisions about visitors who wait at the door. What they rest on is read ahead of time, so that
 * none waits for anything but its own record.
 */
@NullMarked
package dev.vestibule.ingress.decision;

import org.jspecify.annotations.NullMarked;
