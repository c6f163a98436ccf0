package dev.vestibule.ingress.decision.policy;

import com.google.common.collect.ImmutableMap;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelMap;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Walks a checked expression: refuses what could grow beyond the input, prices what is dear, and
 * compiles its regular expressions.
 *
 * <p>Values that grow are refused by type. Lists of lists, concatenation and {@code map()} would
 * allow to double a value with every few characters of the expression, which no count of steps
 * notices in time.
 */
final class Expression extends CelExprVisitor {
  static final int MAX_LITERAL = 512;
  static final int MAX_NESTING = 2;
  static final int MAX_PROGRAM = 1000;

  /** Repeats inside repeats multiply, before any program size is known. */
  private static final int MAX_REPEATS = 1000;

  private static final java.util.regex.Pattern REPEAT =
      java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

  /** For each instruction of its program, which looks at each character. */
  static final int MATCHES_COST = 2;

  /** At worst a search takes the product of both lengths. */
  private static final int CONTAINS_COST = 20;

  private static final int CONTAINS_FACT_COST = 500;
  private static final int LOWER_COST = 5;

  /** The engine looks at each answer when the map is handed out. */
  private static final int ANSWERS_COST = 20;

  private final CelAbstractSyntaxTree tree;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Pattern> patterns = new HashMap<>();
  private int[] costs = new int[0];
  private int nesting;

  private Expression(CelAbstractSyntaxTree tree) {
    this.tree = tree;
  }

  /** Walks all of it. */
  static Expression of(CelAbstractSyntaxTree tree) {
    Expression expression = new Expression(tree);
    expression.visit(tree);
    tree.getTypeMap().forEach(expression::checkType);
    return expression;
  }

  /** Each with its place in the expression; empty when it may be used. */
  List<String> problems() {
    return problems;
  }

  /** By their text. */
  ImmutableMap<String, Pattern> patterns() {
    return ImmutableMap.copyOf(patterns);
  }

  /** Steps by node id. */
  int[] costs() {
    return costs;
  }

  @Override
  public void visit(CelExpr expr) {
    if (expr.id() >= costs.length) {
      int old = costs.length;
      costs = Arrays.copyOf(costs, (int) expr.id() + 1);
      Arrays.fill(costs, old, costs.length, 1);
    }
    super.visit(expr);
  }

  @Override
  protected void visit(CelExpr expr, CelConstant constant) {
    if (constant.getKind() == CelConstant.Kind.STRING_VALUE
        && constant.stringValue().length() > MAX_LITERAL) {
      problem(
          expr.id(),
          "a text of "
              + constant.stringValue().length()
              + " characters; use at most "
              + MAX_LITERAL);
    }
  }

  @Override
  protected void visit(CelExpr expr, CelSelect select) {
    if (select.field().equals(Fact.ENTRY_ANSWERS.field())) {
      costs[(int) expr.id()] = ANSWERS_COST;
    }
    super.visit(expr, select);
  }

  @Override
  protected void visit(CelExpr expr, CelCall call) {
    switch (call.function()) {
      case "matches" -> {
        Pattern pattern = pattern(call.args().get(call.args().size() - 1));
        if (pattern != null) {
          costs[(int) expr.id()] = MATCHES_COST * pattern.programSize();
        }
      }
      case "contains" -> costs[(int) expr.id()] = containsCost(call.args().getFirst());
      case "lowerAscii" -> costs[(int) expr.id()] = LOWER_COST;
      default -> {
        // One step.
      }
    }
    super.visit(expr, call);
  }

  @Override
  protected void visit(CelExpr expr, CelMap map) {
    problem(expr.id(), "a map cannot be written here; use a list, or several comparisons");
  }

  @Override
  protected void visit(CelExpr expr, CelComprehension comprehension) {
    nesting++;
    if (nesting == MAX_NESTING + 1) {
      problem(
          expr.id(),
          "all(), exists() and exists_one() are nested more than "
              + MAX_NESTING
              + " deep; make several policies of it");
    }
    super.visit(expr, comprehension);
    nesting--;
  }

  private static int containsCost(CelExpr needle) {
    return isText(needle)
        ? CONTAINS_COST + needle.constant().stringValue().length()
        : CONTAINS_FACT_COST;
  }

  private static boolean isText(CelExpr expr) {
    return expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE;
  }

  private @Nullable Pattern pattern(CelExpr argument) {
    if (!isText(argument)) {
      problem(argument.id(), "matches() needs its regular expression as a text in quotes");
      return null;
    }
    String text = argument.constant().stringValue();
    if (text.length() > MAX_LITERAL) {
      return null; // reported as a text
    }
    if (repeats(text) > MAX_REPEATS) {
      problem(
          argument.id(),
          "the repeats of the regular expression multiply to more than "
              + MAX_REPEATS
              + "; use smaller numbers, or * and +");
      return null;
    }
    try {
      Pattern pattern = Pattern.compile(text);
      if (pattern.programSize() > MAX_PROGRAM) {
        problem(
            argument.id(),
            "the regular expression has size "
                + pattern.programSize()
                + "; use one of at most "
                + MAX_PROGRAM);
        return null;
      }
      patterns.put(text, pattern);
      return pattern;
    } catch (PatternSyntaxException e) {
      problem(
          argument.id(),
          "the regular expression is not understood ("
              + e.getDescription()
              + "); use RE2 syntax, which has no back references and no look-around");
      return null;
    }
  }

  private static long repeats(String regex) {
    long product = 1;
    Matcher matcher = REPEAT.matcher(regex);
    while (matcher.find() && product <= MAX_REPEATS) {
      long low = Long.parseLong(matcher.group(1));
      String upper = matcher.group(2);
      long high = upper == null || upper.isEmpty() ? low : Long.parseLong(upper);
      product *= Math.max(1, Math.max(low, high));
    }
    return product;
  }

  private void checkType(long id, CelType type) {
    boolean known =
        isScalar(type)
            || type instanceof StructType
            || type.equals(Fact.Kind.ANSWERS.type())
            || (type instanceof ListType list && list.hasElemType() && isScalar(list.elemType()));
    if (!known) {
      problem(
          id,
          "a value of type "
              + type.name()
              + " cannot be used; use texts, whole numbers, true and false, and lists of one of"
              + " them");
    }
  }

  private static boolean isScalar(CelType type) {
    return type.equals(SimpleType.STRING)
        || type.equals(SimpleType.INT)
        || type.equals(SimpleType.BOOL);
  }

  private void problem(long id, String problem) {
    Integer offset = tree.getSource().getPositionsMap().get(id);
    String place =
        offset == null
            ? ""
            : tree.getSource().getOffsetLocation(offset).map(Expression::place).orElse("");
    problems.add(place + problem);
  }

  /** Line and column, both from 1, as editors count. */
  static String place(CelSourceLocation location) {
    return "line " + location.getLine() + " column " + (location.getColumn() + 1) + ": ";
  }
}
