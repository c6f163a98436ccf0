package dev.vestibule.e2e;

/**
 * How long tests of endurance take: everything in {@code .ci/run} and where {@code
 * -Dvestibule.endurance=full} says so, less of the same in {@code mvn verify}.
 */
final class Endurance {
  static final boolean FULL = "full".equals(System.getProperty("vestibule.endurance"));

  private Endurance() {}

  static int of(int shortly, int fully) {
    System.out.println(
        "endurance: " + (FULL ? fully : shortly + " of " + fully + ", .ci/run takes all"));
    return FULL ? fully : shortly;
  }
}
