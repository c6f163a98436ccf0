/** Tests of the ingress against its real HTTP server. The publisher is a recording one. */
@NullMarked
package dev.vestibule.ingress;

import org.jspecify.annotations.NullMarked;
