/** The receiver of webhooks as others would build it. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.webhook;

import org.jspecify.annotations.NullMarked;
