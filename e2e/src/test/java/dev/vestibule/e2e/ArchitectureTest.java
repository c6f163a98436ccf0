package dev.vestibule.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rooms meet only at topics and in schemas, and pure logic stays pure. */
class ArchitectureTest {
  private static final String ROOT = "dev.vestibule.";
  private static final List<String> ROOMS =
      List.of("ingress", "normalizer", "deduper", "sink", "standalone");
  private static JavaClasses classes;

  @BeforeAll
  static void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.vestibule");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingress", "normalizer", "deduper", "sink"})
  void aRoomKnowsNoOtherRoom(String room) {
    String[] others =
        ROOMS.stream()
            .filter(other -> !other.equals(room))
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(ROOT + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(classes);
  }

  @Test
  void schemasKnowNoRoom() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "contract..",
            ROOT + "config..",
            ROOT + "control..",
            ROOT + "serde..",
            ROOT + "service..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOMS.stream().map(room -> ROOT + room + "..").toArray(String[]::new))
        .check(classes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev.vestibule.ingress.signature..",
        "dev.vestibule.ingress.decision.policy..",
        "dev.vestibule.ingress.spool..",
        "dev.vestibule.ingress.decision.watchlist..",
        "dev.vestibule.normalizer.adapter..",
        "dev.vestibule.deduper.verdict.."
      })
  void pureLogicKnowsNeitherKafkaNorMicronaut(String pure) {
    noClasses()
        .that()
        .resideInAPackage(pure)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "io.micronaut..")
        .check(classes);
  }

  @Test
  void signaturesNeedNothingButTheJdk() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress.signature..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "java..",
            "javax.crypto..",
            "org.jspecify..",
            "dev.vestibule.ingress.signature..",
            "dev.vestibule.config..")
        .check(classes);
  }

  @Test
  void onlyTheIngressSeesMicronaut() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule..")
        .and()
        .resideOutsideOfPackage("dev.vestibule.ingress..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.micronaut..")
        .check(classes);
  }
}
