/** What the shared caller makes of servers that misbehave. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.http;

import org.jspecify.annotations.NullMarked;
