/** Apache Camel as an ingress, on its own libraries: a contender of {@code bench ingress}. */
package dev.vestibule.benchmarks.camel;
