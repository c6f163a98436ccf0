/**
 * The command line, and the whole installation in one JVM on an embedded broker and registry. Only
 * this package wires rooms together.
 */
@NullMarked
package dev.vestibule.standalone;

import org.jspecify.annotations.NullMarked;
