#include "command/page/html.h"

#include "base/printable.h"
#include "command/show/figure.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdarg.h>

static const char style[] =
    ":root{--back:#fff;--text:#1d2126;--soft:#5b6570;--rule:#d9dee3;--panel:#f5f7f9;--blue:#0072b2;--red:#c84e00;"
    "--green:#00805f;--heat:0,114,178;color-scheme:light dark}\n"
    "@media(prefers-color-scheme:dark){:root{--back:#14171a;--text:#e4e8ec;--soft:#9aa5b0;--rule:#343b43;"
    "--panel:#1d2226;--blue:#56b4e9;--red:#f0833a;--green:#2bc69b;--heat:86,180,233}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}\n"
    "main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}\n"
    "h1{font-size:1.6rem;margin:.5rem 0 0;overflow-wrap:anywhere}\n"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}\n"
    "p{margin:.4rem 0;color:var(--soft);max-width:46rem}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.6rem 0}\n"
    "th,td{padding:.22rem .75rem .22rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}\n"
    "th{font-weight:600}thead th{color:var(--soft);font-weight:500}\n"
    "td{overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}\n"
    "tr.same{color:var(--soft)}tr.same th{font-weight:400}\n"
    ".scroll{overflow-x:auto}\n"
    ".figures{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.1rem 0 .5rem}\n"
    ".figures div{background:var(--panel);border:1px solid var(--rule);border-radius:.5rem;padding:.6rem 1rem;"
    "min-width:9rem}\n"
    ".figures b{display:block;font-size:1.35rem;font-weight:600}.figures span{color:var(--soft);font-size:.85rem}\n"
    ".columns{columns:22rem 2;column-gap:2.5rem}.columns table{width:100%;margin:0}.columns tr{break-inside:avoid}\n"
    ".columns th{width:45%}\n"
    "pre{background:var(--panel);border:1px solid var(--rule);border-radius:.5rem;padding:.75rem 1rem;"
    "white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}\n"
    "summary{cursor:pointer;color:var(--blue)}\n"
    ".charts{display:flex;flex-wrap:wrap;gap:1rem}.charts svg{flex:1 1 24rem;min-width:0}\n"
    "svg{width:100%;height:auto;max-width:40rem;font-family:inherit}svg text{fill:var(--text)}\n"
    ".grid{stroke:var(--rule)}.axis{stroke:var(--soft)}\n"
    ".reference{stroke:var(--soft);stroke-dasharray:6 4}\n"
    ".line0{stroke:var(--blue)}.line1{stroke:var(--red)}.line2{stroke:var(--green)}\n"
    ".dot0{fill:var(--blue)}.dot1{fill:var(--red)}.dot2{fill:var(--green)}\n"
    ".matrix td,.matrix th{border:1px solid var(--rule);padding:.25rem .5rem;text-align:right;white-space:nowrap}\n"
    ".matrix td{min-width:3rem;background:rgba(var(--heat),var(--share))}.matrix td.right{font-weight:700}\n"
    ".bar{display:inline-block;height:.7em;background:var(--blue);border-radius:.15em}td.bars{width:16rem}\n"
    "footer{margin-top:3rem;color:var(--soft);font-size:.85rem}\n"
    "@media print{main{max-width:none}details{display:none}}\n";

void html_text(FILE *out, const char *text) {
    char clean[LINE_CAPACITY];
    snprintf(clean, sizeof clean, "%s", text);
    for (const char *c = printable_clean(clean); *c; c++) {
        switch (*c) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\'': fputs("&#39;", out); break;
        default: fputc(*c, out);
        }
    }
}

void html_begin(FILE *out, const char *title) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>",
          out);
    html_text(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    html_text(out, title);
    fputs("</h1>\n", out);
}

void html_end(FILE *out) {
    fputs("</main>\n</body>\n</html>\n", out);
}

void html_heading(FILE *out, const char *text) {
    fputs("<h2>", out);
    html_text(out, text);
    fputs("</h2>\n", out);
}

__attribute__((format(printf, 2, 0))) static void put_formatted(FILE *out, const char *format, va_list arguments) {
    char text[LINE_CAPACITY];
    vsnprintf(text, sizeof text, format, arguments);
    html_text(out, text);
}

void html_note(FILE *out, const char *format, ...) {
    va_list arguments;
    fputs("<p>", out);
    va_start(arguments, format);
    put_formatted(out, format, arguments);
    va_end(arguments);
    fputs("</p>\n", out);
}

void html_row(FILE *out, const char *name, const char *format, ...) {
    va_list arguments;
    fputs("<tr><th>", out);
    html_text(out, name);
    fputs("</th><td>", out);
    va_start(arguments, format);
    put_formatted(out, format, arguments);
    va_end(arguments);
    fputs("</td></tr>\n", out);
}

void html_number(FILE *out, const char *format, double value) {
    char text[64] = "–";
    if (isfinite(value) && format)
        snprintf(text, sizeof text, format, value);
    else if (isfinite(value))
        figure_text(value, false, text);
    fprintf(out, "<td class=\"n\">%s</td>", text);
}

void html_bar(FILE *out, double part) {
    fprintf(out, "<td class=\"bars\"><span class=\"bar\" style=\"width:%.1f%%\"></span></td>",
            100.0 * fmax(0.0, fmin(1.0, part)));
}
