@NullMarked
package dev.vestibule.sink.slack.vendor;

import org.jspecify.annotations.NullMarked;
