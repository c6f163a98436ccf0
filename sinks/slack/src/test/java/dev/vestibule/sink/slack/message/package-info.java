@NullMarked
package dev.vestibule.sink.slack.message;

import org.jspecify.annotations.NullMarked;
