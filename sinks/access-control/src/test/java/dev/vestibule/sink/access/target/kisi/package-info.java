/** The Kisi cloud. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.kisi;

import org.jspecify.annotations.NullMarked;
