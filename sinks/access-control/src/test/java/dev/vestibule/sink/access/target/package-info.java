/**
 * What every target must do, as one set of tests over one kind of fake: a server that keeps to its
 * vendor's contract and fails on command.
 */
@NullMarked
package dev.vestibule.sink.access.target;

import org.jspecify.annotations.NullMarked;
