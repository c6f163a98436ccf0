/** Tests of the policies: from files where breadth matters, hostile ones, and random sets. */
@NullMarked
package dev.vestibule.ingress.decision.policy;

import org.jspecify.annotations.NullMarked;
