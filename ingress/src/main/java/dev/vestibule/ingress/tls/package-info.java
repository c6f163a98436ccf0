/**
 * The certificates of the public port, read from PEM files and exchanged while connections are
 * open. Knows TLS and Micronaut's way to be given certificates, not webhooks.
 */
@NullMarked
package dev.vestibule.ingress.tls;

import org.jspecify.annotations.NullMarked;
