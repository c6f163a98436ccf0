@NullMarked
package dev.vestibule.fake.slack;

import org.jspecify.annotations.NullMarked;
