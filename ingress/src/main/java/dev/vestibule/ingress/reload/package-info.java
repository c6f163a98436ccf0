/**
 * Notices that files have changed while the ingress runs. Knows neither what is in them nor what
 * they are for.
 */
@NullMarked
package dev.vestibule.ingress.reload;

import org.jspecify.annotations.NullMarked;
