/**
 * Sign In App: arrivals and departures of visitors and staff. The customer's own questions travel
 * under their texts and are mapped only where the source says so.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.signinapp;

import org.jspecify.annotations.NullMarked;
