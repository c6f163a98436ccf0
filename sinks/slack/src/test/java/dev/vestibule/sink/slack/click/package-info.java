@NullMarked
package dev.vestibule.sink.slack.click;

import org.jspecify.annotations.NullMarked;
