/**
 * What was given up, for people: it is listed, explained, and sent on its way again once the reason
 * is gone. Knows the topics of all rooms, and how each takes a record back.
 */
@NullMarked
package dev.vestibule.standalone.deadletters;

import org.jspecify.annotations.NullMarked;
