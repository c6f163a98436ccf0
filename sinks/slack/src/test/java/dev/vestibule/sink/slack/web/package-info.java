@NullMarked
package dev.vestibule.sink.slack.web;

import org.jspecify.annotations.NullMarked;
