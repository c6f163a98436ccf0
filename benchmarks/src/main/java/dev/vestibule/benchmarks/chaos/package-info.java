/**
 * Exactly-once under fire: services and broker in processes of their own, which are killed, frozen
 * and robbed of their disks while webhooks come in. An audit of the topics says afterwards what was
 * lost, doubled or swapped.
 */
@NullMarked
package dev.vestibule.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
