package dev.vestibule.sink.access.target;

/**
 * How hard a target may be driven, counted in HTTP calls; one grant or revoke is several.
 *
 * @param parallelCalls calls under way at once, at most
 * @param callsPerSecond calls begun in a second, at most; 0 where there is no limit
 */
public record Allowance(int parallelCalls, int callsPerSecond) {}
