/**
 * UniFi Access: a console on the premises, where a grant is a visitor with a window. Its API has no
 * key of ours, so the remarks carry it.
 */
@NullMarked
package dev.vestibule.sink.access.target.unifi;

import org.jspecify.annotations.NullMarked;
