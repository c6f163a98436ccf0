/** The Brivo cloud. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.brivo;

import org.jspecify.annotations.NullMarked;
