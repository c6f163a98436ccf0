/**
 * Brivo Access: a cloud, where a grant is a user known by an external id and put into groups.
 * Groups have no dates: the user's PIN and each credential end for themselves.
 */
@NullMarked
package dev.vestibule.sink.access.target.brivo;

import org.jspecify.annotations.NullMarked;
