package dev.vestibule.control;

import org.jspecify.annotations.Nullable;

/**
 * What a writer of one kind has to obey.
 *
 * @param generation current generation of the normalized topic, from 1
 * @param pause why it must stand still, or null when it may write
 */
public record Orders(int generation, @Nullable Pause pause) {}
