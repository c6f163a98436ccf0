/**
 * The one configuration file of an installation, as typed values. Every service reads the same file
 * and takes what it needs, so that a source means the same thing in every room.
 */
@NullMarked
package dev.vestibule.config;

import org.jspecify.annotations.NullMarked;
