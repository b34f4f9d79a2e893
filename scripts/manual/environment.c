/* docs/environment.md. */
#include "manual.h"

static void put_variable(FILE *out, const option_row *row) {
    fprintf(out, "| `%s` | for `--%s`, where that is not given: %s |\n", row->environment, row->name, row->help);
}

void environment_document(FILE *out) {
    fputs("# The environment\n\n"
          "Variables that the program looks at. What the command line says wins over a variable, a variable over the "
          "file "
          "of\n`epocl train --config`, and that over defaults. An empty variable is one that is not set; a flag is "
          "`on` or "
          "`off`.\nWritten by `make docs` from the tables of options.\n\n"
          "| variable | what |\n|---|---|\n",
          out);
    for_each_variable(out, put_variable);
    for (size_t i = 0; i < variable_text_count; i++)
        fprintf(out, "| `%s` | %s |\n", variable_texts[i].name, variable_texts[i].text);
}
