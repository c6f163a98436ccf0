/** What all adapters share, by itself. */
@NullMarked
package dev.vestibule.normalizer.adapter;

import org.jspecify.annotations.NullMarked;
