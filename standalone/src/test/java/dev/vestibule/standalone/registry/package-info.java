/** Tests of the embedded registry: what it decides, and what it still knows after a restart. */
@NullMarked
package dev.vestibule.standalone.registry;

import org.jspecify.annotations.NullMarked;
