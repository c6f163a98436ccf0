/**
 * Measurements across rooms, run by {@code ./vestibule bench NAME}; never shipped. Figures are
 * ratios within one run wherever they can be, since machines differ and are shared.
 */
@NullMarked
package dev.vestibule.benchmarks;

import org.jspecify.annotations.NullMarked;
