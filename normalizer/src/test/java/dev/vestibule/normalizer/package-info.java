/** Scenarios, hostile bodies and the topology. Scenario files pin keys and event ids. */
@NullMarked
package dev.vestibule.normalizer;

import org.jspecify.annotations.NullMarked;
