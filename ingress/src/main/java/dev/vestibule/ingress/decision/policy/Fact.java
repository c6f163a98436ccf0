package dev.vestibule.ingress.decision.policy;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything a policy can ask about, and the type of each answer. A fact that nobody knows is
 * absent; it is never empty text.
 */
public enum Fact {
  VISITOR_ID("visitor.id", Kind.TEXT),
  VISITOR_NAME("visitor.name", Kind.TEXT),
  VISITOR_EMAIL("visitor.email", Kind.TEXT),
  VISITOR_PHONE("visitor.phone", Kind.TEXT),
  VISITOR_COMPANY("visitor.company", Kind.TEXT),
  VISITOR_EMPLOYEE("visitor.employee", Kind.FLAG),
  HOST_ID("host.id", Kind.TEXT),
  HOST_NAME("host.name", Kind.TEXT),
  HOST_EMAIL("host.email", Kind.TEXT),
  SITE_ID("site.id", Kind.TEXT),
  SITE_NAME("site.name", Kind.TEXT),
  SITE_HIGH_SECURITY("site.high_security", Kind.FLAG),
  ENTRY_ID("entry.id", Kind.TEXT),
  ENTRY_FLOW("entry.flow", Kind.TEXT),
  ENTRY_PURPOSE("entry.purpose", Kind.TEXT),
  ENTRY_ANSWERS("entry.answers", Kind.ANSWERS),
  INVITE_ID("invite.id", Kind.TEXT),
  WATCHLIST_HIT("watchlist.hit", Kind.FLAG),
  WATCHLIST_SCORE("watchlist.score", Kind.NUMBER),
  WATCHLIST_LISTS("watchlist.lists", Kind.TEXTS),
  TIME_HOUR("time.hour", Kind.NUMBER),
  TIME_MINUTE("time.minute", Kind.NUMBER),
  TIME_WEEKDAY("time.weekday", Kind.NUMBER),
  TIME_DATE("time.date", Kind.TEXT),
  SOURCE_NAME("source.name", Kind.TEXT);

  /** How a value of a fact looks in Java and in CEL. */
  enum Kind {
    /** {@link String}, not blank. */
    TEXT(SimpleType.STRING),
    /** {@link Long}. */
    NUMBER(SimpleType.INT),
    /** {@link Boolean}. */
    FLAG(SimpleType.BOOL),
    /** {@link java.util.List} of {@link String}. */
    TEXTS(ListType.create(SimpleType.STRING)),
    /** {@link Map} of question to answer. */
    ANSWERS(MapType.create(SimpleType.STRING, SimpleType.STRING));

    private final CelType type;

    Kind(CelType type) {
      this.type = type;
    }

    CelType type() {
      return type;
    }
  }

  /** Section by section, each with its facts by field name, in the order above. */
  static final Map<String, Map<String, Fact>> SECTIONS = sections();

  private final String variable;
  private final Kind kind;

  Fact(String variable, Kind kind) {
    this.variable = variable;
    this.kind = kind;
  }

  /** As a policy writes it, e.g. {@code visitor.name}. */
  public String variable() {
    return variable;
  }

  Kind kind() {
    return kind;
  }

  /** Before the full stop, e.g. {@code visitor}. */
  public String section() {
    return variable.substring(0, variable.indexOf('.'));
  }

  /** After the full stop, e.g. {@code name}. */
  public String field() {
    return variable.substring(variable.indexOf('.') + 1);
  }

  private static Map<String, Map<String, Fact>> sections() {
    Map<String, Map<String, Fact>> sections = new LinkedHashMap<>();
    Arrays.stream(values())
        .forEach(fact ->
            sections
                .computeIfAbsent(fact.section(), name -> new LinkedHashMap<>())
                .put(fact.field(), fact));
    sections.replaceAll((name, facts) -> ImmutableMap.copyOf(facts));
    return Collections.unmodifiableMap(sections);
  }
}
