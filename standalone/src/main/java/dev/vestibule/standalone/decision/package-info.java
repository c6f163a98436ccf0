/**
 * What the commands for policies and watchlist read from their topics and write to them. Nothing is
 * written before all of it has been checked.
 */
@NullMarked
package dev.vestibule.standalone.decision;

import org.jspecify.annotations.NullMarked;
