/**
 * One contract for schema registries, run against the embedded one and against a real Apicurio
 * Registry, so that the two cannot drift apart.
 */
@NullMarked
package dev.vestibule.e2e.registry;

import org.jspecify.annotations.NullMarked;
