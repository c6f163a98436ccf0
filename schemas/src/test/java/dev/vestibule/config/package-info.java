/** Tests of the configuration file, its environment and the permanent key. */
@NullMarked
package dev.vestibule.config;

import org.jspecify.annotations.NullMarked;
