@NullMarked
package dev.vestibule.sink.slack.card;

import org.jspecify.annotations.NullMarked;
