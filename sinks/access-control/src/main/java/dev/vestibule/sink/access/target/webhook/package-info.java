/**
 * Any other system, reached by signed webhooks as Standard Webhooks 1.0.0 lays them down. It can be
 * told what shall be, and cannot be asked what is.
 */
@NullMarked
package dev.vestibule.sink.access.target.webhook;

import org.jspecify.annotations.NullMarked;
