/**
 * Kisi: a cloud, where a grant is a member with an address made up for the visit, and a role in
 * each group with dates. The address carries our key.
 */
@NullMarked
package dev.vestibule.sink.access.target.kisi;

import org.jspecify.annotations.NullMarked;
