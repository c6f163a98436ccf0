@NullMarked
package dev.vestibule.control;

import org.jspecify.annotations.NullMarked;
