@NullMarked
package dev.vestibule.sink.slack.route;

import org.jspecify.annotations.NullMarked;
