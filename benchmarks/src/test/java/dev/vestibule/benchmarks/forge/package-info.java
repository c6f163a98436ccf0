/** Forgeries in the normal test run: fewer than in the bench, from the same generator. */
@NullMarked
package dev.vestibule.benchmarks.forge;

import org.jspecify.annotations.NullMarked;
