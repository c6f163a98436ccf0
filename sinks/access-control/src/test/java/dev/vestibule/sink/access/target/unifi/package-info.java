/** A console of UniFi Access. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.unifi;

import org.jspecify.annotations.NullMarked;
