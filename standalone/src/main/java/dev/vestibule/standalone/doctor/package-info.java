/**
 * Looks an installation over and says what is wrong, where, and what to do about it. Looks only:
 * nothing is written, neither here nor in Kafka.
 */
@NullMarked
package dev.vestibule.standalone.doctor;

import org.jspecify.annotations.NullMarked;
