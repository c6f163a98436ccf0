/** The auditor is audited: what it must see is shown to it, one mishap at a time. */
@NullMarked
package dev.vestibule.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
