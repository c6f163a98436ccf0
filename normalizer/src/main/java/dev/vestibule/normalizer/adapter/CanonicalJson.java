package dev.vestibule.normalizer.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Canonical JSON after RFC 8785: members sorted by UTF-16 code units, no blanks, shortest escapes.
 * Members whose value is null are left out. One deliberate difference: numbers keep all their
 * digits, where the RFC rounds them to a double, so that two ids beyond 2^53 stay two ids.
 */
public final class CanonicalJson {
  private final StringBuilder out = new StringBuilder();

  private CanonicalJson() {}

  public static String of(JsonNode node) {
    CanonicalJson json = new CanonicalJson();
    json.value(node);
    return json.out.toString();
  }

  private void value(JsonNode node) {
    if (node.isObject()) {
      object(node);
    } else if (node.isArray()) {
      array(node);
    } else if (node.isTextual()) {
      string(node.textValue());
    } else if (node.isNumber()) {
      number(node.decimalValue());
    } else {
      out.append(node.asText("null"));
    }
  }

  private void object(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    Collections.sort(names);
    char before = '{';
    for (String name : names) {
      JsonNode member = node.get(name);
      if (!member.isNull()) {
        out.append(before);
        string(name);
        out.append(':');
        value(member);
        before = ',';
      }
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private void array(JsonNode node) {
    char before = '[';
    for (JsonNode element : node) {
      out.append(before);
      value(element);
      before = ',';
    }
    out.append(before == '[' ? "[]" : "]");
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** The layout of ECMAScript's number-to-string, over exact digits. */
  private void number(BigDecimal number) {
    if (number.signum() == 0) {
      out.append('0');
      return;
    }
    if (number.signum() < 0) {
      out.append('-');
    }
    BigDecimal stripped = number.abs().stripTrailingZeros();
    String digits = stripped.unscaledValue().toString();
    long point = (long) digits.length() - stripped.scale();
    if (point > 21 || point <= -6) {
      out.append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      out.append('e').append(point > 0 ? "+" : "").append(point - 1);
    } else if (point <= 0) {
      out.append("0.").append("0".repeat((int) -point)).append(digits);
    } else if (point >= digits.length()) {
      out.append(digits).append("0".repeat((int) point - digits.length()));
    } else {
      out.append(digits, 0, (int) point).append('.').append(digits, (int) point, digits.length());
    }
  }
}
