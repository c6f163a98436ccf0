/** Tests of dead letters; see the package of the same name. */
@NullMarked
package dev.vestibule.standalone.deadletters;

import org.jspecify.annotations.NullMarked;
