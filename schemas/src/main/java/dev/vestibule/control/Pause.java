package dev.vestibule.control;

/**
 * Tells all writers of one kind to stand still.
 *
 * @param id new for each pause, so that a writer can say which one it obeys
 * @param topic full name of the topic that must not be written; the normalizer and the deduper
 *     stand still as a whole
 */
public record Pause(String id, String topic) {}
