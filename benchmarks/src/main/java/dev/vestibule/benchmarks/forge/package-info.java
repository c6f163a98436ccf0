/**
 * Forges webhooks and counts what gets in. What a forgery means is judged by what was really signed
 * and sent, never by the verifier that is on trial.
 */
@NullMarked
package dev.vestibule.benchmarks.forge;

import org.jspecify.annotations.NullMarked;
