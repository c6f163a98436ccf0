/** What every service has besides its work: the admin port with health and metrics. */
@NullMarked
package dev.vestibule.service;

import org.jspecify.annotations.NullMarked;
