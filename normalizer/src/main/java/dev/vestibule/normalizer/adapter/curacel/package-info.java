/**
 * Curacel Health: outcomes of check-ins at care providers. All of it is health data, so only fields
 * named here leave the adapter and the insured person appears as a keyed hash.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.curacel;

import org.jspecify.annotations.NullMarked;
