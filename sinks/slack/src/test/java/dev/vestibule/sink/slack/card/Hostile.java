package dev.vestibule.sink.slack.card;

import java.util.Random;

/** Names as somebody might type them who wants to be more than a name. */
final class Hostile {
  private static final String[] PIECES = {
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<@U2CERLKJA>",
    "<#C0123>",
    "<!subteam^S0123>",
    "<https://evil.example|Approve>",
    "<mailto:a@evil.example|Sam>",
    "<!date^0^{date}|now>",
    "&lt;!channel&gt;",
    "&amp;",
    "&",
    "<",
    ">",
    "|",
    "*bold*",
    "_it_",
    "~gone~",
    "`code`",
    "```",
    "\n",
    "\r\n",
    "\u0085",
    "\u2028",
    "\u2029",
    "\u000b",
    "\t",
    "\u0000",
    "\u001b[31m",
    "\u007f",
    "\u202e",
    "\u202d",
    "\u2066",
    "\u2069",
    "\u200f",
    "\u061c",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u034f",
    "\u3164",
    "\ufe0f",
    "\u2800",
    "\u00a0",
    "\u3000",
    "\udb40\udc41",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\ue000",
    ":bomb:",
    ":white_check_mark:",
    "https://evil.example/a?b=c",
    "www.evil.example",
    "evil.example",
    "@channel",
    "@here",
    "#general",
    "> quote",
    "&gt; quote",
    "• item",
    "1. item",
    "\",\"type\":\"mrkdwn\"",
    "\\n",
    "\\u003c!channel\\u003e",
    "}]}",
    "Visitor approved",
    "a\u0301\u0301\u0301\u0301\u0301\u0301",
    "\u0489\u0489\u0489\u0489\u0489\u0489",
    "Ada",
    "Lovelace",
    "😀",
    "👩\u200d🚀",
    "مريم",
    "李",
    " ",
    "   ",
    "x".repeat(300),
    "😀".repeat(120),
    "<".repeat(100),
    "&".repeat(100),
    "*".repeat(90)
  };

  private final Random random;

  Hostile(Random random) {
    this.random = random;
  }

  String name() {
    StringBuilder name = new StringBuilder();
    for (int pieces = random.nextInt(5); pieces >= 0; pieces--) {
      if (random.nextInt(6) == 0) {
        name.append((char) random.nextInt(0x10000));
      } else if (random.nextInt(6) == 0) {
        name.appendCodePoint(random.nextInt(0x110000));
      } else {
        name.append(PIECES[random.nextInt(PIECES.length)]);
      }
      if (random.nextInt(3) == 0) {
        name.append(' ');
      }
    }
    return name.toString();
  }
}
