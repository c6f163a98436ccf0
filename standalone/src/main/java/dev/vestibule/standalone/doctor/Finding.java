package dev.vestibule.standalone.doctor;

/**
 * Something that is not as it should be. Never holds a secret.
 *
 * @param check what was looked at, e.g. {@code weak-secret}
 * @param where the setting, file, topic or address
 * @param what is wrong
 * @param remedy what to do about it
 */
public record Finding(String check, String where, String what, String remedy) {}
