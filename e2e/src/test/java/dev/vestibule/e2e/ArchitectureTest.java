package dev.vestibule.e2e;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.never;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import dev.vestibule.config.Secret;
import dev.vestibule.ingress.signature.CredentialsVerifier;
import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.PathKeyVerifier;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.crypto.Mac;
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

  /**
   * Whatever holds a secret or computes a signature may compare only with {@code
   * MessageDigest.isEqual}, whose time does not tell where the difference is.
   */
  @Test
  void secretsAreComparedInConstantTimeOnly() {
    classes()
        .that()
        .belongToAnyOf(
            HmacVerifier.class, CredentialsVerifier.class, PathKeyVerifier.class, Secret.class)
        .should(notCall("equals", String.class, Arrays.class, Objects.class, List.class))
        .andShould(notCall("equalsIgnoreCase", String.class))
        .andShould(notCall("contentEquals", String.class))
        .andShould(notCall("compareTo", String.class))
        .andShould(notCall("startsWith", String.class))
        .andShould(notCall("endsWith", String.class))
        .andShould(notCall("indexOf", String.class, List.class))
        .andShould(notCall("contains", String.class, List.class))
        .andShould(notCall("compare", Arrays.class))
        .andShould(notCall("mismatch", Arrays.class))
        .check(classes);
  }

  @Test
  void whoComputesASignatureComparesIt() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress..")
        .and()
        .doNotBelongToAnyOf(HmacVerifier.class)
        .should()
        .callMethodWhere(
            JavaCall.Predicates.target(owner(assignableTo(Mac.class)))
                .and(JavaCall.Predicates.target(nameMatching("doFinal"))))
        .check(classes);
    for (Class<?> compares : List.of(HmacVerifier.class, Secret.class)) {
      assertThat(classes.get(compares).getMethodCallsFromSelf())
          .as(compares.getSimpleName())
          .anyMatch(call ->
              call.getTargetOwner().isEquivalentTo(MessageDigest.class)
                  && call.getName().equals("isEqual"));
    }
  }

  /**
   * The text of a secret leaves its object only where it becomes a key or is looked at in whole.
   */
  @Test
  void onlyTheTableOfSourcesSeesTheTextOfSecrets() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress..")
        .and()
        .haveSimpleNameNotStartingWith("Sources")
        .should()
        .callMethod(Secret.class, "reveal")
        .orShould()
        .callMethod(Secret.class, "bytes")
        .check(classes);
  }

  private static ArchCondition<JavaClass> notCall(String method, Class<?>... owners) {
    return never(
        callMethodWhere(
            JavaCall.Predicates.target(nameMatching(method))
                .and(
                    DescribedPredicate.describe(
                        "of " + Arrays.toString(owners),
                        call ->
                            Arrays.stream(owners)
                                .anyMatch(owner -> call.getTargetOwner().isAssignableTo(owner))))));
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
