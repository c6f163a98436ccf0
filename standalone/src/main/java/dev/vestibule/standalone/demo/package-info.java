/**
 * The {@code demo} command: a whole installation in a temporary folder, a day of invented visits
 * played at it, and an account of what arrived where. Every expected number is computed from what
 * was played; the exit code says whether all of them came true.
 */
@NullMarked
package dev.vestibule.standalone.demo;

import org.jspecify.annotations.NullMarked;
