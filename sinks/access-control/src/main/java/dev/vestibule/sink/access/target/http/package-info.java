/**
 * What targets that speak HTTP share: one pooled caller with its limits, and what a failure means.
 * It knows no vendor.
 */
@NullMarked
package dev.vestibule.sink.access.target.http;

import org.jspecify.annotations.NullMarked;
