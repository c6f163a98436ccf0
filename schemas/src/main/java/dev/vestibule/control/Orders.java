package dev.vestibule.control;

import dev.vestibule.contract.Generation;
import org.jspecify.annotations.Nullable;

/**
 * What a writer of one kind has to obey.
 *
 * @param generation current generation of the normalized topic
 * @param pause why it must stand still, or null when it may write
 */
public record Orders(Generation generation, @Nullable Pause pause) {}
