package dev.vestibule.e2e;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.vestibule.config.Secret;
import dev.vestibule.ingress.signature.CredentialsVerifier;
import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.PathKeyVerifier;
import dev.vestibule.ingress.signature.SignatureScheme;
import dev.vestibule.ingress.signature.StandardWebhooks;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.crypto.Mac;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether a signature or a secret fits is asked in one way only, whose time does not tell where the
 * difference is. Held by construction: who computes or holds one may ask nothing else about bytes
 * or text, and what they hold goes nowhere else.
 */
class ConstantTimeTest {
  /** All that they ask; of these, only {@code isEqual} sees what was computed or is secret. */
  private static final Set<String> ASKED =
      Set.of(
          "MessageDigest.isEqual",
          "Secret.matches",
          "CredentialsVerifier.fitting",
          "HmacVerifier.fittingSecret",
          // Of what was received, or of what the configuration says.
          "HmacVerifier.repeated",
          "SignedText.delimits",
          "Timestamp.fits",
          "Encoding.length",
          "Instant.isAfter",
          "String.regionMatches",
          "String.isEmpty",
          "String.length",
          "List.isEmpty",
          "List.size",
          "Long.parseLong",
          "Iterator.hasNext",
          "Object.hashCode");

  /** What tells two things apart, one way or another. */
  private static final Set<String> ANSWERS =
      Set.of("boolean", "int", "long", "byte", "char", "java.lang.Boolean", "java.lang.Integer");

  private static JavaClasses classes;

  @BeforeAll
  static void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.vestibule.ingress", "dev.vestibule.config");
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        HmacVerifier.class,
        CredentialsVerifier.class,
        PathKeyVerifier.class,
        Secret.class
      })
  void whoSeesASecretComparesInConstantTimeOnly(Class<?> sees) throws Exception {
    List<String> asked =
        classes.get(sees).getCodeUnitAccessesFromSelf().stream()
            .map(access -> access.getTarget())
            .filter(target -> ANSWERS.contains(target.getRawReturnType().getName()))
            .map(ConstantTimeTest::named)
            .toList();

    assertThat(asked).isSubsetOf(ASKED);
    assertThat(bytesAreReadOneByOne(sees)).isFalse();
  }

  @Test
  void whoComputesASignatureComparesIt() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress..")
        .and()
        .doNotBelongToAnyOf(HmacVerifier.class, SignatureScheme.class)
        .should()
        .callMethodWhere(target(owner(assignableTo(Mac.class))).and(target(name("doFinal"))))
        .check(classes);
    for (Class<?> compares : List.of(HmacVerifier.class, Secret.class)) {
      assertThat(classes.get(compares).getMethodCallsFromSelf())
          .extracting(call -> named(call.getTarget()))
          .contains("MessageDigest.isEqual");
    }
  }

  /** What signs what we send must not be taken to judge what was sent to us. */
  @Test
  void onlyWhatGoesOutIsSignedWithoutBeingCompared() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress..")
        .and()
        .resideOutsideOfPackage("dev.vestibule.ingress.decision.external")
        .and()
        .doNotBelongToAnyOf(StandardWebhooks.class)
        .should()
        .callMethodWhere(
            target(owner(belongToAnyOf(SignatureScheme.class, StandardWebhooks.class)))
                .and(target(name("sign"))))
        .check(classes);
  }

  /** The text of a secret leaves its object only where it becomes a key, or goes to its owner. */
  @Test
  void onlyTheTablesOfSendersSeeTheTextOfSecrets() {
    noClasses()
        .that()
        .resideInAPackage("dev.vestibule.ingress..")
        .and()
        .haveSimpleNameNotStartingWith("Sources")
        .and()
        .haveNameNotMatching(".*\\.(SlackSinks|StandardWebhooks|EnvoyRequests)")
        .should()
        .callMethod(Secret.class, "reveal")
        .orShould()
        .callMethod(Secret.class, "bytes")
        .check(classes);
  }

  private static String named(AccessTarget.CodeUnitAccessTarget target) {
    return target.getOwner().getSimpleName() + "." + target.getName();
  }

  private static boolean bytesAreReadOneByOne(Class<?> type) throws IOException {
    String file = type.getSimpleName() + ".class";
    try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(file))) {
      return ClassFile.of().parse(in.readAllBytes()).methods().stream()
          .flatMap(method -> method.code().stream())
          .flatMap(CodeModel::elementStream)
          .anyMatch(ConstantTimeTest::readsAByte);
    }
  }

  private static boolean readsAByte(CodeElement element) {
    return element instanceof ArrayLoadInstruction load
        && switch (load.typeKind()) {
          case BYTE, CHAR, INT, LONG -> true;
          default -> false;
        };
  }
}
