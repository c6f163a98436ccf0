package dev.vestibule.ingress.decision.policy;

import dev.cel.runtime.CelVariableResolver;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one visit when a decision is asked for. Immutable. An {@linkplain #unreadable()
 * unreadable} input is always a manual review.
 */
public final class Input implements CelVariableResolver {
  private final Map<Fact, Object> facts;
  private final @Nullable String unreadable;
  private final Map<String, Optional<Object>> sections;

  private Input(Map<Fact, Object> facts, @Nullable String unreadable) {
    this.facts = facts;
    this.unreadable = unreadable;
    this.sections = new HashMap<>();
    Fact.SECTIONS.forEach((name, fields) -> {
      Map<String, Object> values = new LinkedHashMap<>();
      fields.forEach((field, fact) -> {
        Object value = facts.get(fact);
        if (value != null) {
          values.put(field, value);
        }
      });
      sections.put(name, Optional.of(new Section(name, values)));
    });
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Where the request could not be understood, e.g. {@code payload.attributes}; null if it was. */
  public @Nullable String unreadable() {
    return unreadable;
  }

  /** The value of a text fact, or null when it is absent. */
  public @Nullable String text(Fact fact) {
    return facts.get(fact) instanceof String text ? text : null;
  }

  /** Question to answer; none when nobody asked. */
  public Map<String, String> answers() {
    Map<String, String> answers = new LinkedHashMap<>();
    if (facts.get(Fact.ENTRY_ANSWERS) instanceof Map<?, ?> map) {
      map.forEach((question, answer) -> answers.put((String) question, (String) answer));
    }
    return answers;
  }

  /**
   * The same visit with what the watchlist says about it. Without it every policy that asks about
   * the watchlist ends in a review.
   *
   * @param score 0 to 100
   * @param lists names of the lists that hit; the reasons on them stay out of here
   */
  public Input withWatchlist(boolean hit, int score, Collection<String> lists) {
    Builder builder = new Builder();
    builder.facts.putAll(facts);
    builder.unreadable = unreadable;
    return builder
        .flag(Fact.WATCHLIST_HIT, hit)
        .number(Fact.WATCHLIST_SCORE, score)
        .texts(Fact.WATCHLIST_LISTS, lists)
        .build();
  }

  /** Known facts, in their order; what is not known is not in it. */
  public Map<Fact, Object> facts() {
    return Collections.unmodifiableMap(facts);
  }

  @Override
  public Optional<Object> find(String name) {
    return sections.getOrDefault(name, Optional.empty());
  }

  /** Which facts are known; never what they are. */
  @Override
  public String toString() {
    return "Input" + facts.keySet() + (unreadable == null ? "" : " unreadable " + unreadable);
  }

  /** Collects facts; a fact that is not set is absent. */
  public static final class Builder {
    private final Map<Fact, Object> facts = new EnumMap<>(Fact.class);
    private @Nullable String unreadable;

    private Builder() {}

    /** Null and blank text leave the fact absent. */
    public Builder text(Fact fact, @Nullable String value) {
      return put(fact, Fact.Kind.TEXT, value == null || value.isBlank() ? null : value);
    }

    public Builder number(Fact fact, long value) {
      return put(fact, Fact.Kind.NUMBER, value);
    }

    public Builder flag(Fact fact, boolean value) {
      return put(fact, Fact.Kind.FLAG, value);
    }

    public Builder texts(Fact fact, Collection<String> values) {
      return put(fact, Fact.Kind.TEXTS, List.copyOf(values));
    }

    public Builder answers(Fact fact, Map<String, String> values) {
      return put(fact, Fact.Kind.ANSWERS, Collections.unmodifiableMap(new LinkedHashMap<>(values)));
    }

    /** Marks the input; the first mark stays. */
    public Builder unreadable(String where) {
      if (unreadable == null) {
        unreadable = where;
      }
      return this;
    }

    public Input build() {
      return new Input(new EnumMap<>(facts), unreadable);
    }

    private Builder put(Fact fact, Fact.Kind kind, @Nullable Object value) {
      if (fact.kind() != kind) {
        throw new IllegalArgumentException(fact + " is " + fact.kind() + ", not " + kind);
      }
      if (value == null) {
        facts.remove(fact);
      } else {
        facts.put(fact, value);
      }
      return this;
    }
  }
}
