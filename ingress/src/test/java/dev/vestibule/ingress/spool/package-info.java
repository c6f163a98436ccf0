/** Tests of the spool: its files under crashes, and its answers while Kafka is away. */
@NullMarked
package dev.vestibule.ingress.spool;

import org.jspecify.annotations.NullMarked;
